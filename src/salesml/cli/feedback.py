"""`feedback`: what people answered to scores."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from salesml.cli.combined import needed
from salesml.cli.inputs import named_spec, open_crm
from salesml.cli.options import Commands, crm_option
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
    export.add_argument(
        "--show", action="store_true", help="with --crm: pages show it beside the answers, too"
    )
    export.add_argument("--replace", action="store_true", help="also in the place of a file that is there")
    export.add_argument("--json", action="store_true", help="for another program to read")
    export.set_defaults(run=_export)
    outcomes = verbs.add_parser("outcomes", help="what came of every row of a list, answered or not")
    outcomes.add_argument("name", metavar="NAME", help="a stem in models/, such as churn")
    crm_option(outcomes)
    outcomes.add_argument("--spec", type=Path, metavar="FILE", help="default: models/NAME.yaml")
    outcomes.add_argument(
        "--scores", type=Path, required=True, metavar="FILE|DIR", help="Parquet, from `score` or `rank`"
    )
    outcomes.add_argument("--out", type=Path, required=True, metavar="FILE", help="Parquet or CSV")
    outcomes.add_argument("--replace", action="store_true", help="also in the place of a file that is there")
    outcomes.add_argument("--json", action="store_true", help="for another program to read")
    outcomes.set_defaults(run=_outcomes)


def _nothing(parser: argparse.ArgumentParser) -> int:
    parser.print_help()
    return UsageError.exit_code


def _export(arguments: argparse.Namespace) -> None:
    from salesml.lifecycle.feedback import export
    from salesml.store.engine import Store

    if arguments.show or arguments.models:
        needed(arguments, "crm")
    crm = open_crm(arguments) if arguments.crm else None
    with Store(arguments.store) as store:
        done = export(
            store, arguments.out, crm=crm, models=arguments.models, overwrite=arguments.replace,
            show=arguments.show, say=aside,
        )  # fmt: skip
    say(json.dumps(done.as_dict()) if arguments.json else done.text())


def _outcomes(arguments: argparse.Namespace) -> None:
    from salesml.lifecycle.list_outcomes import list_outcomes

    done = list_outcomes(
        named_spec(arguments), open_crm(arguments), arguments.scores, arguments.out,
        overwrite=arguments.replace,
    )  # fmt: skip
    say(json.dumps(done.as_dict()) if arguments.json else done.text())
