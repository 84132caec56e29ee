"""Is a load complete? Each day's rows against what the table's own history lets expect.

A day is expected to bring what the same weekday brought in the weeks around it (their median),
less where its neighbours brought less too. How far days usually stray from that is measured on the
log scale, by the median absolute deviation and by the lower tail; what goes beyond chance (Poisson)
is added to the chance of the day's own rows. A day that strays several times as far is reported.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from salesml.crm.calendar import is_great_holiday, is_holiday

Floats = npt.NDArray[np.float64]

RECENT_DAYS = 7
WEEKS = 8
LEAST_WEEKS = 4
LEAST_DAYS = 28
LONGEST = dt.timedelta(days=1100)
"""Days looked back at: three years hold each holiday thrice."""

LEAST_EXPECTED = 15.0
"""Fewer rows than this may be none by chance: exp(-15) is 3 in 10 million."""

MISSING, THIN = 0.1, 0.65
"""At most this share of the expected rows: a missing day, a thin day."""

WIDEST = 0.4

STRAY_RECENT, STRAY = 4.5, 6.0
"""How many usual deviations below: less is asked of the last days, since they are few."""


@dataclass(frozen=True)
class OddDay:
    """A day on which far fewer rows came than usual."""

    day: dt.date
    rows: int
    expected: float
    recent: bool

    @property
    def missing(self) -> bool:
        return self.rows <= MISSING * self.expected

    def __str__(self) -> str:
        return (
            f"{self.day:%Y-%m-%d} {self.day:%a}: {self.rows:,} came, about {_round(self.expected):,} expected"
        )


def odd_days(
    counts: Mapping[dt.date, int], end: dt.date, closed: Collection[dt.date] = frozenset()
) -> list[OddDay]:
    """The days before ``end`` that look as if a load were missing or cut short.

    Parameters
    ----------
    counts : mapping of date to int
        Rows by day; days without rows may be left out.
    end : datetime.date
        The first day that is not expected to be there.
    closed : collection of date
        Days on which nobody worked.
    """
    days, rows = _series(counts, end)
    if len(days) < LEAST_DAYS:
        return []
    judged = _judged(days, rows, closed)
    # After the last row nothing is history: a log that stopped does not make that usual.
    known = judged & (np.arange(len(days)) <= max(np.flatnonzero(rows), default=-1))
    usual = _usual(rows, known)
    level = _level(rows, usual, known)
    expected = usual * level
    stray = np.log((rows + 1) / (expected + 1))
    deviation = _deviation(stray, expected, known)
    odd: list[OddDay] = []
    for place in np.flatnonzero(judged & np.isfinite(usual)):
        if place < LEAST_DAYS:
            continue  # many a table begins with a few accounts
        recent = bool(place >= len(days) - RECENT_DAYS)
        if _is_odd(rows[place], expected[place], stray[place], deviation[place], recent):
            missing = rows[place] <= MISSING * expected[place]
            shown = usual if missing else expected  # beside a missing day others may be missing too
            odd.append(OddDay(days[place], int(rows[place]), float(shown[place]), recent))
    return odd


def _is_odd(rows: float, expected: float, stray: float, deviation: float, recent: bool) -> bool:
    if expected < LEAST_EXPECTED:
        return False
    limit = STRAY_RECENT if recent else STRAY
    if rows <= MISSING * expected:
        # Where days stray widely, next to nothing is odd all the same.
        deviation = min(deviation, WIDEST)
    return bool(rows <= THIN * expected and stray < -limit * deviation)


def _series(counts: Mapping[dt.date, int], end: dt.date) -> tuple[list[dt.date], Floats]:
    """Every day from the first row to the end, with its rows."""
    first = max(min(counts, default=end), end - LONGEST)
    days = [first + dt.timedelta(days=each) for each in range((end - first).days)]
    return days, np.array([counts.get(day, 0) for day in days], dtype=np.float64)


def _judged(days: list[dt.date], rows: Floats, closed: Collection[dt.date]) -> npt.NDArray[np.bool_]:
    """Days that are neither of the first weeks, nor closed, nor a holiday that is kept here."""
    great = np.array([is_great_holiday(day) for day in days])
    holiday = np.array([is_holiday(day) for day in days])
    if _open_on_holidays(days, rows, holiday & ~great):
        holiday = great
    judged = ~holiday & np.array([day not in closed for day in days])
    judged[:1] = False  # the first day may be a part of one
    return np.asarray(judged, dtype=np.bool_)


def _open_on_holidays(days: list[dt.date], rows: Floats, holiday: npt.NDArray[np.bool_]) -> bool:
    """Whether this table gets its usual rows on at least nine of ten holidays, of ten or more."""
    places = [place for place in np.flatnonzero(holiday) if 7 <= place < len(days) - RECENT_DAYS]
    if len(places) < 10:
        return False
    usual = [rows[place] > 0.5 * np.median([rows[place - 7], rows[place + 7]]) for place in places]
    return float(np.mean(usual)) >= 0.9


def _usual(rows: Floats, known: npt.NDArray[np.bool_]) -> Floats:
    """The median of the same weekday in the weeks around; NaN where they are too few."""
    seen = np.where(known, rows, np.nan)
    shifts = [7 * week for week in range(-WEEKS, WEEKS + 1) if week]
    around = np.stack([_shifted(seen, shift) for shift in shifts])
    enough = np.sum(np.isfinite(around), axis=0) >= LEAST_WEEKS
    usual = np.full(len(rows), np.nan)
    usual[enough] = np.nanmedian(around[:, enough], axis=0)
    return usual


def _level(rows: Floats, usual: Floats, known: npt.NDArray[np.bool_]) -> Floats:
    """What the days beside brought, as a share of their usual rows; at most 1."""
    with np.errstate(divide="ignore", invalid="ignore"):
        share = np.where(known & (usual >= 1), rows / usual, np.nan)
    shifts = [shift for shift in range(-6, 7) if shift]
    around = np.stack([_shifted(share, shift) for shift in shifts])
    enough = np.sum(np.isfinite(around), axis=0) >= 3
    level = np.ones(len(rows))
    level[enough] = np.nanmedian(around[:, enough], axis=0)
    return np.asarray(np.clip(level, 0.3, 1.0))


def _shifted(series: Floats, shift: int) -> Floats:
    """The series moved along, NaN where it came from outside."""
    moved = np.full(len(series), np.nan)
    if abs(shift) < len(series):
        if shift > 0:
            moved[:-shift] = series[shift:]
        else:
            moved[-shift:] = series[:shift]
    return moved


def _deviation(stray: Floats, expected: Floats, known: npt.NDArray[np.bool_]) -> Floats:
    """How far a day usually strays, by day, on the log scale."""
    chance = 1 / np.sqrt(np.where(np.isfinite(expected), expected, 0) + 1)
    enough = known & np.isfinite(expected) & (expected >= 5)
    if not enough.any():
        return np.asarray(chance)
    typical = stray[enough]
    spread = 1.4826 * float(np.median(np.abs(typical - np.median(typical))))
    tail = -float(np.quantile(typical, 0.025)) / 1.96
    beyond_chance = max(spread, tail) ** 2 - float(np.mean(chance[enough] ** 2))
    return np.asarray(np.sqrt(chance**2 + max(0.0, beyond_chance)))


def _round(number: float) -> int:
    """Two figures are enough for what is expected."""
    size = max(0, len(str(int(number))) - 2)
    return int(round(number, -size))
