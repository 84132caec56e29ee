"""Days on which many businesses are closed, so that nothing coming is no sign of a lost load."""

from __future__ import annotations

import datetime as dt
from functools import lru_cache

FIXED = (
    (1, 1), (1, 2), (1, 6), (5, 1), (6, 19), (7, 4), (7, 14), (8, 15), (10, 3), (11, 1), (11, 11),
    (12, 24), (12, 25), (12, 26), (12, 31),
)  # fmt: skip
"""Month and day of holidays that many countries keep."""

FROM_EASTER = (-2, 0, 1, 39, 49, 50)
"""Good Friday, Easter, Easter Monday, Ascension, Whit Sunday and Monday, in days from Easter."""

ONCE = (
    dt.date(2002, 6, 4), dt.date(2011, 4, 29), dt.date(2012, 6, 5), dt.date(2022, 6, 3),
    dt.date(2022, 9, 19), dt.date(2023, 5, 8),
)  # fmt: skip
"""Holidays of one year only: weddings, jubilees, a funeral and a coronation in the United Kingdom."""


@lru_cache(maxsize=256)
def holidays(year: int) -> frozenset[dt.date]:
    """Days of a year on which a business may well be closed, weekends apart.

    The week between Christmas and New Year counts as a whole, and so do the first and last Mondays
    of May and August, the first of September and the fourth Thursday of November with its Friday.
    A holiday on a weekend may be made up for on the Monday or Tuesday after it.
    """
    fixed = [dt.date(year, month, day) for month, day in FIXED]
    made_up = [_next_working(day) for day in fixed if day.weekday() >= 5]
    moving = [easter(year) + dt.timedelta(days=days) for days in FROM_EASTER]
    winter = [dt.date(year, 12, day) for day in range(24, 32)] + [dt.date(year, 1, day) for day in (1, 2, 3)]
    mondays = [_weekday(year, 5, 0, 1), _weekday(year, 9, 0, 1), _last_monday(year, 5), _last_monday(year, 8)]
    thursday = _weekday(year, 11, 3, 4)
    once = [day for day in ONCE if day.year == year]
    return frozenset(
        [*fixed, *made_up, *moving, *winter, *mondays, thursday, thursday + dt.timedelta(1), *once]
    )


def is_holiday(day: dt.date) -> bool:
    """Whether nothing coming on that day would be no surprise."""
    return day in holidays(day.year)


def is_great_holiday(day: dt.date) -> bool:
    """Whether it is a day on which even those close who keep no other holiday."""
    thanksgiving = _weekday(day.year, 11, 3, 4)
    moving = {easter(day.year), thanksgiving, thanksgiving + dt.timedelta(days=1)}
    return (day.month, day.day) in ((12, 25), (1, 1)) or day in moving


def easter(year: int) -> dt.date:
    """Easter Sunday of the Gregorian calendar (the anonymous algorithm, Nature 1876)."""
    golden = year % 19
    century, rest = divmod(year, 100)
    leap, left = divmod(century, 4)
    moon = (19 * golden + century - leap - (century - (century + 8) // 25 + 1) // 3 + 15) % 30
    week = (32 + 2 * left + 2 * (rest // 4) - moon - rest % 4) % 7
    shift = (golden + 11 * moon + 22 * week) // 451
    month, day = divmod(moon + week - 7 * shift + 114, 31)
    return dt.date(year, month, day + 1)


def _weekday(year: int, month: int, weekday: int, number: int) -> dt.date:
    first = dt.date(year, month, 1)
    return first + dt.timedelta(days=(weekday - first.weekday()) % 7 + 7 * (number - 1))


def _last_monday(year: int, month: int) -> dt.date:
    last = dt.date(year, month, 31)
    return last - dt.timedelta(days=last.weekday())


def _next_working(day: dt.date) -> dt.date:
    return day + dt.timedelta(days=7 - day.weekday())
