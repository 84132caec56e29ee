"""Faults between tables: ids that do not exist, doubled keys, rows outside an account's time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import duckdb

from salesml.crm.bound import Bound
from salesml.crm.codes import EXAMPLES, fault
from salesml.crm.probes import ENTITIES
from salesml.crm.report import counted
from salesml.crm.sources import identifier
from salesml.crm.tables import ANSWERS
from salesml.errors import Fault

TARGETS = {"account": "accounts", "prospect": "prospects", "rep": "reps"}
"""Which table a key points to; a manager need not be a rep."""

ORDERED = {
    "accounts": (("acquired_at", "ended_at"),),
    "contracts": (("start", "end"),),
    "assignments": (("start", "end"),),
    "prospects": (("created_at", "won_at"), ("created_at", "lost_at")),
}
"""Pairs of dates of one row, the earlier first."""


@dataclass(frozen=True)
class Life:
    """Where a thing's first and last day stand."""

    key: str
    table: str
    start: str
    end: str


LIVES = (
    Life("account", "accounts", "acquired_at", "ended_at"),
    Life("prospect", "prospects", "created_at", ""),
)

BEFORE = {("referrals", "prospect")}
"""Rows that lie before what they name began: a prospect comes of a referral."""


def check_links(bounds: Mapping[str, Bound], con: duckdb.DuckDBPyConnection) -> Iterator[Fault]:
    """All faults between the tables that could be read; their relations stand in the connection."""
    for bound in bounds.values():
        yield from _duplicates(bound, con)
        yield from _orphans(bound, bounds, con)
        yield from _backwards(bound, con)
        yield from _outside(bound, bounds, con)


def _duplicates(bound: Bound, con: duckdb.DuckDBPyConnection) -> Iterator[Fault]:
    field = bound.field("id")
    if bound.table not in ENTITIES or field is None:
        return
    row = con.execute(
        f"SELECT count(*), coalesce(sum(n), 0), min(id, {EXAMPLES}) FROM (SELECT id, count(*) AS n "
        f"FROM {bound.table} WHERE id IS NOT NULL GROUP BY id HAVING count(*) > 1)"
    ).fetchone()
    if row and row[0]:
        found = (
            f"{counted(row[0], 'id')} stand in {int(row[1]):,} rows"
            if row[0] > 1
            else f"One id stands in {int(row[1]):,} rows"
        )
        yield fault(
            "duplicate-key",
            found,
            table=bound.table,
            column=field.column,
            count=row[0],
            examples=_shown(row[2]),
        )


def _orphans(bound: Bound, bounds: Mapping[str, Bound], con: duckdb.DuckDBPyConnection) -> Iterator[Fault]:
    for field in bound.fields:
        target = TARGETS.get(field.name, "") if field.part == "id" else ""
        if target not in bounds or bounds[target].field("id") is None:
            continue
        name = identifier(field.name)
        row = con.execute(
            f"SELECT count(*), count(*) FILTER (t.id IS NULL), coalesce(sum(n) FILTER (t.id IS NULL), 0), "
            f"min(own.id, {EXAMPLES}) FILTER (t.id IS NULL) FROM (SELECT {name} AS id, count(*) AS n "
            f"FROM {identifier(bound.relation)} WHERE {name} IS NOT NULL GROUP BY {name}) AS own "
            f"LEFT JOIN (SELECT DISTINCT id FROM {target}) AS t ON own.id = t.id"
        ).fetchone()
        if row and row[1]:
            yield _orphan(bound, field.column, target, row, con)


def _orphan(
    bound: Bound,
    column: str,
    target: str,
    row: tuple[int, int, int, list[str]],
    con: duckdb.DuckDBPyConnection,
) -> Fault:
    ids, missing, rows, examples = row
    if missing == ids:
        there = con.execute(f"SELECT min(DISTINCT id, 3) FROM {target}").fetchone()
        have = ", ".join(_shown(there[0])) if there and there[0] else "none"
        found = f"Not one of {counted(ids, 'id')} is in {target}, whose ids look like {have}"
        code = "no-match"
    else:
        found = f"{missing:,} of {counted(ids, 'id')}, in {counted(int(rows), 'row')}, not found in {target}"
        code = "orphan"
    return fault(code, found, table=bound.table, column=column, count=int(rows), examples=_shown(examples))


def _backwards(bound: Bound, con: duckdb.DuckDBPyConnection) -> Iterator[Fault]:
    for start, end in ORDERED.get(bound.table, ()):
        first, last = bound.field(start), bound.field(end)
        if first is None or last is None:
            continue
        key = bound.field("id") or bound.field("account")
        shown = f"{identifier(key.name)} || ': ' || " if key else ""
        low, high = identifier(start), identifier(end)
        example = f"{shown}{low} || ' to ' || {high}"
        row = con.execute(
            f"SELECT count(*), min({example}, {EXAMPLES}) "
            f"FROM {identifier(bound.relation)} WHERE {high} < {low}"
        ).fetchone()
        if row and row[0]:
            found = f"{counted(row[0], 'row')} with {last.column} before {first.column}"
            yield fault(
                "end-before-start", found, table=bound.table, column=last.column, count=row[0],
                examples=_shown(row[1]),
            )  # fmt: skip


def _outside(bound: Bound, bounds: Mapping[str, Bound], con: duckdb.DuckDBPyConnection) -> Iterator[Fault]:
    """Rows dated before the thing they belong to began, or after it ended."""
    if bound.table == ANSWERS:
        return  # who is lost is said so after the end
    name = {"contracts": "start", "assignments": "start"}.get(bound.table, "day")
    dated = bound.field("at" if bound.table.startswith("events.") else name)
    for life in LIVES:
        target = bounds.get(life.table)
        if target is None or dated is None or bound.field(life.key) is None:
            continue
        if target.field(life.start) and (bound.table, life.key) not in BEFORE:
            yield from _beyond(bound, life, name, dated.column, "before-start", con)
        if life.end and target.field(life.end):
            yield from _beyond(bound, life, name, dated.column, "after-end", con)


def _beyond(
    bound: Bound, life: Life, day: str, column: str, code: str, con: duckdb.DuckDBPyConnection
) -> Iterator[Fault]:
    edge = life.start if code == "before-start" else life.end
    beyond = f"own.{identifier(day)} {'<' if code == 'before-start' else '>'} t.{identifier(edge)}"
    if bound.field("is_return"):
        beyond += " AND NOT own.is_return"  # what is sent back later is no life
    example = f"t.id || ': ' || own.{identifier(day)} || ', {edge} ' || t.{identifier(edge)}"
    row = con.execute(
        f"SELECT count(*), count(DISTINCT t.id), min(DISTINCT {example}, {EXAMPLES}) "
        f"FROM {identifier(bound.relation)} AS own JOIN {life.table} AS t "
        f"ON own.{life.key} = t.id WHERE {beyond}"
    ).fetchone()
    if row and row[0]:
        side = f"before the {life.key} began" if code == "before-start" else f"after the {life.key} ended"
        found = f"{counted(row[0], 'row')} of {counted(row[1], life.key)} lie {side}"
        yield fault(code, found, table=bound.table, column=column, count=row[0], examples=_shown(row[2]))


def _shown(examples: list[str] | None) -> list[str]:
    return [repr(each) for each in examples or ()]
