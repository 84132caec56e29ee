"""`reproduce`: a training done again from what it recorded."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from salesml.cli.exit_codes import ALARMS
from salesml.cli.inputs import open_crm, tracking
from salesml.cli.options import Commands, config_option, crm_option
from salesml.cli.say import aside, say


def add_commands(commands: Commands) -> None:
    """Add the command that trains again and compares digests."""
    add = commands.add_parser("reproduce", help="train again as a run was trained: is it the same model?")
    add.add_argument("of", metavar="RUN", help="a run's folder, runs:/RUN_ID or models:/NAME@ALIAS")
    crm_option(add)
    config_option(add)
    add.add_argument("--table", type=Path, metavar="FILE", help="the flat table of a run from one")
    add.add_argument("--json", action="store_true", help="for another program to read")
    add.set_defaults(run=_reproduce)


def _reproduce(arguments: argparse.Namespace) -> int:
    from salesml.lifecycle.reproduce import reproduce

    done = reproduce(
        arguments.of, None if arguments.table else open_crm(arguments), table=arguments.table,
        tracking=tracking(arguments), say=aside if arguments.json else say,
    )  # fmt: skip
    say(json.dumps(done.as_dict()) if arguments.json else done.text())
    return 0 if done.same else ALARMS
