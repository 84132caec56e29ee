"""`payoff`: whether lists paid, by what came of them."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from salesml.cli.exit_codes import ALARMS
from salesml.cli.inputs import named_spec, open_crm, tracking
from salesml.cli.options import Commands, name_options
from salesml.cli.say import aside, say
from salesml.cli.values import count


def add_commands(commands: Commands) -> None:
    """Add the command that asks whether scoring paid."""
    add = commands.add_parser("payoff", help="did scoring pay: what came of lists, and how far lots tell why")
    name_options(add)
    add.add_argument(
        "--lists", type=Path, nargs="+", required=True, metavar="FILE|DIR",
        help="what `rank` wrote as Parquet, of one date or several",
    )  # fmt: skip
    add.add_argument(
        "--within", type=count, metavar="DAYS",
        help="contacts so many days from the list's date on count (gap and horizon)",
    )  # fmt: skip
    add.add_argument(
        "--out", type=Path, metavar="DIR", help="a folder for the folders of payoffs (models/NAME/payoff)"
    )
    add.add_argument("--json", action="store_true", help="for another program to read")
    add.set_defaults(run=_payoff)


def _payoff(arguments: argparse.Namespace) -> int:
    from salesml.lifecycle.backtest.keep import plain
    from salesml.lifecycle.payoff import payoff

    done = payoff(
        arguments.name, open_crm(arguments), arguments.lists, within_days=arguments.within, out=arguments.out,
        spec=named_spec(arguments), tracking=tracking(arguments), say=aside if arguments.json else say,
    )  # fmt: skip
    answer = {**done.data, "folder": str(done.folder), "run_id": done.run_id, "away": done.away}
    say(json.dumps(plain(answer)) if arguments.json else done.text())
    return ALARMS if done.harm else 0
