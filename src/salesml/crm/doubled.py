"""Days that were loaded twice: counts and money would be twice what they are.

Two rows may well be alike. That each row of a day stands twice, where there are many, is no chance.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

import duckdb

from salesml.crm.bound import Bound, Field
from salesml.crm.codes import EXAMPLES, fault
from salesml.crm.report import counted
from salesml.crm.sources import identifier
from salesml.crm.volume import RECENT_DAYS
from salesml.errors import Fault

LEAST_ROWS = 20
"""Different rows that a day must have, to be judged."""

_DAY, _TIMES = '"salesml day"', '"salesml times"'


def check_doubled(bound: Bound, at: Field, con: duckdb.DuckDBPyConnection, end: dt.date) -> Iterator[Fault]:
    """The last days before ``end`` of which every row stands more than once.

    Parameters
    ----------
    at : Field
        When a row happened. When it was loaded does not matter: that differs between two loads.
    """
    recent = f"SELECT * FROM ({_rows(bound, at)}) WHERE {_DAY} BETWEEN ? AND ?"
    different = f"SELECT *, count(*) AS {_TIMES} FROM ({recent}) GROUP BY ALL"
    rows = con.execute(
        f"SELECT {_DAY}, count(*), sum({_TIMES}) FROM ({different}) GROUP BY {_DAY} "
        f"HAVING count(*) >= {LEAST_ROWS} AND min({_TIMES}) > 1 ORDER BY {_DAY}",
        [end - dt.timedelta(days=RECENT_DAYS), end - dt.timedelta(days=1)],
    ).fetchall()
    if rows:
        found = f"Every row of {rows[0][0]}"
        if len(rows) > 1:
            found = f"Every row of {counted(len(rows), 'day')} from {rows[0][0]} to {rows[-1][0]}"
        examples = [f"{day}: {all_of:,} rows, {different:,} different" for day, different, all_of in rows]
        yield fault(
            "double-day", f"{found} stands twice or more often", table=bound.table, column=at.column,
            count=len(rows), examples=examples[:EXAMPLES],
        )  # fmt: skip


def _rows(bound: Bound, at: Field) -> str:
    """The table's own rows with their day, but for when they were loaded."""
    known = bound.field("known_at")
    but = f" EXCLUDE ({identifier(known.column)})" if known and known.column in bound.raw.columns else ""
    where = f" WHERE {bound.where.sql('duckdb')}" if bound.where is not None else ""
    day = f"CAST({at.value.sql('duckdb')} AS DATE) AS {_DAY}"
    return f"SELECT {day}, *{but} FROM {identifier(bound.raw_name)}{where}"
