"""The parser of the command line, put together from the commands in the order of the help."""

from __future__ import annotations

import argparse

from salesml import __version__
from salesml.cli import (
    backtest,
    export_pages,
    feedback,
    monitor,
    payoff,
    project,
    promotion,
    reproduce,
    runs,
    score,
    scorecard,
    serve,
    store,
    tables,
    this_week,
    tidy,
    tokens,
    train,
    tune,
    users,
)

GROUPS = (
    project,
    tables,
    train,
    backtest,
    promotion,
    tune,
    monitor,
    payoff,
    reproduce,
    runs,
    tidy,
    score,
    scorecard,
    store,
    feedback,
    serve,
    export_pages,
    this_week,
    users,
    tokens,
)


def make_parser() -> argparse.ArgumentParser:
    """All commands; ``run`` of what is parsed is the function that the command calls."""
    parser = argparse.ArgumentParser(
        prog="salesml",
        description="Which customers are about to leave, why, and whom to call first.",
        epilog="Exit codes: 0 done, 1 data or model refused, 2 wrong usage, 3 done with alarms, "
        "4 something outside is away.",
    )
    parser.add_argument("--version", action="version", version=f"salesml {__version__}")
    parser.set_defaults(run=None)
    commands = parser.add_subparsers(title="commands", metavar="COMMAND")
    for group in GROUPS:
        group.add_commands(commands)
    return parser
