"""Months, quarters and years of the recorded time, and all of it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

PeriodKind = Literal["month", "quarter", "year", "all"]

MONTHS: dict[PeriodKind, int] = {"month": 1, "quarter": 3, "year": 12}


@dataclass(frozen=True, order=True)
class Period:
    """The days ``[start, end)`` of a kind; ``complete`` where all of them were recorded."""

    kind: PeriodKind
    start: dt.date
    end: dt.date
    complete: bool

    @property
    def name(self) -> str:
        """``March 2025``, ``2025 Q1``, ``2025``, or the days of the whole time."""
        if self.kind == "month":
            return f"{self.start:%B %Y}"
        if self.kind == "quarter":
            return f"{self.start.year} Q{(self.start.month + 2) // 3}"
        if self.kind == "year":
            return str(self.start.year)
        last = self.end - dt.timedelta(days=1)
        return f"{self.start.day} {self.start:%B %Y} to {last.day} {last:%B %Y}"


def months_later(day: dt.date, months: int) -> dt.date:
    """The first of the month so many months after the month of a day."""
    number = day.year * 12 + day.month - 1 + months
    return dt.date(number // 12, number % 12 + 1, 1)


def periods(first: dt.date, until: dt.date) -> tuple[Period, ...]:
    """Every month, quarter and year that has a day in ``[first, until)``, and all of the full months.

    Parameters
    ----------
    first : datetime.date
        The first day that was recorded.
    until : datetime.date
        The day before which everything was observed.
    """
    found = [*_of("month", first, until), *_of("quarter", first, until), *_of("year", first, until)]
    full = [each for each in found if each.kind == "month" and each.complete]
    if full:
        found.append(Period("all", full[0].start, full[-1].end, True))
    return tuple(found)


def _of(kind: PeriodKind, first: dt.date, until: dt.date) -> Iterator[Period]:
    length = MONTHS[kind]
    start = dt.date(first.year, (first.month - 1) // length * length + 1, 1)
    while start < until:
        end = months_later(start, length)
        yield Period(kind, start, end, _opening(first) <= start and end <= until)
        start = end


def _opening(first: dt.date) -> dt.date:
    """The first of the month, where recording began in its first days: some close on the first."""
    return first.replace(day=1) if first.day <= 4 else first
