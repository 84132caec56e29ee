"""Whether the tables reach the date that is scored: on old rows everybody looks like a leaver."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterator
from itertools import pairwise

import duckdb

from salesml.config import Spec
from salesml.crm import CRM
from salesml.crm.codes import fault
from salesml.crm.report import counted
from salesml.crm.sources import identifier
from salesml.errors import Fault
from salesml.snapshots.entity import entity_of
from salesml.snapshots.events import logs_of

LEAST_DAYS = 2
"""So old a log may always be: last night's load may be under way."""

LONGER = 1.5
"""So many times its longest gap a log may be silent before it counts as cut off."""

LOOKED_BACK = dt.timedelta(days=365)
"""A year holds every holiday once."""

LOOKS_LIKE = {"account": "a leaver", "prospect": "look forgotten"}
"""What those do of whom nothing new is known."""

LABEL_TABLES = {
    "contract": ("contracts", "start"),
    "won": ("prospects", "created_at"),
    "ideal": ("prospects", "created_at"),
}
"""The table that decides a label which is not made of events, and its column of days."""


def stale_tables(spec: Spec, crm: CRM, as_of: dt.date) -> list[Fault]:
    """The tables whose newest row before a date is older than their own rhythm explains.

    The newest row known before the date counts; later rows do not matter. Without a limit under
    `freshness` in crm.yaml it may be 2 days old, or 1.5 times the longest time without rows in the
    365 days up to it, whichever is longer. A table with a limit is left to ``CRM.check``.
    """
    with crm.connect() as con:
        return [
            _stale(table, max(days), allowed_age(days), as_of, LOOKS_LIKE[entity_of(spec).one])
            for table, days in _days(spec, crm, con, as_of)
            if days and (as_of - max(days)).days > allowed_age(days)
        ]


def allowed_age(days: Collection[dt.date]) -> int:
    """How many days old the newest of some days with rows may be, by the rule of this module."""
    newest = max(days)
    recent = sorted(day for day in set(days) if newest - day <= LOOKED_BACK)
    gaps = [(later - earlier).days for earlier, later in pairwise(recent)]
    return max(LEAST_DAYS, int(LONGER * max(gaps, default=0)))


def _days(
    spec: Spec, crm: CRM, con: duckdb.DuckDBPyConnection, as_of: dt.date
) -> Iterator[tuple[str, list[dt.date]]]:
    """The days before a date with rows, of each table that the model looks at and nothing limits."""
    logs = logs_of(crm.contract, entity_of(spec))
    wanted = [(f"events.{name}", f"events_{name}", "known_day", name) for name in logs]
    table, column = LABEL_TABLES.get(spec.label.kind, ("", ""))
    if column in getattr(crm.contract.tables.get(table), "columns", {}):
        wanted.append((table, table, column, table))
    for shown, relation, day, limit in wanted:
        if limit not in crm.contract.freshness:
            name = identifier(day)
            query = f"SELECT DISTINCT {name} FROM {identifier(relation)} WHERE {name} < ?"
            yield shown, [row[0] for row in con.execute(query, [as_of]).fetchall()]


def _stale(table: str, newest: dt.date, allowed: int, as_of: dt.date, looks_like: str) -> Fault:
    name = table.removeprefix("events.")
    return fault(
        "stale",
        f"The newest row is of {newest}, {counted((as_of - newest).days, 'day')} before {as_of}",
        allowed=f"At most {allowed} days, by the longest gap of its last year: older rows would make "
        f"everybody {looks_like}. Load the newest rows, or say under freshness how old it may be: "
        f"{name}: 30d",
        table=table,
    )
