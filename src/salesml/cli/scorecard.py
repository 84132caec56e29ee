"""`scorecard`: how the team sells, by outcomes."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import TYPE_CHECKING

from salesml.cli.exit_codes import ALARMS
from salesml.cli.inputs import open_crm
from salesml.cli.options import Commands, crm_option
from salesml.cli.say import aside, say
from salesml.cli.values import count

if TYPE_CHECKING:
    from salesml.scorecard import Scorecard


def add_commands(commands: Commands) -> None:
    """Add the command."""
    add = commands.add_parser("scorecard", help="is the team productive, or only busy: tables and a report")
    crm_option(add)
    add.add_argument("--out", type=Path, required=True, metavar="DIR", help="where tables and report go")
    add.add_argument(
        "--scores", type=Path, action="append", default=[], metavar="FILE|DIR",
        help="what `score` wrote: a Parquet file, or of a folder one date, task=NAME/as_of=DATE; may be "
        "given several times",
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
    add.add_argument("--json", action="store_true", help="the summary for another program")
    add.set_defaults(run=_scorecard)


def _scorecard(arguments: argparse.Namespace) -> int:
    from salesml.scorecard.run import scorecard
    from salesml.scorecard.write import check_free

    check_free(arguments.out)
    if arguments.handover:
        return _hand_over(arguments)
    tell = aside if arguments.json else say
    found = scorecard(
        open_crm(arguments), scores=arguments.scores, expected=arguments.expected,
        threads=arguments.threads, memory=arguments.memory, say=tell,
    )  # fmt: skip
    tell("writing the report and the tables")
    out = found.save(arguments.out)
    if arguments.json:
        say(json.dumps(found.as_json() | {"out": str(out)}, ensure_ascii=False))
    else:
        _tell(found)
        say(f"wrote {out / 'report.html'}")
    return ALARMS if found.alarms else 0


def _hand_over(arguments: argparse.Namespace) -> int:
    from salesml.scorecard.handover import hand_over
    from salesml.scorecard.write import save

    sheet = hand_over(
        open_crm(arguments), arguments.handover, scores=arguments.scores,
        threads=arguments.threads, memory=arguments.memory,
    )  # fmt: skip
    say(f"wrote {save({'handover': sheet}, arguments.out)}")
    return 0


def _tell(found: Scorecard) -> None:
    """The summary, what got worse and what of the data bears on it."""
    say("")
    for title, words in found.summary:
        say(f"{title}: {words}")
    for words in found.alarms:
        say(f"ALARM: {words}")
    notes = len(found.tables["data_notes"])
    if notes:
        say(f"{notes} {'note' if notes == 1 else 'notes'} on the data: see the report")
