"""The ages at which prospects are scored, and one such age drawn for each that was won.

A score is asked for while a prospect is open. So training looks at each won prospect on one day while
it was still open, at an age drawn from the ages of the prospects that are open now, as far as it ever
reached them.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

import duckdb
import numpy as np
from numpy.typing import NDArray

from salesml.snapshots.sql import col, date, days_between, either, every, missing, named, rel, select

Floats = NDArray[np.float64]

EVEN = 0.01
"""The part of the weight that lies evenly on all ages: one that nobody has now can be drawn still."""
NARROWEST = 0.1
"""The least bandwidth, in log days: a tenth of the age."""

ANY_AGE = 36_500
"""Where nobody is open, all ages up to so many days weigh alike."""
REACH = 3
"""Bandwidths beyond the oldest that still have weight."""


@dataclass(frozen=True)
class OpenAges:
    """How often each age, in days, is found among open prospects, smoothed.

    Parameters
    ----------
    weights : ndarray of shape (oldest + 1,)
        The weight of each age in days from 0 on; older ones have none.
    prospects : int
        How many open prospects it comes from; with none, all ages weigh alike.
    """

    weights: Floats
    prospects: int

    def draw(self, ids: Sequence[str], days_open: NDArray[np.int64], seed: int = 0) -> NDArray[np.int64]:
        """An age for each prospect, from 1 to the days that it was open.

        What is drawn depends on the id, the seed and the ages, and not on the other prospects.

        Parameters
        ----------
        days_open : ndarray of shape (prospects,)
            Days from being created to being won, at least 1.

        Returns
        -------
        ndarray of shape (prospects,)
        """
        longest = int(max(days_open.max(), len(self.weights) - 1)) if len(days_open) else 0
        beyond = np.zeros(max(longest + 1 - len(self.weights), 0))
        running = np.cumsum(np.concatenate([self.weights, beyond])[1:])
        chance = np.array([_chance(each, seed) for each in ids], dtype=np.float64)
        ages = 1 + np.searchsorted(running, chance * running[days_open - 1], side="right")
        return np.asarray(np.minimum(ages, days_open), dtype=np.int64)


def open_ages(con: duckdb.DuckDBPyConnection, as_of: dt.date) -> OpenAges:
    """The ages of the prospects that are open on a day, smoothed."""
    query = select(
        named(days_between(col("created_at"), date(as_of)), "age"),
        source=rel("prospects"),
    ).where(
        every(
            col("created_at") < date(as_of),
            either(missing(col("won_at")), col("won_at") >= date(as_of)),
            either(missing(col("lost_at")), col("lost_at") >= date(as_of)),
        )
    )
    rows = con.execute(query.sql("duckdb")).fetchnumpy()
    return smoothed(np.asarray(rows["age"], dtype=np.int64))


def smoothed(ages: NDArray[np.int64]) -> OpenAges:
    """Ages in days as a distribution: a Gaussian kernel over their logarithms, by Silverman's rule.

    References
    ----------
    Silverman, "Density Estimation for Statistics and Data Analysis" (1986), section 3.4.2.
    """
    if not len(ages):
        return OpenAges(np.ones(ANY_AGE + 1), 0)
    values, counts = np.unique(np.log1p(ages), return_counts=True)
    log_ages = np.repeat(values, counts)
    low, high = np.quantile(log_ages, [0.25, 0.75])
    spread = min(float(log_ages.std()), float(high - low) / 1.34) or float(log_ages.std())
    width = max(0.9 * spread * len(ages) ** -0.2, NARROWEST)
    oldest = int((ages.max() + 1) * np.exp(REACH * width))
    grid = np.log1p(np.arange(oldest + 1, dtype=np.float64))
    density = np.zeros(len(grid))
    for value, count in zip(values, counts, strict=True):
        density += count * np.exp(-0.5 * ((grid - value) / width) ** 2)
    weights = density / np.exp(grid)  # a step of one day is shorter, in logarithms, the older one is
    weights /= weights.sum()
    return OpenAges((1 - EVEN) * weights + EVEN / len(weights), len(ages))


def _chance(name: str, seed: int) -> float:
    """A number in [0, 1) that only the name and the seed decide."""
    digest = hashlib.blake2b(f"{seed}:{name}".encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big") / 2**64
