"""Months without rows, tables that begin late, periods that are not over, and what stands twice at a time."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

import duckdb

from salesml.crm.sources import identifier
from salesml.scorecard.data.note import Note, found, month, some
from salesml.scorecard.facts import Asked
from salesml.scorecard.periods import months_later

BY_MONTH = {"costs": "period", "workload": "period", "market": "period"}
"""Tables with rows for each month."""

BY_DAY = {"activities": "day", "prospects": "created_at", "stages": "day"}

MOSTLY = 0.6
"""A table has rows for each month if it has some in so many of its months."""

USUAL = 8.0
"""Rows a month, on average, above which a month without any is no chance: 1 in 3,000."""

ASSIGNED_TWICE = """
WITH x AS (
    SELECT DISTINCT account, rep, coalesce("start", DATE '0001-01-01') AS s, "end" AS e FROM assignments
)
SELECT DISTINCT a.account FROM x AS a JOIN x AS b
    ON a.account = b.account AND a.rep <> b.rep AND a.s <= b.s AND (a.e IS NULL OR b.s < a.e)
    AND (b.e IS NULL OR b.e > b.s)
"""

BY_REP = "SELECT rep || ', ' || period FROM {} GROUP BY rep, period HAVING count(*) > 1"

STATED_TWICE = {
    "workload": BY_REP.format("workload"),
    "targets": BY_REP.format("targets"),
    "costs": "SELECT coalesce(rep || ', ', '') || period FROM costs GROUP BY rep, period, kind, amount "
    "HAVING count(*) > 1",
    "market": "SELECT period::VARCHAR FROM market GROUP BY period HAVING count(*) > 1",
}


CUT_SHORT = """
-- A target holds until the rep's next one: a row inside a longer period takes the rest of that away.
WITH rows AS (SELECT DISTINCT rep, date_trunc('month', period)::DATE AS month FROM targets),
apart AS (
    SELECT *, date_diff('month', month, lead(month) OVER (PARTITION BY rep ORDER BY month)) AS months
    FROM rows
),
usual AS (SELECT rep, median(months) AS months FROM apart GROUP BY rep)
SELECT coalesce(a.rep || ', ', '') || a.month FROM apart AS a
JOIN usual AS u ON u.rep IS NOT DISTINCT FROM a.rep WHERE a.months < u.months
"""


def notes(con: duckdb.DuckDBPyConnection, asked: Asked) -> Iterator[Note]:
    """All that is to be said of time."""
    yield from _partial(asked)
    full = [each for each in asked.periods if each.kind == "month" and each.complete]
    if full:
        for table, column in _dated(asked).items():
            yield from _gaps(con, table, column, full[0].start, full[-1].end)
    if "assignments" in asked.have:
        yield from _assigned_twice(con)
    for table, query in STATED_TWICE.items():
        if table in asked.have:
            yield from _stated_twice(con, table, query)
    if "targets" in asked.have:
        yield from _cut_short(con)


def _dated(asked: Asked) -> dict[str, str]:
    """Tables that must have rows in each month, and the column of their days."""
    logs = {name: "day" for name in sorted(asked.have) if name.startswith("events.") and name.count(".") == 1}
    return {name: day for name, day in {**logs, **BY_DAY, **BY_MONTH}.items() if name in asked.have}


def _partial(asked: Asked) -> Iterator[Note]:
    for each in asked.periods:
        if not each.complete and each.kind != "all":
            last = each.end > asked.until
            why = "is not over" if last else "began before the first recorded day"
            yield Note(
                code="partial-period",
                count=1,
                first=each.start,
                until=each.end,
                words=f"{each.name} {why}: its figures are of the days that were recorded, are marked and "
                "are compared with no other period.",
            )


def _gaps(
    con: duckdb.DuckDBPyConnection, table: str, column: str, first: dt.date, until: dt.date
) -> Iterator[Note]:
    by_kind = table == "costs"
    kind = "coalesce(kind, '')" if by_kind else "''"
    day = identifier(column)
    query = (
        f"SELECT {kind} AS kind, date_trunc('month', {day})::DATE AS month, count(*) "
        f"FROM {identifier(table.replace('.', '_'))} WHERE {day} >= ? AND {day} < ? "
        "GROUP BY ALL ORDER BY ALL"
    )
    rows: dict[str, dict[dt.date, int]] = {}
    for name, day, count in con.execute(query, [first, until]).fetchall():
        rows.setdefault(name, {})[day] = count
    for name, counts in rows.items():
        yield from _without_rows(table, name, counts, first, until)


def _without_rows(
    table: str, kind: str, counts: dict[dt.date, int], first: dt.date, until: dt.date
) -> Iterator[Note]:
    begins = min(counts)
    months = _months(begins, until)
    missing = [each for each in months if each not in counts]
    expected = len(counts) >= MOSTLY * len(months)
    if table not in BY_MONTH:
        expected = expected and sum(counts.values()) / len(months) >= USUAL
    if not expected:
        return
    what = f"{table.removeprefix('events.')}{f' of kind {kind}' if kind else ''}"
    if begins > first:
        short = f"{what} begin in {month(begins)}"
        words = (
            f"The rows of {what} begin in {month(begins)}, though the other tables begin in {month(first)}. "
        )
        yield Note(
            code="starts-later", table=table, count=len(_months(first, begins)), first=first, until=begins,
            spoils=(table,), short=short,
            words=f"{words}Figures made of them are marked for the time before.",
        )  # fmt: skip
    for start, end in _runs(missing):
        when = (
            month(start)
            if months_later(start, 1) == end
            else f"{month(start)} to {month(months_later(end, -1))}"
        )
        yield Note(
            code="missing-month", table=table, count=len(_months(start, end)), first=start, until=end,
            spoils=(table,), short=f"no rows of {what} in {when}",
            words=f"There are no rows of {what} in {when}. Every figure made of them is marked as incomplete "
            "for these months and for the quarters and years with them: load the rows and run it again.",
        )  # fmt: skip


def _assigned_twice(con: duckdb.DuckDBPyConnection) -> Iterator[Note]:
    here = found(con, ASSIGNED_TWICE)
    if here.count:
        yield Note(
            code="assignments-overlap",
            table="assignments",
            count=here.count,
            examples=here.examples,
            words=f"{some(here.count, 'account was', 'accounts were')} with two reps at the same time. "
            "Whoever began last counts, from that day on.",
        )


def _stated_twice(con: duckdb.DuckDBPyConnection, table: str, query: str) -> Iterator[Note]:
    here = found(con, query)
    if here.count:
        yield Note(
            code="periods-overlap",
            table=table,
            count=here.count,
            examples=here.examples,
            words=f"{some(here.count, 'period of', 'periods of')} {table} "
            f"{'is' if here.count == 1 else 'are'} stated more than once for the same rep. The rows are "
            "added up: if one replaces another, remove what it replaces.",
        )


def _cut_short(con: duckdb.DuckDBPyConnection) -> Iterator[Note]:
    here = found(con, CUT_SHORT)
    if here.count:
        yield Note(
            code="periods-overlap",
            table="targets",
            count=here.count,
            examples=here.examples,
            words=f"{some(here.count, 'target is', 'targets are')} followed by the next one sooner than "
            "usual. Each holds until the next begins: if their periods overlap, state one target for each.",
        )


def _months(first: dt.date, until: dt.date) -> list[dt.date]:
    found = []
    while first < until:
        found.append(first)
        first = months_later(first, 1)
    return found


def _runs(months: list[dt.date]) -> Iterator[tuple[dt.date, dt.date]]:
    """Months in a row, as the first of each run and the month after it."""
    start = None
    for index, each in enumerate(months):
        start = start or each
        after = months_later(each, 1)
        if index + 1 == len(months) or months[index + 1] != after:
            yield start, after
            start = None
