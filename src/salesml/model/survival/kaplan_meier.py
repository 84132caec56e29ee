"""Kaplan and Meier's curve: how many are still there after each day, when some are lost from sight.

References
----------
Kaplan and Meier, "Nonparametric estimation from incomplete observations", Journal of the American
Statistical Association 53 (1958).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class KaplanMeier:
    """A step curve.

    Parameters
    ----------
    days : ndarray
        Rising days on which it falls.
    share : ndarray
        What is left of it from each of them on.
    """

    days: Floats
    share: Floats

    @classmethod
    def fit(cls, end: Floats, happened: NDArray[np.bool_], weight: Floats | None = None) -> KaplanMeier:
        """The curve of what happened to rows that were followed until ``end``.

        Parameters
        ----------
        end : ndarray of shape (rows,)
            Day of the event, or day on which the row was last seen.
        happened : ndarray of bool of shape (rows,)
        weight : ndarray of shape (rows,), optional
        """
        weight = np.ones(len(end)) if weight is None else weight
        days, place = np.unique(end, return_inverse=True)
        left = np.bincount(place, weight * happened, len(days))
        ended = np.bincount(place, weight, len(days))
        at_risk = np.cumsum(ended[::-1])[::-1]
        falls = left > 0
        kept = np.asarray(np.cumprod(1.0 - left[falls] / at_risk[falls]), dtype=np.float64)
        return cls(days[falls], kept)

    def before(self, day: Floats | float) -> Floats:
        """The share to whom it had not happened before a day."""
        return self._at(np.searchsorted(self.days, day, side="left"))

    def _at(self, place: NDArray[np.intp] | np.intp) -> Floats:
        return np.concatenate([[1.0], self.share])[place]

    def through(self, day: Floats | float) -> Floats:
        """The share to whom it had not happened up to a day, that day included."""
        return self._at(np.searchsorted(self.days, day, side="right"))
