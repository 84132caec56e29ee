"""Faults of a load: tables that are too old, days that are missing, cut short or there twice."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping

import duckdb

from salesml.crm.bound import Bound
from salesml.crm.codes import fault
from salesml.crm.contract import Contract
from salesml.crm.doubled import check_doubled
from salesml.crm.report import counted
from salesml.crm.sources import identifier
from salesml.crm.volume import OddDay, odd_days
from salesml.errors import Fault

DAYS = {"accounts": "acquired_at", "contracts": "start", "prospects": "created_at", "assignments": "start"}
"""The column that says when a row came, where it is not ``day``."""

STOPPED = dt.timedelta(days=35)
"""A table without rows for longer than this has stopped; a shorter gap is a load that is missing."""


def check_completeness(
    bounds: Mapping[str, Bound],
    contract: Contract,
    con: duckdb.DuckDBPyConnection,
    today: dt.date,
    end: dt.date | None,
) -> Iterator[Fault]:
    """Freshness, daily volume and rows that stand twice, of every table that has a date.

    Parameters
    ----------
    end : datetime.date or None
        The day before which rows are expected; None where no table has a date.
    """
    for bound in bounds.values():
        column = DAYS.get(bound.table, "day")
        field = bound.field("at" if bound.table.startswith("events.") else column)
        if field is None:
            continue
        counts = _daily(bound, column, today, con)
        yield from _stale(bound, field.column, contract, counts, today)
        if end is not None:
            yield from check_doubled(bound, field, con, end)
            odd = odd_days(counts, end, contract.closed)
            yield from _stopped(bound, field.column, counts, odd, end)
            yield from _odd(bound, field.column, [each for each in odd if not _after_stop(each, counts, end)])


def _daily(bound: Bound, column: str, today: dt.date, con: duckdb.DuckDBPyConnection) -> dict[dt.date, int]:
    day = identifier(column)
    rows = con.execute(
        f"SELECT {day}, count(*) FROM {identifier(bound.relation)} WHERE {day} BETWEEN ? AND ? GROUP BY ALL",
        [dt.date.min, today],
    ).fetchall()
    return dict(rows)


def _stale(
    bound: Bound, column: str, contract: Contract, counts: Mapping[dt.date, int], today: dt.date
) -> Iterator[Fault]:
    limit = contract.freshness.get(bound.table.removeprefix("events."))
    if limit is None or not counts:
        return
    newest = max(counts)
    age = (today - newest).days
    if age > limit:
        found = f"The newest row is of {newest}, {counted(age, 'day')} before {today}"
        yield fault(
            "stale", found, allowed=f"At most {limit} days are allowed", table=bound.table, column=column
        )


def _after_stop(odd: OddDay, counts: Mapping[dt.date, int], end: dt.date) -> bool:
    """Whether the table had come to its end before that day, and long ago."""
    last = max(counts)
    return odd.day > last and end - last > STOPPED


def _stopped(
    bound: Bound, column: str, counts: Mapping[dt.date, int], odd: list[OddDay], end: dt.date
) -> Iterator[Fault]:
    silent = [each for each in odd if _after_stop(each, counts, end)]
    if silent:
        last = max(counts)
        found = f"The last row is of {last}, {(end - last).days} days before the end of the other tables"
        yield fault("stopped", found, table=bound.table, column=column, examples=[str(silent[0])])


def _odd(bound: Bound, column: str, odd: list[OddDay]) -> Iterator[Fault]:
    for recent in (True, False):
        for missing in (True, False):
            days = [each for each in odd if each.recent is recent and each.missing is missing]
            if days:
                yield _odd_fault(bound, column, days)


def _odd_fault(bound: Bound, column: str, days: list[OddDay]) -> Fault:
    first = days[0]
    code = f"{'' if first.recent else 'old-'}{'missing' if first.missing else 'thin'}-day"
    when = f"on {first.day}" if len(days) == 1 else f"on {len(days)} days from {first.day} to {days[-1].day}"
    what = "Almost nothing came" if first.missing else "Far fewer rows than usual came"
    worst = sorted(days, key=lambda each: each.expected - each.rows, reverse=True)[:5]
    examples = [str(each) for each in sorted(worst, key=lambda each: each.day)]
    return fault(code, f"{what} {when}", table=bound.table, column=column, count=len(days), examples=examples)
