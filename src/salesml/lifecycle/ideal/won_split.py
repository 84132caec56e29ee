"""Which past accounts a model of ideal customers learns from, and which test it."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

Mask = NDArray[np.bool_]

TESTED = 0.25
"""The part of the rows in use that a test date leaves for the test, at least."""
USED = 0.5
"""The part of all rows that a test date must leave in use; otherwise folds test."""
FEWEST_IDEAL = 20
"""Ideal accounts that are expected on either side of a test date, at least."""


@dataclass(frozen=True)
class WonSplit:
    """Rows to learn from and to test on.

    With a ``day``, a model made on that day: it learns from accounts whose outcome was known by then,
    and is tested on prospects as they were from then on. Without one the history is too short for
    that, and folds by account test it.

    Parameters
    ----------
    train, test : ndarray of bool of shape (rows,)
    day : date or None
    """

    train: Mask
    test: Mask
    day: dt.date | None

    def summary(self, months: int) -> str:
        """The split in sentences."""
        rows = len(self.train)
        if self.day is None:
            return (
                f"Outcomes take {months} months to be known: the history is too short to learn from those "
                f"known on a day and to test on prospects after it. So all {rows:,} are tested by folds, "
                "each by a model that has not seen it; what changes over time cannot be seen that way. Who "
                "is ideal in a fold is decided by the others alone, so their number can differ a little."
            )
        unused = rows - int(self.train.sum()) - int(self.test.sum())
        return (
            f"As on {self.day}: learned from {self.train.sum():,} accounts whose {months} months were over, "
            f"tested on {self.test.sum():,} prospects as they were from that day on; {unused:,} were under "
            "way and serve neither."
        )


def split_by_won(as_of: pd.Series[pd.Timestamp], until: pd.Series[pd.Timestamp], top: float) -> WonSplit:
    """The latest day that leaves enough to test on.

    Parameters
    ----------
    as_of : Series of shape (rows,)
        The day on which each prospect is looked at.
    until : Series of shape (rows,)
        The day by which its outcome is known.
    top : float
        The share that is ideal.
    """
    looked, known = (each.to_numpy("datetime64[D]") for each in (as_of, until))
    rows = len(looked)
    days = np.unique(looked)
    tests = rows - np.searchsorted(np.sort(looked), days, side="left")
    trains = np.searchsorted(np.sort(known), days, side="right")
    fine = (
        (tests >= TESTED * (tests + trains))
        & (tests + trains >= USED * rows)
        & (top * np.minimum(tests, trains) >= FEWEST_IDEAL)
    )
    if not fine.any():
        return WonSplit(np.ones(rows, dtype=bool), np.zeros(rows, dtype=bool), None)
    day = days[fine].max()
    return WonSplit(known <= day, looked >= day, day.astype(object))
