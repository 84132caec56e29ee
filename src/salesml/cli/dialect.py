"""Dialects of SQL that a snapshot can be printed in."""

from __future__ import annotations

from salesml.errors import Fault, UsageError


def known_dialect(name: str) -> str:
    """A dialect that sqlglot writes, which is asked only when SQL is printed."""
    from sqlglot import Dialect

    from salesml.config.section import nearest

    if Dialect.get(name) is None:
        raise UsageError(
            Fault(
                code="unknown-dialect",
                found=f"--dialect is {name!r}",
                allowed=nearest(name, [each for each in Dialect.classes if each]),
            )
        )
    return name
