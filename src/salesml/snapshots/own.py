"""A data scientist's own features: SQL that can only see what was known before the as-of date.

The relations that the query names are replaced by what was known of them, so that a query cannot
leak by forgetting a condition.
"""

from __future__ import annotations

import datetime as dt
import re
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from sqlglot import exp

from salesml.config import OwnFeatures
from salesml.errors import Fault
from salesml.snapshots.build import Build, safe_name
from salesml.snapshots.feature import Feature
from salesml.snapshots.own_sql import BEGINS, readable
from salesml.snapshots.sql import (
    Expr,
    absolute,
    all_of,
    col,
    date,
    days_between,
    double,
    either,
    missing,
    named,
    rel,
    select,
    when,
    whole,
)
from salesml.snapshots.timeline import DATES

LATER = {
    "accounts": {"ended_at": "ended_at"},
    "assignments": {"end": "end"},
    "prospects": {
        "won_at": "won_at", "lost_at": "lost_at", "lost_reason": "lost_at", "account": "won_at",
    },
}  # fmt: skip
"""Columns filled in later, with the date that they came with: missing unless that was past."""

HIDDEN = {"accounts": {"name", "rep"}, "prospects": {"name", "rep"}}
"""Columns that own features do not see: names are never features, reps have no date."""

NUMBERS = re.compile(r"U?(TINY|SMALL|BIG|HUGE)?INT(EGER)?|DOUBLE|FLOAT|DECIMAL\(\d+,\d+\)")
"""DuckDB's types of numbers."""


@dataclass(frozen=True)
class OwnColumns:
    """Own features whose SQL has been read and checked.

    ``columns`` holds each column's name and DuckDB type, without ``entity_id``.
    """

    own: OwnFeatures
    query: exp.Query
    columns: tuple[tuple[str, str], ...] = ()

    @property
    def undated(self) -> bool:
        """Whether it reads attributes that have no history."""
        read = {table.name.lower() for table in self.query.find_all(exp.Table)}
        return bool(read & {"accounts", "prospects"})


def as_known(
    query: exp.Query,
    as_of: dt.date,
    relations: Mapping[str, Mapping[str, str]],
    hidden: Mapping[str, set[str]],
) -> exp.Query:
    """The query over what was known before a date."""

    def known(node: Expr) -> Expr:
        if isinstance(node, exp.Placeholder):
            return date(as_of)
        name = node.name.lower() if isinstance(node, exp.Table) else ""
        if name in relations:
            inner = _relation(name, as_of, relations[name], hidden.get(name, set()))
            called = exp.to_identifier(node.alias_or_name, quoted=True)
            columns = [exp.to_identifier(each, quoted=True) for each in node.alias_column_names]
            alias = exp.TableAlias(this=called, columns=columns)
            made = exp.Subquery(this=inner, alias=alias)
            # Joins hang on the table that they follow.
            for key in ("joins", "laterals", "pivots", "sample"):
                if node.args.get(key):
                    made.set(key, node.args[key])
            return made
        return node

    return exp.maybe_copy(query).transform(known)  # type: ignore[return-value]


def _relation(name: str, as_of: dt.date, columns: Mapping[str, str], hidden: set[str]) -> exp.Select:
    later, shown = LATER.get(name, {}), []
    for column in columns:
        if column in hidden | HIDDEN.get(name, set()):
            continue
        if column in later:
            past = col(later[column]) < date(as_of)
            shown.append(named(when(past, col(column)), column))
        else:
            shown.append(col(column))
    query = select(*shown, source=rel(name))
    if name.startswith("events_"):
        return query.where(col("known_day") < date(as_of))
    if name == "accounts":
        return query.where(either(missing(col("acquired_at")), col("acquired_at") < date(as_of)))
    return query.where(col(BEGINS[name]) < date(as_of))


def hidden_columns(build: Build) -> dict[str, set[str]]:
    """Columns that must not become features, by relation."""
    hidden: dict[str, set[str]] = {}
    for name, columns in build.columns.items():
        table = f"events.{name[7:]}" if name.startswith("events_") else name
        key = build.entity.key
        other = {"prospect"} - {key}  # a prospect's own rows are its features, an account's are not
        hidden[name] = {column for column in columns if build.withheld(table, _plain(column))}
        hidden[name] = (hidden[name] | (other & set(columns))) - {"day", "known_day", "account", "id", key}
        hidden[name] |= {f"a_{attribute}" for attribute in build.dated.get(name, ())}
    if "acquired_at" not in getattr(build.contract.tables.get("accounts"), "columns", {}):
        # It then is the first event's day, which a late row could still change.
        hidden["accounts"].add("acquired_at")
    return hidden


def _plain(column: str) -> str:
    return column[2:] if column[:2] in ("a_", "m_", "c_") else column


def bare(build: Build, own: OwnColumns, as_of: dt.date) -> exp.Query:
    """The query as written, over what was known before a date."""
    relations = {name: build.columns[name] for name in readable(build.columns)}
    return as_known(own.query, as_of, relations, hidden_columns(build))


def at_date(build: Build, own: OwnColumns, k: int, as_of: dt.date) -> exp.Select:
    """The own features at one as-of date: ``entity``, ``k`` and the columns."""
    entity = exp.cast(col("entity_id"), exp.DataType.Type.TEXT)
    columns = [named(entity, "entity"), named(whole(k), "k"), *(col(name) for name, _ in own.columns)]
    query = bare(build, own, as_of)
    return select(*columns, source=query.subquery(exp.to_identifier("own", quoted=True)))


def add_own(build: Build, own: OwnColumns) -> None:
    """The step and the features of one query of one's own."""
    step = f"own__{safe_name(own.own.name)}"
    parts = [at_date(build, own, k, day) for k, day in enumerate(build.timeline.as_of)]
    build.join(build.across_entities(step, all_of(parts), of_entity=True))
    for name, type_ in own.columns:
        if name in build.spec.protected:
            continue
        number = type_ == "DATE" or is_number(type_)
        value: Expr = col(name, step)
        if type_ == "DATE":
            past = value < col("as_of", DATES)
            value = when(past, days_between(value.copy(), col("as_of", DATES)))
        build.feature(
            Feature(
                name=f"{own.own.name}_{name}", kind="number" if number else "category",
                source=f"own.{own.own.name}", column=name,
                unit="days" if type_ == "DATE" else "",
                form="days" if type_ == "DATE" else "number" if number else "category",
                words=own.own.words.get(name) or build.contract.word(name),
                group=f"own.{own.own.name}.{name}",
                tag=build.tag(name), undated=own.undated,
            ),
            _finite(value) if number else exp.cast(value, exp.DataType.Type.TEXT),
        )  # fmt: skip


def _finite(value: Expr) -> Expr:
    """The number in double precision; missing where it is infinite or none, which tells nothing."""
    greatest = exp.Literal.number(repr(sys.float_info.max))
    return when(absolute(double(value)) <= greatest, double(value.copy()))


def columns_told(build: Build) -> str:
    """The columns of each relation that own features see, for an error."""
    hidden = hidden_columns(build)
    told = []
    for name in sorted(readable(build.columns)):
        out = hidden[name] | HIDDEN.get(name, set())
        told.append(f"{name} has " + ", ".join(each for each in build.columns[name] if each not in out))
    return "; ".join(told)


def is_number(type_: str) -> bool:
    return NUMBERS.fullmatch(type_) is not None


def unusable(own: OwnFeatures, columns: Iterable[tuple[str, str]]) -> list[Fault]:
    """Faults of what the query returns."""
    types = dict(columns)
    faults = []
    if "entity_id" not in types:
        faults.append(
            Fault(
                code="missing-column",
                found=f"The SQL of features.{own.name} returns {', '.join(types) or 'nothing'}",
                allowed="One of its columns must be entity_id",
            )
        )
    for name, type_ in types.items():
        usable = type_ in ("DATE", "VARCHAR", "BOOLEAN") or is_number(type_)
        if name != "entity_id" and not usable:
            faults.append(
                Fault(
                    code="bad-type",
                    found=f"features.{own.name} returns {name} as {type_}",
                    allowed="A feature is a number, a text, a date or true/false",
                    do="Cast it in the SQL",
                )
            )
    return faults
