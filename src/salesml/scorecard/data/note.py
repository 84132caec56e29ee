"""One thing that a manager must know of the tables, and how it is put into words."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

import duckdb

from salesml.words import numbers, texts
from salesml.words.english import MONTHS

SHOWN = 5
"""Examples that are named."""


@dataclass(frozen=True, kw_only=True)
class Note:
    """What was found, what is done with it and what to do.

    Parameters
    ----------
    code, table : str
    words : str
        Whole sentences.
    count : int
        How many it concerns.
    examples : tuple of str
    first, until : datetime.date, optional
        Firsts of months: the first concerned and the one after the last.
    spoils : tuple of str
        Tables whose figures are incomplete for it in these months.
    short : str
        What these figures lack, as a clause.
    """

    code: str
    words: str
    table: str = ""
    count: int = 0
    examples: tuple[str, ...] = ()
    first: dt.date | None = None
    until: dt.date | None = None
    spoils: tuple[str, ...] = ()
    short: str = ""


@dataclass(frozen=True)
class Found:
    """How many there are, and the first of them."""

    count: int
    examples: tuple[str, ...]


def found(con: duckdb.DuckDBPyConnection, query: str, values: Sequence[object] = ()) -> Found:
    """What a query of one column finds: counted where it lies, since it may be a million."""
    counted = f"SELECT count(*) OVER () AS n, x FROM ({query}) AS t(x) ORDER BY x LIMIT {SHOWN}"
    rows = con.execute(counted, list(values)).fetchall()
    return Found(rows[0][0] if rows else 0, shown([x for _, x in rows]))


def some(number: int, one: str, many: str = "") -> str:
    """``1 rep``, ``12 reps``."""
    return f"{numbers.count(number)} {one if number == 1 else many or one + 's'}"


def shown(values: Sequence[object]) -> tuple[str, ...]:
    """Up to five, each as one line."""
    return tuple(texts.one_line(str(value)) for value in values[:SHOWN])


def month(day: dt.date) -> str:
    """``March 2025``."""
    return f"{MONTHS[day.month - 1]} {day.year}"
