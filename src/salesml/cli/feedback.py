"""`feedback`: what people answered to scores."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from salesml.cli.inputs import open_crm
from salesml.cli.options import Commands
from salesml.cli.say import aside, say
from salesml.cli.store import store_option
from salesml.errors import UsageError


def add_commands(commands: Commands) -> None:
    """Add the commands about answers."""
    feedback = commands.add_parser("feedback", help="what reps answered to scores")
    feedback.set_defaults(run=lambda _: _nothing(feedback))
    verbs = feedback.add_subparsers(title="commands", metavar="COMMAND")
    export = verbs.add_parser("export", help="all answers as a table, each with its state")
    store_option(export)
    export.add_argument("--out", type=Path, required=True, metavar="FILE", help="Parquet or CSV")
    export.add_argument(
        "--crm", type=Path, metavar="FILE", help="crm.yaml: also what came of the scores that were answered"
    )
    export.add_argument("--models", type=Path, metavar="DIR", help="with --crm; default: models/ beside it")
    export.add_argument("--replace", action="store_true", help="also in the place of a file that is there")
    export.add_argument("--json", action="store_true", help="for another program to read")
    export.set_defaults(run=_export)


def _nothing(parser: argparse.ArgumentParser) -> int:
    parser.print_help()
    return UsageError.exit_code


def _export(arguments: argparse.Namespace) -> None:
    from salesml.lifecycle.feedback import export
    from salesml.store.engine import Store

    crm = open_crm(arguments) if arguments.crm else None
    with Store(arguments.store) as store:
        done = export(
            store, arguments.out, crm=crm, models=arguments.models, overwrite=arguments.replace, say=aside
        )
    say(json.dumps(done.as_dict()) if arguments.json else done.text())
