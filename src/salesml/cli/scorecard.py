"""`scorecard`: how the team sells, by outcomes."""

from __future__ import annotations

import argparse
from pathlib import Path

from salesml.cli.inputs import open_crm
from salesml.cli.options import Commands, crm_option
from salesml.cli.say import say
from salesml.cli.values import count


def add_commands(commands: Commands) -> None:
    """Add the command."""
    add = commands.add_parser("scorecard", help="is the team productive, or only busy: tables and a report")
    crm_option(add)
    add.add_argument("--out", type=Path, required=True, metavar="DIR", help="where tables and report go")
    add.add_argument(
        "--scores", type=Path, action="append", default=[], metavar="FILE",
        help="a score table in Parquet; may be given several times",
    )  # fmt: skip
    add.add_argument(
        "--expected", type=Path, metavar="FILE",
        help="expected_losses.parquet of a backtest; by default of the newest one beside crm.yaml",
    )  # fmt: skip
    add.add_argument(
        "--handover", default="", metavar="REP",
        help="write the sheet of this rep's book instead: its accounts and open prospects",
    )  # fmt: skip
    add.add_argument("--threads", type=count, metavar="N", help="that DuckDB may use")
    add.add_argument("--memory", default="", metavar="SIZE", help="that DuckDB may take, such as 4GB")
    add.set_defaults(run=_scorecard)


def _scorecard(arguments: argparse.Namespace) -> None:
    from salesml.scorecard.run import scorecard
    from salesml.scorecard.write import save

    if arguments.handover:
        from salesml.scorecard.handover import hand_over

        sheet = hand_over(
            open_crm(arguments),
            arguments.handover,
            scores=arguments.scores,
            threads=arguments.threads,
            memory=arguments.memory,
        )
        say(f"wrote {save({'handover': sheet}, arguments.out)}")
        return
    found = scorecard(
        open_crm(arguments),
        scores=arguments.scores,
        expected=arguments.expected,
        threads=arguments.threads,
        memory=arguments.memory,
    )
    say(f"wrote {save(found.tables, arguments.out)}")
