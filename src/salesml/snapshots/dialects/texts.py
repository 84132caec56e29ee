"""Texts: what a blank is, how they are searched, and in which order they come."""

from __future__ import annotations

from sqlglot import exp

from salesml.snapshots.dialects.kinds import kind
from salesml.snapshots.dialects.names import BIGQUERY, POSTGRES, SNOWFLAKE
from salesml.snapshots.dialects.refusal import UntranslatableError
from salesml.snapshots.sql import Expr, equal, text, whole


def trim(node: Expr, dialect: str) -> Expr:
    """BigQuery trims every kind of white space, others the space."""
    if dialect == BIGQUERY and node.args.get("expression") is None:
        return exp.Trim(this=node.this, expression=text(" "))
    return node


def regexp(node: Expr, dialect: str) -> Expr:
    """A pattern that may match anywhere: Snowflake's function asks for the whole text."""
    if dialect != SNOWFLAKE:
        return node
    return exp.Anonymous(this="REGEXP_INSTR", expressions=[node.this, node.expression]) > whole(0)


def contains(node: Expr, dialect: str) -> Expr:
    """Whether a text holds another one."""
    if dialect == POSTGRES:
        return exp.Anonymous(this="STRPOS", expressions=[node.this, node.expression]) > whole(0)
    if dialect == BIGQUERY:  # whose CONTAINS_SUBSTR takes capitals for small letters
        return exp.Anonymous(this="STRPOS", expressions=[node.this, node.expression]) > whole(0)
    return node


def ends_with(node: Expr, dialect: str) -> Expr:
    """Whether a text ends in another one; PostgreSQL has no such function."""
    if dialect != POSTGRES:
        return node
    return equal(
        exp.Right(this=node.this, expression=exp.Length(this=node.expression)), node.expression.copy()
    )


def like(node: Expr, dialect: str) -> Expr:
    """Others take a backslash in a pattern for an escape, DuckDB for itself."""
    pattern = node.expression
    if isinstance(pattern, exp.Literal) and "\\" not in pattern.name:
        return node
    raise UntranslatableError("LIKE with a backslash, or with a pattern that is not written out")


def part_of_text(node: Expr, dialect: str) -> Expr:
    """Positions below one count from the end in some dialects and before the start in others."""
    keys = ("start", "length") if isinstance(node, exp.Substring) else ("expression",)
    for key in keys:
        place = node.args.get(key)
        if place is None:
            continue
        place = place.unnest()
        least = 1 if key == "start" else 0
        plain = isinstance(place, exp.Literal) and not place.is_string and place.name.isdigit()
        if not plain or int(place.name) < least:
            raise UntranslatableError(f"{node.sql('duckdb')}, whose positions are not all from {least} on")
    return node


def by_bytes(value: Expr, dialect: str) -> Expr:
    """A text column of which order and extremes go by bytes, not by the rules of a language."""
    return _collated(value, "C") if dialect == POSTGRES else value


def ordered(node: Expr, dialect: str) -> Expr:
    """Texts compared by their bytes."""
    if dialect != POSTGRES or "text" not in (kind(node.this), kind(node.expression)):
        return node
    return type(node)(this=_collated(node.this, "C"), expression=_collated(node.expression, "C"))


def letters(node: Expr, dialect: str) -> Expr:
    """Capitals and small letters of all scripts, whatever the locale of the database is."""
    if dialect == POSTGRES:
        node.set("this", _collated(node.this, "und-x-icu"))
    return node


def alike(node: Expr, dialect: str) -> Expr:
    """``ILIKE``: as :func:`like`, with the letters of all scripts."""
    return letters(like(node, dialect), dialect)


def _collated(value: Expr, name: str) -> Expr:
    return exp.Collate(this=exp.Paren(this=value), expression=exp.to_identifier(name, quoted=True))
