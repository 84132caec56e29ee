"""The days of the simulated company: months, spans of five days, working days."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]

END = dt.date(2026, 1, 1)
"""The first day after the last one recorded."""

SPANS = 6
"""Spans of a month: five of five days and the rest."""

HORIZON = 90
BEYOND = 5
"""Months after the end that the truth looks into."""


@dataclass(frozen=True)
class Calendar:
    """Whole months up to ``END``; every day is a number, 0 for the first.

    Parameters
    ----------
    months : int
        How many are recorded.
    """

    months: int

    @cached_property
    def first(self) -> dt.date:
        index = END.year * 12 + END.month - 1 - self.months
        return dt.date(index // 12, index % 12 + 1, 1)

    @cached_property
    def month_starts(self) -> Ints:
        """First day of every month, those after the end included."""
        first = np.datetime64(self.first, "M")
        starts = (first + np.arange(self.months + BEYOND + 1)).astype("datetime64[D]")
        return np.asarray((starts - starts[0]).astype(np.int64))

    @property
    def end(self) -> int:
        return int(self.month_starts[self.months])

    @cached_property
    def span_starts(self) -> Ints:
        """First day of every span, and the day after the last."""
        starts = self.month_starts[:-1, None] + 5 * np.arange(SPANS)
        return np.append(starts.ravel(), self.month_starts[-1])

    @cached_property
    def working_days(self) -> Ints:
        """Every Monday to Friday."""
        days = np.arange(self.month_starts[-1])
        return np.asarray(days[(days + self.first.weekday()) % 7 < 5])

    @cached_property
    def worked_before(self) -> Ints:
        """Working days before each day."""
        return np.searchsorted(self.working_days, np.arange(self.month_starts[-1] + 1))

    def working(self, start: int, end: int) -> int:
        """Working days in ``[start, end)``."""
        return int(self.worked_before[end] - self.worked_before[start])

    def working_day(self, start: int, number: Ints) -> Ints:
        """The day on which so many working days have passed since ``start``."""
        return np.asarray(self.working_days[self.worked_before[start] + number])

    def month_of_year(self, month: int) -> int:
        """0 for January."""
        return (self.first.month - 1 + month) % 12

    def dates(self, days: npt.NDArray[np.int64]) -> npt.NDArray[np.datetime64]:
        return np.datetime64(self.first, "D") + days.astype("timedelta64[D]")


def calendar_of(days: int) -> Calendar:
    """The calendar of about so many days, in whole months."""
    return Calendar(max(1, round(days / 365.25 * 12)))
