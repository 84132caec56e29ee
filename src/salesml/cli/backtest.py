"""`backtest`: the whole procedure replayed over many dates."""

from __future__ import annotations

import argparse
import json

from salesml.cli.exit_codes import ALARMS
from salesml.cli.inputs import decided_spec, open_crm, tracking
from salesml.cli.options import Commands, check_options, name_options
from salesml.cli.say import aside, say
from salesml.cli.values import count, date


def add_commands(commands: Commands) -> None:
    """Add the command that replays."""
    add = commands.add_parser("backtest", help="the whole procedure replayed over many dates")
    name_options(add)
    add.add_argument("--dates", type=count, metavar="N", help="at most so many with a known outcome (12)")
    add.add_argument("--from", dest="start", type=date, metavar="DATE", help="no date before this one")
    add.add_argument("--to", dest="end", type=date, metavar="DATE", help="no date after this one")
    add.add_argument("--every", choices=("month", "week"), help="how far apart; default: as the spec says")
    check_options(add)
    add.add_argument("--json", action="store_true", help="for another program to read")
    add.set_defaults(run=_backtest)


def _backtest(arguments: argparse.Namespace) -> int:
    from salesml.lifecycle.backtest import backtest

    done = backtest(
        arguments.name, open_crm(arguments), dates=arguments.dates, start=arguments.start, end=arguments.end,
        every=arguments.every, spec=decided_spec(arguments), tracking=tracking(arguments),
        say=aside if arguments.json else say,
    )  # fmt: skip
    say(json.dumps({**done.data, "folder": str(done.folder)}) if arguments.json else done.text())
    return ALARMS if done.alarming else 0
