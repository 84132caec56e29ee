"""`promote` and `revert`: which version of a model is in use."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from salesml.cli.exit_codes import ALARMS, REFUSED
from salesml.cli.inputs import open_crm, tracking
from salesml.cli.options import Commands, config_option, name_options
from salesml.cli.say import aside, say
from salesml.cli.store import store_option
from salesml.cli.values import date, number


def add_commands(commands: Commands) -> None:
    """Add the commands that move a champion."""
    _add_promote(commands)
    _add_revert(commands)


def _add_promote(commands: Commands) -> None:
    add = commands.add_parser("promote", help="let a version take the champion's place, if it is better")
    name_options(add)
    add.add_argument("version", metavar="VERSION", help="its number, or an alias such as challenger")
    add.add_argument("--force", action="store_true", help="whatever the gates say; needs --reason")
    add.add_argument(
        "--as-of", type=date, action="append", default=[], metavar="DATE",
        help="judge on the rows of this date, not of the newest whose outcome is known; may be repeated",
    )  # fmt: skip
    add.add_argument("--dry-run", action="store_true", help="judge, and move and keep nothing")
    _who_options(add)
    add.set_defaults(run=_promote)


def _add_revert(commands: Commands) -> None:
    add = commands.add_parser("revert", help="bring the last champion back, published scores included")
    add.add_argument("name", metavar="NAME", help="a stem in models/, such as churn")
    config_option(add)
    add.add_argument("--to", metavar="VERSION", help="bring back this one instead")
    store_option(add, required=False)
    add.add_argument(
        "--out", type=Path, action="append", default=[], metavar="DIR",
        help="a folder of scores that `score` wrote; may be repeated",
    )  # fmt: skip
    _who_options(add)
    add.set_defaults(run=_revert)


def _who_options(add: argparse.ArgumentParser) -> None:
    add.add_argument("--reason", default="", metavar="TEXT", help="why; kept with the version")
    add.add_argument(
        "--by", default="", metavar="WHO", help="who does it (the user of git, or of the machine)"
    )
    add.add_argument(
        "--wait", type=number, default=60.0, metavar="SECONDS", help="while another moves it (60)"
    )
    add.add_argument("--json", action="store_true", help="for another program to read")


def _promote(arguments: argparse.Namespace) -> int:
    from salesml.cli.inputs import named_spec
    from salesml.lifecycle.promotion import promote

    done = promote(
        arguments.name, arguments.version, open_crm(arguments), force=arguments.force,
        reason=arguments.reason, by=arguments.by, as_of=arguments.as_of, dry=arguments.dry_run,
        spec=named_spec(arguments), tracking=tracking(arguments), wait=arguments.wait,
        say=aside if arguments.json else say,
    )  # fmt: skip
    say(json.dumps(done.as_dict()) if arguments.json else done.text())
    return REFUSED if done.refused else 0


def _revert(arguments: argparse.Namespace) -> int:
    from salesml.lifecycle.promotion import revert

    done = revert(
        arguments.name, to=arguments.to, store=arguments.store, folders=arguments.out,
        reason=arguments.reason, by=arguments.by, tracking=tracking(arguments), wait=arguments.wait,
        say=aside if arguments.json else say,
    )  # fmt: skip
    say(json.dumps(done.as_dict()) if arguments.json else done.text())
    return ALARMS if done.alarming else 0
