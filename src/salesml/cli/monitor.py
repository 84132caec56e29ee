"""`monitor`: what moved since the model was trained, and how good it is in use."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from salesml.cli.exit_codes import ALARMS
from salesml.cli.inputs import named_spec, open_crm, tracking
from salesml.cli.options import Commands, name_options
from salesml.cli.say import aside, say
from salesml.cli.values import date


def add_commands(commands: Commands) -> None:
    """Add the command that watches."""
    add = commands.add_parser("monitor", help="what moved, how good the model is in use, and when to retrain")
    name_options(add)
    add.add_argument("--as-of", type=date, required=True, metavar="DATE", help="the date that is looked at")
    add.add_argument("--model", metavar="URI|DIR", help="default: the registered champion")
    add.add_argument(
        "--out", type=Path, metavar="DIR", help="a folder for the folders of looks (models/NAME/monitoring)"
    )
    add.add_argument(
        "--scores", type=Path, metavar="FILE|DIR",
        help="what `score` wrote: outcomes are held against these scores instead of scores made again",
    )  # fmt: skip
    add.add_argument("--json", action="store_true", help="for another program to read")
    add.set_defaults(run=_monitor)


def _monitor(arguments: argparse.Namespace) -> int:
    from salesml.lifecycle.backtest.keep import plain
    from salesml.lifecycle.monitor import monitor

    done = monitor(
        arguments.name, open_crm(arguments), arguments.as_of, model=arguments.model, out=arguments.out,
        scores=arguments.scores, spec=named_spec(arguments), tracking=tracking(arguments),
        say=aside if arguments.json else say,
    )  # fmt: skip
    answer = {**done.data, "folder": str(done.folder), "run_id": done.run_id, "away": done.away}
    say(json.dumps(plain(answer)) if arguments.json else done.text())
    return ALARMS if done.alarms else 0
