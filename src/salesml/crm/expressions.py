"""The SQL of crm.yaml: expressions over one row, rebuilt from a closed list of forms.

Nothing of the user's text reaches the database: it is parsed, and each form that is known
(:mod:`salesml.crm.builder`) is built anew with every name checked and quoted. What is not known is
refused, so no subquery, aggregate, window or function that reads files or settings can pass.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from salesml.crm.builder import Builder
from salesml.crm.place import ExpressionError, Kind, Place, short

LONGEST = 4000


@dataclass(frozen=True)
class Compiled:
    """An expression that may run.

    ``texts`` are the text columns that it reads as numbers or dates, whose values are to be checked.
    """

    value: exp.Expr
    kind: Kind
    texts: tuple[tuple[str, Kind], ...] = ()


def compile_expression(text: str, place: Place, want: Kind) -> Compiled:
    """An expression of crm.yaml, parsed, checked and built anew.

    Raises
    ------
    ExpressionError
        ``bad-expression``, ``not-a-row-expression``, ``missing-column`` or ``wrong-type``.
    """
    builder = Builder(place)
    try:
        parsed = _parse(text)
        value, kind = builder.build(parsed, want)
        value, kind = builder.turn(value, kind, want, parsed)
    except RecursionError:
        raise ExpressionError("bad-expression", f"{short(text)} is nested too deeply") from None
    return Compiled(value, kind, tuple(dict.fromkeys(builder.texts)))


def _parse(text: str) -> exp.Expr:
    if len(text) > LONGEST:
        raise ExpressionError("bad-expression", f"{short(text)} is longer than {LONGEST} characters")
    logger = logging.getLogger("sqlglot")
    level = logger.level
    logger.setLevel(logging.CRITICAL)  # what it cannot parse is reported by us
    try:
        parsed = [each for each in sqlglot.parse(text, read="duckdb") if each is not None]
    except SqlglotError as error:
        reason = str(error).splitlines()[0].split(". Line")[0]
        raise ExpressionError("bad-expression", f"{short(text)} is not an SQL expression: {reason}") from None
    finally:
        logger.setLevel(level)
    if len(parsed) != 1:
        raise ExpressionError("bad-expression", f"{short(text)} is {len(parsed)} expressions instead of one")
    return parsed[0]
