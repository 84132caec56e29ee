"""What is counted in the rows of a table: each probe is one condition, all run in one pass."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from sqlglot import exp

from salesml.crm import values
from salesml.crm.bound import MONEY_KEYS, Bound, Field
from salesml.crm.place import Kind
from salesml.crm.tables import TABLES

ENTITIES = ("accounts", "prospects", "reps")
"""Tables whose rows are the things that others point to."""

BAD_DATE = "{rows} hold text that is not a date"

MAY_LIE_AHEAD = ("end", "ended_at", "start", "period")
"""Dates that may be planned or announced."""


@dataclass(frozen=True)
class Probe:
    """One thing to count.

    Parameters
    ----------
    code : str
        Reason code, or a name of its own where another probe decides.
    column : str
        The source's column, for the report.
    condition : sqlglot expression
        True for the rows that are wrong.
    example : sqlglot expression
        What to show of them, as text.
    found : str
        What is wrong, with ``{rows}`` for how many of how many.
    """

    code: str
    column: str
    condition: exp.Expr
    example: exp.Expr
    found: str


def probes(bound: Bound, today: dt.date) -> list[Probe]:
    """Everything to count in the rows of a table."""
    found: list[Probe] = [*_keys(bound)]
    for field in bound.fields:
        match field.part:
            case "date":
                found.extend(_date(bound, field, today))
            case "number":
                found.extend(_number(field, money=field.name in MONEY_KEYS))
                if field.name == "hours":
                    found.append(_no_hours(field))
            case "measure":
                found.extend(_measure(bound, field))
            case "flag":
                found.extend(texts(bound, field.texts))
    return found


def _keys(bound: Bound) -> Iterator[Probe]:
    """Rows without a key: of a thing itself, or of whom the row belongs to."""
    if bound.table.startswith("events."):
        owners = [each for name in ("account", "prospect") if (each := bound.field(name))]
        shown = bound.field("at")
        if owners:
            nobody = exp.and_(*(_null(each.value) for each in owners))
            columns = " and ".join(each.column for each in owners)
            yield Probe("null-link", columns, nobody, _text(shown or owners[0]), "{rows} belong to nobody")
        return
    for key, role in TABLES[bound.table].items():
        field = bound.field(key)
        if field and role.required and role.kind == "id":
            code = "null-key" if bound.table in ENTITIES else "null-link"
            other = next((each for each in bound.fields if each is not field), field)
            yield Probe(code, field.column, _null(field.value), _text(other), "{rows} have no " + key)


def _date(bound: Bound, field: Field, today: dt.date) -> Iterator[Probe]:
    if values.class_of(field.kind) == "text":
        yield from _text_date(bound, field)
    required = field.name == "at" if bound.table.startswith("events.") else _required(bound, field)
    if required:
        yield Probe("null-date", field.column, _null(field.raw), _owner(bound, field), "{rows} have no date")
    if field.name not in MAY_LIE_AHEAD:
        code = "future-event" if field.name == "at" else "future-date"
        ahead = exp.GT(this=field.value.copy(), expression=_day(today))
        yield Probe(code, field.column, ahead, _text(field), f"{{rows}} are dated after {today}")
    ancient = exp.LT(this=field.value.copy(), expression=_day(dt.date(1971, 1, 1)))
    yield Probe("ancient-date", field.column, ancient, _text(field), "{rows} are dated before 1971")


def _text_date(bound: Bound, field: Field) -> Iterator[Probe]:
    filled = exp.not_(_blank(field.raw))
    wrong = exp.and_(filled, _null(field.value))
    yield Probe("bad-date", field.column, wrong, _text(field), BAD_DATE)
    if not bound.date_format:
        zoned = values.matches(field.raw, values.OFFSET)
        bare = exp.and_(exp.not_(zoned.copy()), exp.not_(_null(field.value)))
        yield Probe("zoned", field.column, zoned, _text(field), "")
        yield Probe("bare", field.column, bare, _text(field), "")


def _number(field: Field, *, money: bool) -> Iterator[Probe]:
    if values.class_of(field.kind) == "text":
        yield _bad_number(field.column, field.raw)
    yield from _size(field.column, field.raw, field.kind, money=money)


def _no_hours(field: Field) -> Probe:
    """Hours that nobody can have spent: a return on effort would divide by them."""
    none = exp.LTE(this=values.cast(field.raw.copy(), "DOUBLE"), expression=exp.Literal.number(0))
    return Probe("no-hours", field.column, none, _text(field), "{rows} have hours of zero or below")


def _measure(bound: Bound, field: Field) -> Iterator[Probe]:
    yield from texts(bound, field.texts)
    yield from _size(field.name.removeprefix("m_"), field.raw, "DOUBLE", money=True)


def texts(bound: Bound, read: Iterable[tuple[str, Kind]]) -> Iterator[Probe]:
    """Text columns that an expression reads as numbers or dates."""
    for name, kind in read:
        raw = bound.place.value(name)
        if kind == "number":
            yield _bad_number(name, raw)
        else:
            stored = bound.place.kind(name)
            stamp = values.local(raw.copy(), stored, bound.place.timezone, bound.date_format)
            wrong = exp.and_(exp.not_(_null(raw)), _null(stamp))
            yield Probe("bad-date", name, wrong, _as_text(raw), BAD_DATE)


def _bad_number(column: str, raw: exp.Expr) -> Probe:
    wrong = exp.and_(exp.not_(_null(raw)), _null(values.cast(raw.copy(), "DOUBLE")))
    return Probe("bad-number", column, wrong, raw.copy(), "{rows} hold text that is not a number")


def _size(column: str, raw: exp.Expr, kind: str, *, money: bool) -> Iterator[Probe]:
    number = values.cast(raw.copy(), "DOUBLE")
    size = exp.func("ABS", number)
    if values.class_of(kind) == "text" or kind in ("DOUBLE", "FLOAT"):
        endless = exp.not_(exp.LT(this=size.copy(), expression=values.infinity()))
        yield Probe("not-finite", column, endless, _as_text(raw), "{rows} are NaN or infinite")
    if money:
        big = exp.and_(
            exp.GTE(this=size.copy(), expression=exp.Literal.number(values.LIMIT)),
            exp.LT(this=size.copy(), expression=values.infinity()),
        )
        yield Probe("too-large", column, big, _as_text(raw), "{rows} are a million million or more")


def _required(bound: Bound, field: Field) -> bool:
    key = "at" if field.name == "day" else field.name
    return TABLES[bound.table][key].required


def _owner(bound: Bound, field: Field) -> exp.Expr:
    """Whose row it is, where the date itself has nothing to show."""
    other = next((each for each in bound.fields if each.part == "id"), field)
    return _text(other)


def _text(field: Field) -> exp.Expr:
    return _as_text(field.raw)


def _as_text(value: exp.Expr) -> exp.Expr:
    return values.cast(value.copy(), "VARCHAR")


def _null(value: exp.Expr) -> exp.Expr:
    return exp.Is(this=exp.paren(value.copy(), copy=False), expression=exp.Null())


def _blank(value: exp.Expr) -> exp.Expr:
    return _null(exp.func("NULLIF", exp.func("TRIM", value.copy()), exp.Literal.string("")))


def _day(day: dt.date) -> exp.Expr:
    return exp.Cast(this=exp.Literal.string(str(day)), to=exp.DataType.build("DATE"))
