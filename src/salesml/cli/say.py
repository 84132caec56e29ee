"""What a command prints: its answer, its progress, its errors."""

from __future__ import annotations

import json
import sys

from salesml.cli.streams import put
from salesml.errors import Fault, SalesmlError


def say(text: str) -> None:
    """Print the answer, or progress towards it."""
    put(text, sys.stdout)


def aside(text: str) -> None:
    """Where another program reads the answer, people read the progress beside it."""
    put(text, sys.stderr)


def show_error(error: SalesmlError, *, as_json: bool) -> None:
    """Every fault on a line of its own, or all of them for another program."""
    if as_json:
        say(json.dumps({"faults": [fault.as_dict() for fault in error.faults]}))
    else:
        for fault in error.faults:
            put(f"salesml: [{fault.code}] {fault}{_details(fault)}", sys.stderr)


def _details(fault: Fault) -> str:
    """How many rows a fault concerns, and examples of them."""
    count = f" Rows: {fault.count:,}." if fault.count else ""
    return count + (f" For example: {'; '.join(fault.examples)}." if fault.examples else "")
