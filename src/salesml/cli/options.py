"""Options that several commands share."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TypeAlias

Commands: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"
"""What a command is added to."""


def crm_option(parser: argparse.ArgumentParser, default: Path | None = Path("crm.yaml")) -> None:
    """Where the tables are described."""
    words = "crm.yaml" if default else "crm.yaml, for its reps and their hours"
    parser.add_argument("--crm", type=Path, default=default, metavar="FILE", help=words)


def config_option(parser: argparse.ArgumentParser) -> None:
    """Where runs go."""
    parser.add_argument(
        "--config", type=Path, default=Path("mlflow.yaml"), metavar="FILE", help="mlflow.yaml"
    )


def name_options(parser: argparse.ArgumentParser, crm: Path | None = Path("crm.yaml")) -> None:
    """Which model, of which tables."""
    parser.add_argument("name", metavar="NAME", help="a stem in models/, such as churn")
    crm_option(parser, crm)
    config_option(parser)
    parser.add_argument("--spec", type=Path, metavar="FILE", help="default: models/NAME.yaml")


def engine_options(parser: argparse.ArgumentParser) -> None:
    """What runs the query and the scorer."""
    parser.add_argument(
        "--engine", choices=("duckdb", "spark"), default="duckdb",
        help="spark: on a cluster; --out is then a folder of Parquet files",
    )  # fmt: skip
    parser.add_argument(
        "--master",
        default=None,
        metavar="URL",
        help="with --engine spark: where it runs, if nothing else says",
    )


def check_options(parser: argparse.ArgumentParser) -> None:
    """Columns that the checks before training leave out or let through."""
    parser.add_argument(
        "--exclude", action="append", default=[], metavar="COL", help="leave a column out; may be repeated"
    )
    parser.add_argument(
        "--allow", action="append", default=[], metavar="COL",
        help="insist on a column that the checks refuse; may be repeated",
    )  # fmt: skip
