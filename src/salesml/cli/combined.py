"""Options that need, or rule out, each other."""

from __future__ import annotations

import argparse
from typing import Any

from salesml.errors import Fault, UsageError


def needed(arguments: argparse.Namespace, option: str) -> Any:
    """What an option was given; refused where it was not."""
    value = getattr(arguments, option)
    if value is None:
        flag = "--" + option.replace("_", "-")
        raise UsageError(Fault(code="missing-option", found=f"{flag} is missing", do=f"Give {flag}"))
    return value


def only_with_table(arguments: argparse.Namespace, *options: str) -> None:
    """Refuse what means something for a flat table only: it would have no effect, without a word."""
    faults = [
        Fault(
            code="needs-table",
            found=f"--{option.replace('_', '-')} is given without --table",
            allowed="It is about a flat table; of the tables in crm.yaml the spec says such things",
            do="Give --table FILE, or leave it out",
        )
        for option in options
        if getattr(arguments, option) is not None
    ]
    if faults:
        raise UsageError(faults)


def only_with_spark(arguments: argparse.Namespace) -> None:
    """Refuse what means something to Spark only, and what Spark has no answer to."""
    faults = []
    if arguments.engine != "spark" and arguments.master is not None:
        faults.append(Fault(code="needs-spark", found="--master is given without --engine spark"))
    for option in ("similar", "memory", "threads", "work"):
        if arguments.engine == "spark" and getattr(arguments, option, None):
            name = f"--{option.replace('_', '-')}"
            faults.append(
                Fault(
                    code="needs-duckdb",
                    found=f"--engine spark and {name} are both given",
                    allowed=f"{name} is for one machine",
                    do="Leave one of them out",
                )
            )
    if arguments.engine == "spark" and str(getattr(arguments, "out", "")).lower().startswith(
        ("sqlite:", "postgresql", "delta:")
    ):
        faults.append(
            Fault(
                code="needs-duckdb",
                found="--engine spark is given, and --out is a store or a Delta table",
                allowed="Spark writes a folder of Parquet files",
                do="Name a folder; `salesml publish` brings it into a store",
            )
        )
    if faults:
        raise UsageError(faults)


def not_with(arguments: argparse.Namespace, given: str, *options: str) -> None:
    """Refuse what has no meaning beside another option."""
    faults = [
        Fault(
            code="bad-value",
            found=f"Both --{given} and --{option.replace('_', '-')} are given",
            allowed="A list of best customers is all that is known; rows count alike and have no order",
            do="Leave one of them out",
        )
        for option in options
        if getattr(arguments, option) is not None
    ]
    if faults:
        raise UsageError(faults)
