"""From a raw column to a canonical value, as sqlglot expressions: ids, texts, days, numbers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from sqlglot import exp

Class = Literal["text", "number", "date", "timestamp", "timestamptz", "boolean", "other"]

ISO = r"^\s*\d{4}-\d{1,2}-\d{1,2}([ T]\d{1,2}:\d{2}(:\d{2}(\.\d+)?)?( ?([Zz]|[+-]\d{2}(:?\d{2})?))?)?\s*$"
"""A date, or a date with a time, with or without an offset from UTC."""

OFFSET = r":\d{2}(\.\d+)? ?([Zz]|[+-]\d{2}(:?\d{2})?)\s*$"
"""The end of a time with an offset."""

WHOLE = (
    "TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT", "UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT",
    "UHUGEINT",
)  # fmt: skip
NUMBERS = (*WHOLE, "FLOAT", "DOUBLE", "DECIMAL")

MONEY = "DECIMAL(18, 6)"
LIMIT = 10**12
"""A DECIMAL(18, 6) holds less than this."""


def class_of(kind: str) -> Class:
    """What a DuckDB type is to us."""
    name = kind.upper().split("(")[0].strip()
    if kind.endswith("]"):
        return "other"
    if name in ("VARCHAR", "UUID", "ENUM", '"NULL"'):
        return "text"
    if name in NUMBERS:
        return "number"
    if name.startswith("TIMESTAMPTZ") or name.endswith("WITH TIME ZONE"):
        return "timestamptz"
    if name.startswith("TIMESTAMP"):
        return "timestamp"
    return {"DATE": "date", "BOOLEAN": "boolean"}.get(name, "other")  # type: ignore[return-value]


def column(name: str) -> exp.Column:
    """A raw column; every name is quoted, since words such as ``at`` fail bare."""
    return exp.column(exp.to_identifier(name, quoted=True))


def cast(value: exp.Expr, kind: str) -> exp.Expr:
    """A cast that gives NULL where the value does not fit."""
    return exp.TryCast(this=value, to=exp.DataType.build(kind, dialect="duckdb"))


def present(value: exp.Expr, kind: str, nulls: Sequence[str] = ()) -> exp.Expr:
    """The raw value, NULL where it is blank text or a word for none."""
    if class_of(kind) != "text":
        return value
    if not kind.upper().startswith("VARCHAR"):
        value = cast(value, "VARCHAR")
    empty = exp.func("NULLIF", exp.func("TRIM", value.copy()), exp.Literal.string(""))
    words = [exp.Literal.string(word) for word in nulls]
    filled: exp.Condition = exp.not_(exp.Is(this=empty, expression=exp.Null()))
    if words:
        filled = exp.and_(filled, exp.not_(exp.In(this=value.copy(), expressions=words)))
    return exp.Case().when(filled, value.copy())


def as_id(value: exp.Expr, kind: str) -> exp.Expr:
    """An id as text: whole numbers that were stored as fractions lose their ``.0``."""
    name = kind.upper().split("(")[0]
    if name not in ("FLOAT", "DOUBLE", "DECIMAL"):
        return value if class_of(kind) == "text" else cast(value, "VARCHAR")
    whole = cast(value.copy(), "BIGINT")
    is_whole = exp.EQ(this=cast(whole.copy(), "DOUBLE"), expression=cast(value.copy(), "DOUBLE"))
    plain = exp.Case().when(is_whole, cast(whole, "VARCHAR"))
    number = exp.not_(exp.EQ(this=cast(value.copy(), "VARCHAR"), expression=exp.Literal.string("nan")))
    return plain.when(number, cast(value, "VARCHAR"))


def as_text(value: exp.Expr, kind: str) -> exp.Expr:
    """Any plain value as text; booleans are 'true' and 'false'."""
    if class_of(kind) == "text":
        return value
    return as_id(value, kind) if class_of(kind) == "number" else cast(value, "VARCHAR")


def local(value: exp.Expr, kind: str, timezone: str, form: str = "") -> exp.Expr:
    """A TIMESTAMP in the contract's time zone; NULL where text is not a date."""
    zone = exp.Literal.string(timezone)
    match class_of(kind):
        case "date":
            return cast(value, "TIMESTAMP")
        case "timestamp":
            return cast(value, "TIMESTAMP") if kind.upper() != "TIMESTAMP" else value
        case "timestamptz":
            return exp.AtTimeZone(this=cast(value, "TIMESTAMPTZ"), zone=zone)
        case "number" if form:
            return local(cast(value, "VARCHAR"), "VARCHAR", timezone, form)
        case "text" if form:
            return exp.Anonymous(this="try_strptime", expressions=[value, exp.Literal.string(form)])
        case "text":
            zoned = exp.AtTimeZone(this=cast(value.copy(), "TIMESTAMPTZ"), zone=zone)
            return (
                exp.Case()
                .when(matches(value, OFFSET), zoned)
                .when(matches(value, ISO), cast(value.copy(), "TIMESTAMP"))
            )
        case _:
            return cast(exp.Null(), "TIMESTAMP")


def as_day(value: exp.Expr, kind: str, timezone: str, form: str = "") -> exp.Expr:
    """The whole day in the contract's time zone."""
    if class_of(kind) == "date":
        return value
    return cast(local(value, kind, timezone, form), "DATE")


def as_utc(value: exp.Expr, kind: str, timezone: str, form: str = "") -> exp.Expr:
    """The moment as a TIMESTAMP in UTC."""
    utc = exp.Literal.string("UTC")
    if class_of(kind) == "timestamptz":
        return exp.AtTimeZone(this=cast(value, "TIMESTAMPTZ"), zone=utc)
    here = exp.AtTimeZone(this=local(value, kind, timezone, form), zone=exp.Literal.string(timezone))
    return exp.AtTimeZone(this=here, zone=utc.copy())


def as_number(value: exp.Expr, kind: str, to: str = MONEY) -> exp.Expr:
    """A number; NULL where text is none, and where it is NaN, infinite or too large for DECIMAL."""
    number = cast(value, to)
    if to != "DOUBLE":
        return number
    return exp.Case().when(exp.LT(this=exp.func("ABS", number.copy()), expression=infinity()), number)


def infinity() -> exp.Expr:
    """Infinity in double precision."""
    return exp.Cast(this=exp.Literal.string("Infinity"), to=exp.DataType.build("DOUBLE"))


def matches(value: exp.Expr, pattern: str) -> exp.Expr:
    return exp.RegexpLike(this=value.copy(), expression=exp.Literal.string(pattern))
