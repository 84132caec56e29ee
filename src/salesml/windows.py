"""Half-open windows, as-of dates, and the split of time into train, validate and test.

Every window is ``[start, end)`` in whole days. A prediction made at an as-of date sees the days
before it; its label looks at ``[as_of + gap, as_of + gap + horizon)``.
"""

from __future__ import annotations

import calendar
import datetime as dt
from dataclasses import dataclass
from typing import Literal

from salesml.errors import DataError, Fault

Part = Literal["train", "validate", "test"]


@dataclass(frozen=True, order=True)
class Window:
    """The days ``[start, end)``."""

    start: dt.date
    end: dt.date

    @property
    def days(self) -> int:
        return (self.end - self.start).days

    def __contains__(self, day: object) -> bool:
        return isinstance(day, dt.date) and self.start <= day < self.end

    def __str__(self) -> str:
        return f"[{self.start}, {self.end})"


def lookback(as_of: dt.date, days: int) -> Window:
    """The ``days`` days before an as-of date."""
    return Window(as_of - dt.timedelta(days=days), as_of)


def horizon(as_of: dt.date, horizon_days: int, gap_days: int = 0) -> Window:
    """The days a label looks at."""
    start = as_of + dt.timedelta(days=gap_days)
    return Window(start, start + dt.timedelta(days=horizon_days))


@dataclass(frozen=True)
class Split:
    """As-of dates for training, validating and testing, with the horizon between them."""

    train: tuple[dt.date, ...]
    validate: tuple[dt.date, ...]
    test: tuple[dt.date, ...]
    horizon_days: int
    gap_days: int = 0

    @property
    def dates(self) -> tuple[dt.date, ...]:
        """All as-of dates, in order."""
        return (*self.train, *self.validate, *self.test)

    def part(self, day: dt.date) -> Part:
        """Which part an as-of date belongs to."""
        if day in self.test:
            return "test"
        return "validate" if day in self.validate else "train"

    def summary(self) -> str:
        """The split as a table: part, as-of date, and the days its label looks at."""
        lines = [f"{'part':<9} {'as-of date':<11} label looks at"]
        for day in self.dates:
            lines.append(f"{self.part(day):<9} {day}  {horizon(day, self.horizon_days, self.gap_days)}")
        return "\n".join(lines)

    def check(self) -> None:
        """A second guard, apart from whoever chose the dates.

        Raises
        ------
        DataError
            ``split-overlap`` when the label of a date for training or validating is not known
            before the first test date.
        """
        known_by = dt.timedelta(days=self.horizon_days + self.gap_days)
        late = [day for day in (*self.train, *self.validate) if self.test and day + known_by > min(self.test)]
        if late:
            raise DataError(
                Fault(
                    code="split-overlap",
                    found=f"The labels of {', '.join(map(str, late))} are not known "
                    f"before the first test date {min(self.test)}",
                    allowed=f"Between them must lie the horizon and the gap, {known_by.days} days",
                    do="Take earlier dates for training or a later one for the test",
                )
            )


def step_back(day: dt.date, steps: int, every: Literal["month", "week"]) -> dt.date:
    """The date ``steps`` months or weeks earlier; the end of a shorter month where it must be."""
    if every == "week":
        return day - dt.timedelta(weeks=steps)
    month = day.year * 12 + day.month - 1 - steps
    year, month = month // 12, month % 12 + 1
    return dt.date(year, month, min(day.day, calendar.monthrange(year, month)[1]))


def choose(
    first_day: dt.date,
    observed_until: dt.date,
    *,
    every: Literal["month", "week"],
    train: int,
    validate: int,
    test: int,
    horizon_days: int,
    gap_days: int = 0,
    history_days: int = 0,
) -> Split:
    """As many as-of dates as the data hold, at most the numbers given, newest last.

    Test dates are the newest whose whole horizon has been observed. Validate dates lie far enough
    before them that their labels are known at the first test date, and training dates likewise
    before the validate dates; when the data are too short for that, the validate dates are left
    out (the training dates then serve by account folds).

    Parameters
    ----------
    first_day, observed_until : datetime.date
        The data cover ``[first_day, observed_until)``.
    history_days : int
        Days of history that the earliest as-of date should have.

    Raises
    ------
    DataError
        ``too-short`` when not even one training and one test date fit.
    """
    reach = dt.timedelta(days=horizon_days + gap_days)
    earliest = first_day + dt.timedelta(days=history_days)

    def back(newest: dt.date, number: int) -> tuple[dt.date, ...]:
        days = [step_back(newest, step, every) for step in range(number)]
        return tuple(sorted(day for day in days if day >= earliest))

    newest_test = observed_until - reach
    for tests in range(test, 0, -1):
        test_days = tuple(sorted(step_back(newest_test, step, every) for step in range(tests)))
        for validates in (validate, 0) if validate else (0,):
            validate_days = back(test_days[0] - reach, validates)
            if len(validate_days) < validates:
                continue
            train_days = back((validate_days or test_days)[0] - reach, train)
            if train_days:
                return Split(train_days, validate_days, test_days, horizon_days, gap_days)
    have = (observed_until - first_day).days
    need = history_days + 2 * reach.days
    raise DataError(
        Fault(
            code="too-short",
            found=f"The data cover {have} days, [{first_day}, {observed_until})",
            allowed=f"One training and one test date need {need}: {history_days} of history and "
            f"{reach.days} of horizon for each",
            do="Take a shorter horizon or a longer history",
        )
    )
