"""`tune`: look for a better learner within some minutes, and say whether one was found."""

from __future__ import annotations

import argparse
import json
from typing import TYPE_CHECKING

from salesml.cli.combined import needed, only_with_table
from salesml.cli.inputs import decided_spec, open_crm, tracking
from salesml.cli.options import Commands, check_options, name_options
from salesml.cli.say import aside, say
from salesml.cli.train import order_of, order_options, table_options
from salesml.cli.values import count, number

if TYPE_CHECKING:
    from salesml.lifecycle.tuning import Tuned


def add_commands(commands: Commands) -> None:
    """Add the command that tunes."""
    add = commands.add_parser("tune", help="look for better settings, and say whether they beat the defaults")
    name_options(add)
    add.add_argument(
        "--minutes",
        type=number,
        metavar="N",
        help="all of it takes at most so long (30; with --trials: no limit)",
    )
    add.add_argument("--trials", type=count, metavar="N", help="at most so many, the defaults counted")
    add.add_argument("--resume", action="store_true", help="go on with the study begun last")
    add.add_argument("--seed", type=int, default=0, metavar="N", help="another search (0)")
    table_options(add)
    order_options(add)
    check_options(add)
    add.add_argument("--json", action="store_true", help="for another program to read")
    add.set_defaults(run=_tune)


def _tune(arguments: argparse.Namespace) -> None:
    done = _of_company(arguments) if arguments.table is None else _of_table(arguments)
    say(json.dumps(done.as_dict()) if arguments.json else done.text())


def _of_company(arguments: argparse.Namespace) -> Tuned:
    from salesml.lifecycle.tuning import tune

    only_with_table(arguments, "id", "target", "positive", "weight", "base_rate", "as_of")
    order_of(arguments)
    only_with_table(arguments, "order_by")
    return tune(
        arguments.name, open_crm(arguments), minutes=arguments.minutes, trials=arguments.trials,
        resume=arguments.resume, seed=arguments.seed, spec=decided_spec(arguments),
        tracking=tracking(arguments), say=aside if arguments.json else say,
    )  # fmt: skip


def _of_table(arguments: argparse.Namespace) -> Tuned:
    from salesml.lifecycle.tuning.table import tune_table

    return tune_table(
        arguments.name, arguments.table, id_column=needed(arguments, "id"),
        target=needed(arguments, "target"), positive=arguments.positive, weight=arguments.weight,
        base_rate=arguments.base_rate, as_of=arguments.as_of, order=order_of(arguments),
        exclude=arguments.exclude, allow=arguments.allow, minutes=arguments.minutes,
        trials=arguments.trials, resume=arguments.resume, seed=arguments.seed, spec_path=arguments.spec,
        tracking=tracking(arguments), say=aside if arguments.json else say,
    )  # fmt: skip
