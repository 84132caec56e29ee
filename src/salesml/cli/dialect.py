"""Dialects of SQL that a snapshot can be printed in."""

from __future__ import annotations

from salesml.errors import Fault, UsageError


def known_dialect(name: str) -> str:
    """A dialect whose rules are known; the list is looked up only when SQL is printed."""
    from salesml.config.section import nearest
    from salesml.snapshots.dialects import DIALECTS

    known = ("duckdb", *DIALECTS)
    if name not in known:
        raise UsageError(
            Fault(
                code="unknown-dialect",
                found=f"--dialect is {name!r}",
                allowed=nearest(name, known),
            )
        )
    return name
