"""Casts that give NULL where a value does not fit, and round as DuckDB does."""

from __future__ import annotations

from sqlglot import exp

from salesml.snapshots.dialects import patterns
from salesml.snapshots.dialects.kinds import Kind, kind, kind_of_type
from salesml.snapshots.dialects.names import BIGQUERY, SPARK
from salesml.snapshots.dialects.refusal import UntranslatableError
from salesml.snapshots.sql import Expr, absolute, double, text, when, whole

LARGEST_WHOLE = "9.2e18"
"""Just below what a BIGINT holds."""


def try_cast(node: Expr, dialect: str) -> Expr:
    """``TRY_CAST`` as a test and a cast that cannot fail: not every dialect has casts that try.

    Where one has, it still differs in what text it takes for a number or a date: Spark reads ``1d``,
    DuckDB ``2024-01-05T10:00Z``.
    """
    value, to = node.this, node.args["to"]
    target = kind_of_type(to.sql("duckdb"))
    found = kind(value)
    if target == "text":
        return exp.cast(value, exp.DataType.Type.TEXT)
    if isinstance(value, exp.Null):
        return exp.Cast(this=value, to=to)
    if found in ("text", ""):
        return _from_text(value if found else exp.cast(value, exp.DataType.Type.TEXT), to, target, dialect)
    if target == "decimal" and found == "double":
        return _rounded(value, to, dialect)
    if target in ("decimal", "whole") and found in ("double", "decimal", "whole"):
        return _fitting(value, to, target)
    return exp.Cast(this=value, to=to)


def plain_cast(node: Expr, dialect: str) -> Expr:
    """A cast that own features or the steps write: fractions become whole numbers and texts in many ways."""
    found, target = kind(node.this), kind_of_type(node.args["to"].sql("duckdb"))
    if found in ("double", "decimal") and target == "whole":
        raise UntranslatableError("a cast of fractions to whole numbers")
    if found == "double" and target == "text":
        raise UntranslatableError("a cast of fractions to text")
    if found == "double" and target == "decimal":
        return _rounded(node.this, node.args["to"], dialect)
    return node


def _from_text(value: Expr, to: exp.DataType, target: Kind, dialect: str) -> Expr:
    if target in ("date", "timestamp", "timestamptz"):
        pattern = {"date": patterns.DATE, "timestamp": patterns.MOMENT}.get(target, patterns.ZONED)
        return when(matches(value, pattern), exp.Cast(this=trimmed(value), to=to))
    if target == "double":
        return when(matches(value, patterns.NUMBER), double(trimmed(value)))
    if target == "decimal":
        return when(matches(value, patterns.NUMBER), _fitting(_exact(value, dialect), to, target))
    if target == "whole":
        return when(matches(value, patterns.NUMBER), _fitting(double(trimmed(value)), to, target))
    return exp.Cast(this=value, to=to)


def _exact(value: Expr, dialect: str) -> Expr:
    """A text's number without rounding to a double."""
    # Spark and Snowflake have 38 digits at most, BigQuery's BIGNUMERIC 38 after the point alone.
    if dialect == BIGQUERY:
        return exp.cast(trimmed(value), exp.DataType.Type.BIGDECIMAL)
    if dialect == SPARK:
        return exp.TryCast(this=trimmed(value), to=exp.DataType.build("DECIMAL(38, 18)"), safe=True)
    kind_of_decimal = "DECIMAL" if dialect == "postgres" else "DECIMAL(38, 18)"
    return exp.cast(trimmed(value), exp.DataType.build(kind_of_decimal))


def _fitting(value: Expr, to: exp.DataType, target: Kind) -> Expr:
    """A number that is cast only where the type is wide enough."""
    if target == "whole":
        return when(absolute(value) < exp.Literal.number(LARGEST_WHOLE), exp.Cast(this=value.copy(), to=to))
    digits, scale = _size(to)
    rounded = exp.Round(this=value, decimals=whole(scale))
    return when(absolute(rounded) < _power(digits - scale), exp.Cast(this=rounded.copy(), to=to))


def _rounded(value: Expr, to: exp.DataType, dialect: str) -> Expr:
    """A double as DECIMAL: DuckDB multiplies by the power of ten, in double precision, and rounds that.

    Others go by the digits that the double is printed with (Spark) or by fifteen of them (PostgreSQL),
    and come to another last digit for some numbers that end in a half.
    """
    digits, scale = _size(to)
    scaled = exp.Mul(this=double(value), expression=double(_power(scale)))
    fits = absolute(exp.Paren(this=scaled)) < double(_power(digits))
    units = exp.cast(exp.cast(nearest(scaled.copy(), dialect), exp.DataType.Type.BIGINT), _decimal(digits, 0))
    unit = exp.cast(text("0." + "0" * (scale - 1) + "1" if scale else "1"), _decimal(digits, scale))
    return when(fits, exp.Cast(this=exp.Paren(this=exp.Mul(this=units, expression=unit)), to=to))


def nearest(value: Expr, dialect: str) -> Expr:
    """The nearest whole number of a double, halves away from zero."""
    if dialect != "postgres":
        return exp.Round(this=exp.Paren(this=value))
    # PostgreSQL rounds halves of doubles to the even number.
    inner = exp.Paren(this=value)
    cut = exp.Anonymous(this="TRUNC", expressions=[inner])
    half = absolute(exp.Sub(this=inner.copy(), expression=cut)) >= exp.Literal.number("0.5")
    step = when(half, exp.Anonymous(this="SIGN", expressions=[inner.copy()]), double(whole(0)))
    return exp.Paren(this=exp.Add(this=cut.copy(), expression=step))


def is_nan(node: Expr, dialect: str) -> Expr:
    """``CAST(x AS VARCHAR) = 'nan'``: what the text of no number is differs."""
    cast, literal = node.this, node.expression
    asks = isinstance(literal, exp.Literal) and literal.is_string and literal.name == "nan"
    if not (asks and isinstance(cast, exp.Cast) and kind(cast) == "text"):
        return node
    if kind(cast.this) != "double":
        return exp.false()
    if dialect == BIGQUERY:  # where it is not equal to itself
        return exp.Anonymous(this="IS_NAN", expressions=[cast.this])
    return exp.EQ(this=cast.this, expression=double(text("NaN")))


def trimmed(value: Expr) -> Expr:
    return exp.Trim(this=value.copy())


def matches(value: Expr, pattern: str) -> Expr:
    return exp.RegexpLike(this=value.copy(), expression=text(pattern))


def _size(to: exp.DataType) -> tuple[int, int]:
    digits, scale = (int(each.name) for each in to.expressions) if to.expressions else (18, 3)
    return digits, scale


def _power(exponent: int) -> Expr:
    return exp.Literal.number("1" + "0" * exponent)


def _decimal(digits: int, scale: int) -> exp.DataType:
    return exp.DataType.build(f"DECIMAL({digits}, {scale})")
