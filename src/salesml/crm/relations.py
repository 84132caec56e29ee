"""Canonical relations: each table of the contract as one SELECT over its raw table."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from sqlglot import exp

from salesml.crm import values
from salesml.crm.bound import Bound, Field
from salesml.crm.tables import ANSWERS, TABLES


@dataclass(frozen=True)
class Relation:
    """A canonical relation.

    Parameters
    ----------
    name : str
        Its name, such as ``accounts`` or ``events_orders``.
    columns : dict of str to str
        DuckDB's type of each column, in order.
    select : sqlglot.exp.Select
        The relation as a query of the raw tables, which are called ``raw_`` and its name.
    """

    name: str
    columns: dict[str, str]
    select: exp.Select

    @property
    def sql(self) -> str:
        """The query as DuckDB reads it."""
        return self.select.sql("duckdb")


TYPES = {"id": "VARCHAR", "text": "VARCHAR", "date": "DATE"}


def relations(bounds: Mapping[str, Bound], timezone: str) -> dict[str, Relation]:
    """All canonical relations; ``accounts`` is always among them."""
    made: dict[str, Relation] = {}
    logs = [bound for bound in bounds.values() if bound.table.startswith("events.")]
    for bound in logs:
        made[bound.relation] = events(bound, timezone)
    made["accounts"] = accounts(bounds.get("accounts"), logs)
    for bound in bounds.values():
        if bound.relation not in made:
            made[bound.relation] = plain(bound)
    return made


def events(bound: Bound, timezone: str) -> Relation:
    """An event log: rows with a day and with somebody they belong to, ``where`` applied."""
    at = bound.field("at")
    if at is None:
        raise KeyError("at")
    day, known = at.value, bound.field("known_at")
    known_day: exp.Expr = day.copy()
    if known:
        late = exp.Coalesce(this=known.value.copy(), expressions=[day.copy()])
        known_day = exp.Greatest(this=day.copy(), expressions=[late])
    columns: dict[str, tuple[exp.Expr, str]] = {
        "account": _or_null(bound, "account"),
        "prospect": _or_null(bound, "prospect"),
        "day": (day.copy(), "DATE"),
        "known_day": (known_day, "DATE"),
        "at": (values.as_utc(at.raw.copy(), at.kind, timezone, bound.date_format), "TIMESTAMP"),
        "event_id": _or_null(bound, "event_id"),
    }
    for field in bound.fields:
        if field.name == "is_return" or field.name.startswith(("m_", "c_")):
            columns[field.name] = (field.value.copy(), field.type)
    owners = [each for name in ("account", "prospect") if (each := bound.field(name))]
    belongs = exp.or_(*(_filled(owner) for owner in owners))
    conditions = [exp.paren(belongs, copy=False), _filled(at)]
    if bound.where is not None:
        conditions.insert(0, exp.paren(bound.where))
    return _relation(bound, columns, conditions)


def plain(bound: Bound) -> Relation:
    """Any other table: every key of the contract is a column, NULL where it names none."""
    columns: dict[str, tuple[exp.Expr, str]] = {}
    for key, role in TABLES[bound.table].items():
        name = "day" if key == "at" else key
        type_ = TYPES.get(role.kind) or (values.MONEY if key in ("amount", "cost") else "DOUBLE")
        field = bound.field(name)
        columns[name] = (field.value.copy(), type_) if field else (_null(type_), type_)
    for field in bound.fields:
        if field.part == "attribute":
            columns[field.name] = (field.value.copy(), field.type)
    return _relation(bound, columns, [])


def accounts(bound: Bound | None, logs: Iterable[Bound]) -> Relation:
    """One row for each account; what the table lacks comes from the events."""
    firsts = _first_days([log for log in logs if log.field("account")])
    if bound is None:
        return _derived_accounts(firsts)
    relation = plain(bound)
    if bound.field("acquired_at") or firsts is None:
        return relation
    select = exp.select(
        *(
            exp.alias_(values.column("first_day"), name, quoted=True)
            if name == "acquired_at"
            else exp.alias_(exp.column(name, table="own", quoted=True), name, quoted=True)
            for name in relation.columns
        )
    )
    same = exp.EQ(
        this=exp.column("id", table="own", quoted=True),
        expression=exp.column("account", table="first", quoted=True),
    )
    select = select.from_(exp.alias_(exp.Subquery(this=relation.select), "own", quoted=True)).join(
        exp.alias_(exp.Subquery(this=firsts), "first", quoted=True), on=same, join_type="left"
    )
    return Relation("accounts", relation.columns, select)


def _derived_accounts(firsts: exp.Select | None) -> Relation:
    columns = {("day" if key == "at" else key): TYPES[role.kind] for key, role in TABLES["accounts"].items()}
    given: dict[str, exp.Expr] = {}
    if firsts is not None:
        given = {"id": values.column("account"), "acquired_at": values.column("first_day")}
    select = exp.select(
        *(exp.alias_(given.get(name, _null(type_)), name, quoted=True) for name, type_ in columns.items())
    )
    if firsts is None:
        return Relation("accounts", columns, select.where(exp.false()))
    return Relation(
        "accounts", columns, select.from_(exp.alias_(exp.Subquery(this=firsts), "first", quoted=True))
    )


def _first_days(logs: list[Bound]) -> exp.Select | None:
    """The first day of each account over all logs."""
    parts = []
    for log in logs:
        account, day = log.field("account"), log.field("at")
        if account is None or day is None:
            continue
        conditions = [_filled(account), _filled(day)]
        if log.where is not None:
            conditions.append(exp.paren(log.where))
        columns = {"account": (account.value.copy(), ""), "day": (day.value.copy(), "")}
        parts.append(_relation(log, columns, conditions).select)
    if not parts:
        return None
    union: exp.Expr = parts[0]
    for part in parts[1:]:
        union = exp.union(union, part, distinct=False)
    return (
        exp.select(
            values.column("account"), exp.alias_(exp.Min(this=values.column("day")), "first_day", quoted=True)
        )
        .from_(exp.alias_(exp.Subquery(this=union), "days", quoted=True))
        .group_by(values.column("account"))
    )


def _relation(
    bound: Bound, columns: Mapping[str, tuple[exp.Expr, str]], conditions: Iterable[exp.Expr]
) -> Relation:
    select = exp.select(*(exp.alias_(value, name, quoted=True) for name, (value, _) in columns.items()))
    select = select.from_(exp.to_table(bound.raw_name))
    for condition in conditions:
        select = select.where(condition)
    return Relation(bound.relation, {name: type_ for name, (_, type_) in columns.items()}, select)


def _or_null(bound: Bound, name: str) -> tuple[exp.Expr, str]:
    field = bound.field(name)
    return (field.value.copy() if field else _null("VARCHAR")), "VARCHAR"


def _null(type_: str) -> exp.Expr:
    return exp.Cast(this=exp.Null(), to=exp.DataType.build(type_, dialect="duckdb"))


def _filled(field: Field) -> exp.Expr:
    """Whether a field has a value; of the raw column where that says the same and costs less."""
    kind = values.class_of(field.kind)
    plain = kind in ("date", "timestamp", "timestamptz") or field.kind in values.WHOLE
    value = field.raw if plain else field.value
    return exp.not_(exp.Is(this=exp.paren(value.copy(), copy=False), expression=exp.Null()))


def past_dates(relation: Relation) -> tuple[str, ...]:
    """The columns of a relation that hold dates of what has happened, not of what is planned.

    An answer is no sign that what happened has been written down up to its day.
    """
    if relation.name == ANSWERS:
        return ()
    planned = {"end", "known_day", "period"}
    return tuple(
        name
        for name, type_ in relation.columns.items()
        if type_ == "DATE" and name not in planned and not name.startswith("a_")
    )
