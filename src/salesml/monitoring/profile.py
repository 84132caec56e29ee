"""All columns of a date as shares of bins, counted once, and how far two dates are apart."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from salesml.monitoring.bins import Bins, stability
from salesml.monitoring.dated import Column, Dated, Floats

LAGS = (1, 3)
"""Months over which a date is compared with its past: a break shows in one, what windows of 90 days smooth
in three."""


@dataclass(frozen=True)
class Ruler:
    """The bins of all columns, and of the probabilities, as the reference rows have them."""

    columns: tuple[Column, ...]
    bins: tuple[Bins, ...]
    scores: Bins

    @classmethod
    def of(cls, reference: Sequence[Dated], columns: Sequence[Column]) -> Ruler:
        """Bins of the rows of some dates."""
        coded = np.concatenate([each.coded for each in reference])
        bins = tuple(
            Bins.of_codes(coded[:, place], len(column.levels))
            if column.levels
            else Bins.of_numbers(coded[:, place])
            for place, column in enumerate(columns)
        )
        return cls(tuple(columns), bins, Bins.of_numbers(np.concatenate([each.p for each in reference])))

    def profile(self, date: Dated) -> Profile:
        """Shares of a date."""
        parts = [
            bins.shares(date.coded[:, place], category=bool(column.levels))
            for place, (bins, column) in enumerate(zip(self.bins, self.columns, strict=True))
        ]
        parts.append(self.scores.shares(date.p, category=False))
        starts = np.cumsum([0, *(len(part) for part in parts[:-1])])
        return Profile(date.as_of, len(date), np.concatenate(parts), starts)


@dataclass(frozen=True)
class Profile:
    """A date as shares of bins.

    Parameters
    ----------
    shares : ndarray of shape (bins,)
        Those of every column one after the other, and at the end those of the probabilities.
    starts : ndarray of shape (columns + 1,)
        Where the bins of each begin.
    """

    as_of: dt.date
    rows: int
    shares: Floats
    starts: NDArray[np.intp]

    def from_(self, before: Profile) -> Floats:
        """The population stability index of each column, and at the end that of the probabilities."""
        return stability(before.shares, self.shares, before.rows, self.rows, self.starts)


def together(profiles: Sequence[Profile]) -> Profile:
    """Several dates as one, each counting by its rows."""
    rows = np.array([each.rows for each in profiles], dtype=np.float64)
    shares = (rows / rows.sum()) @ np.vstack([each.shares for each in profiles])
    return Profile(profiles[-1].as_of, int(rows.sum()), shares, profiles[-1].starts)


def steps(profiles: Sequence[Profile], lag: int) -> Floats:
    """The indices of every date against the one ``lag`` months before it.

    Returns
    -------
    ndarray of shape (dates - lag, columns + 1)
        The last row is of the newest date; the last column of the probabilities.
    """
    found = [now.from_(then) for then, now in zip(profiles[:-lag], profiles[lag:], strict=True)]
    return np.array(found).reshape(-1, len(profiles[0].starts))
