"""`init`, `sample` and `demo`: a project to begin with."""

from __future__ import annotations

import argparse
from pathlib import Path

from salesml.cli.options import Commands
from salesml.cli.say import say
from salesml.cli.values import count, date


def add_commands(commands: Commands) -> None:
    """Add the commands that make a project."""
    _add_init(commands)
    _add_sample(commands)
    _add_demo(commands)


def _add_init(commands: Commands) -> None:
    add = commands.add_parser("init", help="a commented project: crm.yaml, mlflow.yaml, models/")
    add.add_argument("folder", type=Path, metavar="DIR")
    add.set_defaults(run=_init)


def _add_sample(commands: Commands) -> None:
    add = commands.add_parser("sample", help="a simulated company with known truth")
    add.add_argument("folder", type=Path, metavar="DIR")
    add.add_argument("--size", type=count, default=2000, metavar="N", help="about so many accounts (2000)")
    add.add_argument("--seed", type=int, default=0, metavar="N", help="the same seed, the same company (0)")
    add.add_argument("--days", type=count, default=730, metavar="N", help="up to 2025-12-31 (730)")
    add.add_argument("--alike", action="store_true", help="reps differ in nothing")
    add.add_argument("--practices", action="store_true", help="reps have habits, one of which helps")
    add.add_argument("--shift", type=date, metavar="DATE", help="when the market changes, a first")
    add.set_defaults(run=_sample)


def _add_demo(commands: Commands) -> None:
    add = commands.add_parser("demo", help="the whole way on 1.47 million real retail transactions")
    add.add_argument("--out", type=Path, default=Path("demo"), metavar="DIR", help="where it works (demo)")
    add.set_defaults(run=_demo)


def _init(arguments: argparse.Namespace) -> None:
    from salesml.lifecycle.project import init

    for path in init(arguments.folder):
        say(f"wrote {path}")
    say(f"Next: describe your tables in {arguments.folder / 'crm.yaml'}, then run `salesml validate` there.")


def _sample(arguments: argparse.Namespace) -> None:
    from salesml.crm.sample import sample

    written = sample(
        arguments.folder,
        size=arguments.size,
        seed=arguments.seed,
        days=arguments.days,
        alike=arguments.alike,
        practices=arguments.practices,
        shift=arguments.shift,
        say=say,
    )
    for path in written:
        say(f"wrote {path}")
    say(f"Next: run `salesml validate` or `salesml train conversion` in {arguments.folder}.")


def _demo(arguments: argparse.Namespace) -> None:
    from salesml.lifecycle.demo import demo
    from salesml.scorecard.demo import demo_scorecard

    demo(arguments.out, say=say, card=demo_scorecard)
