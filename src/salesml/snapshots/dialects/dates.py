"""Days, moments and time zones."""

from __future__ import annotations

from sqlglot import exp

from salesml.snapshots.dialects import patterns
from salesml.snapshots.dialects.casts import matches
from salesml.snapshots.dialects.kinds import kind
from salesml.snapshots.dialects.names import BIGQUERY, POSTGRES, SNOWFLAKE, SPARK
from salesml.snapshots.dialects.refusal import UntranslatableError
from salesml.snapshots.sql import Expr, every, text, when

UTC = "UTC"


def day_difference(node: Expr, dialect: str) -> Expr:
    """Whole days as BIGINT: squares of them overflow the INT that others give."""
    unit = node.args.get("unit")
    if unit is not None and unit.name.upper() != "DAY":
        raise UntranslatableError(f"datediff in {unit.name.lower()}")
    if dialect in (SPARK, POSTGRES):
        later, earlier = (exp.cast(each, exp.DataType.Type.DATE) for each in (node.this, node.expression))
        made: Expr = exp.Paren(this=exp.Sub(this=later, expression=earlier))
        if dialect == SPARK:
            made = exp.Anonymous(this="DATEDIFF", expressions=[later, earlier])
        return exp.cast(made, exp.DataType.Type.BIGINT)
    return node


def at_time_zone(node: Expr, dialect: str) -> Expr:
    """A moment as the clock of a zone shows it, or the moment at which a clock shows it.

    PostgreSQL tells the two apart by the type, as DuckDB does; others have a function for each.
    """
    value, zone = node.this, node.args["zone"]
    if dialect == POSTGRES:
        return node
    to_utc = zone.name == UTC
    if kind(value) == "timestamptz":
        if value.unnest().meta.get("utc"):
            return value if to_utc else _moved(value, text(UTC), zone, dialect)
        return _clock(value, zone, dialect)
    made = _moved(value, zone, text(UTC), dialect)
    made.meta["utc"] = True
    return made


def _clock(moment: Expr, zone: Expr, dialect: str) -> Expr:
    """What the clock of a zone shows."""
    if dialect == BIGQUERY:
        return exp.Anonymous(this="DATETIME", expressions=[moment, zone])
    if dialect == SNOWFLAKE:
        shown: Expr = exp.Anonymous(this="CONVERT_TIMEZONE", expressions=[zone, moment])
    else:
        shown = exp.Anonymous(this="FROM_UTC_TIMESTAMP", expressions=[moment, zone])
    return exp.cast(shown, _timestamp())


def _moved(clock: Expr, zone: Expr, to: Expr, dialect: str) -> Expr:
    """What the clock of one zone shows when that of another shows something."""
    if dialect == BIGQUERY:
        moment = exp.Anonymous(this="TIMESTAMP", expressions=[clock, zone])
        return exp.Anonymous(this="DATETIME", expressions=[moment, to])
    return exp.Anonymous(this="CONVERT_TIMEZONE", expressions=[zone, to, exp.cast(clock, _timestamp())])


def _timestamp() -> exp.DataType:
    return exp.DataType.build("TIMESTAMP", dialect="duckdb")


def parsed(node: Expr, dialect: str) -> Expr:
    """``try_strptime`` as an ISO date put together from the parts, and a cast where that day exists.

    What the parts of a format mean, and how strictly, is another story in every dialect.
    """
    value, form = node.expressions
    if not (isinstance(form, exp.Literal) and form.is_string):
        raise UntranslatableError("a date_format that is not written out")
    pattern, template = patterns.rearranged(form.name)
    mark = "$" if dialect == SPARK else "\\"
    iso = exp.RegexpReplace(
        this=value.copy(),
        expression=text(pattern),
        replacement=text("".join(f"{before}{mark}{group}" for group, before in template)),
    )
    exists = every(matches(value, pattern), matches(iso, patterns.MOMENT))
    return when(exists, exp.cast(iso.copy(), _timestamp()))


def part_of_date(node: Expr, dialect: str) -> Expr:
    """A year, month or day as BIGINT, where PostgreSQL gives NUMERIC."""
    return exp.cast(node, exp.DataType.Type.BIGINT) if dialect == POSTGRES else node
