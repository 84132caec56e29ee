"""`train`: from crm.yaml, from a flat table, or from a list of best customers."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from salesml.cli.combined import needed, not_with, only_with_table
from salesml.cli.inputs import decided_spec, open_crm, tracking
from salesml.cli.options import Commands, check_options, name_options
from salesml.cli.say import say
from salesml.cli.values import date

if TYPE_CHECKING:
    from salesml.lifecycle.ordered import Order
    from salesml.lifecycle.training import Trained


def add_commands(commands: Commands) -> None:
    """Add the command that trains."""
    add = commands.add_parser("train", help="train, evaluate out of time, track and register a model")
    name_options(add)
    table_options(add)
    _training_options(add)
    order_options(add)
    check_options(add)
    add.set_defaults(run=_train)


def table_options(add: argparse.ArgumentParser) -> None:
    """What a flat table cannot say itself."""
    add.add_argument("--table", type=Path, metavar="FILE", help="a flat table instead of crm.yaml")
    add.add_argument("--id", metavar="COL", help="with --table: the column that identifies a row's account")
    add.add_argument("--target", metavar="COL", help="with --table: the outcome")
    add.add_argument(
        "--positive", metavar="VALUE", help="with --table: the value that counts as yes; all others are no"
    )
    add.add_argument("--weight", metavar="COL", help="with --table: how much each row counts")
    add.add_argument(
        "--base-rate", type=float, metavar="SHARE", help="with --table: the rate where the model is used, "
        "such as 0.02, if the table was sampled by outcome; with --seeds: of best customers among others",
    )  # fmt: skip
    add.add_argument(
        "--as-of", type=date, metavar="DATE", help="with --table: the day it was taken (the latest in it)"
    )


def _training_options(add: argparse.ArgumentParser) -> None:
    """What only a training takes."""
    add.add_argument(
        "--seeds", type=Path, metavar="FILE", help="with --table, instead of --target: the ids of best "
        "customers, where nothing is known of the others",
    )  # fmt: skip
    add.add_argument("--folds", type=int, metavar="N", help="with --table: folds of the test (5)")


def order_options(add: argparse.ArgumentParser) -> None:
    """Which rows of a flat table the test is on."""
    add.add_argument(
        "--order-by", metavar="COL", help="with --table: test on the last rows by this column, not by folds"
    )
    add.add_argument(
        "--test-last", type=float, metavar="SHARE", help="with --order-by: so much of the rows (0.3)"
    )
    add.add_argument("--test-from", metavar="VALUE", help="with --order-by: rows from this value on instead")


def _train(arguments: argparse.Namespace) -> None:
    from salesml.lifecycle import train, train_table

    if arguments.seeds is not None and arguments.table is not None:
        training = _train_seeds(arguments)
    elif arguments.table is None:
        only_with_table(
            arguments, "id", "seeds", "target", "positive", "folds", "weight", "base_rate", "as_of"
        )
        training = train(
            arguments.name,
            open_crm(arguments),
            spec=decided_spec(arguments),
            tracking=tracking(arguments),
            say=say,
        )
    else:
        training = train_table(
            arguments.name,
            arguments.table,
            id_column=needed(arguments, "id"),
            target=needed(arguments, "target"),
            positive=arguments.positive,
            folds=arguments.folds,
            weight=arguments.weight,
            base_rate=arguments.base_rate,
            as_of=arguments.as_of,
            order=order_of(arguments),
            exclude=arguments.exclude,
            allow=arguments.allow,
            spec_path=arguments.spec,
            tracking=tracking(arguments),
            say=say,
        )
    say(training.text())


def _train_seeds(arguments: argparse.Namespace) -> Trained:
    from salesml.lifecycle.train_seeds import train_seeds

    not_with(arguments, "seeds", "target", "positive", "weight", "order_by", "test_last", "test_from")
    return train_seeds(
        arguments.name,
        arguments.table,
        id_column=needed(arguments, "id"),
        seeds=arguments.seeds,
        base_rate=arguments.base_rate,
        folds=arguments.folds,
        as_of=arguments.as_of,
        exclude=arguments.exclude,
        allow=arguments.allow,
        spec_path=arguments.spec,
        tracking=tracking(arguments),
        say=say,
    )


def order_of(arguments: argparse.Namespace) -> Order | None:
    """By which column a flat table is parted, if by any."""
    from salesml.lifecycle.ordered import SHARE, Order

    if arguments.order_by is None:
        for option in ("test_last", "test_from"):
            if getattr(arguments, option) is not None:
                needed(arguments, "order_by")
        return None
    share = SHARE if arguments.test_last is None else arguments.test_last
    return Order(arguments.order_by, share, arguments.test_from)
