"""`tidy`: past runs that are no longer needed."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from salesml.cli.inputs import tracking
from salesml.cli.options import Commands, config_option
from salesml.cli.say import aside, say
from salesml.cli.store import store_option
from salesml.cli.values import number, whole


def add_commands(commands: Commands) -> None:
    """Add the command that removes past runs."""
    add = commands.add_parser("tidy", help="remove past runs by a rule; never what is in use")
    add.add_argument("name", metavar="NAME", help="a stem in models/, such as churn")
    config_option(add)
    add.add_argument("--keep", type=whole, metavar="N", help="the newest of each kind stay (20)")
    add.add_argument("--days", type=whole, metavar="N", help="what is younger stays (180)")
    store_option(add, required=False)
    add.add_argument(
        "--out", type=Path, action="append", default=[], metavar="DIR",
        help="a folder of scores that `score` wrote; may be repeated",
    )  # fmt: skip
    add.add_argument("--dry-run", action="store_true", help="say what would go, and remove nothing")
    add.add_argument(
        "--wait", type=number, default=60.0, metavar="SECONDS", help="while a champion is moved (60)"
    )
    add.add_argument("--json", action="store_true", help="for another program to read")
    add.set_defaults(run=_tidy)


def _tidy(arguments: argparse.Namespace) -> None:
    from salesml.lifecycle.tidy import tidy

    done = tidy(
        arguments.name, keep=arguments.keep, days=arguments.days, store=arguments.store,
        folders=arguments.out, tracking=tracking(arguments), dry=arguments.dry_run, wait=arguments.wait,
        say=aside,
    )  # fmt: skip
    say(json.dumps(done.as_dict()) if arguments.json else done.text())
