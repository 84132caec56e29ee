"""What is usual of a figure: how it went from date to date in the company's own past."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy.stats import t as student

FEWEST = 8
"""Past values without which nobody knows what is usual."""

A_YEAR = 12
"""Months of which each must have been seen once before a season can be told from a change."""

CONFIDENCE = 0.95


@dataclass(frozen=True)
class Usual:
    """The mean and the spread of past values, as of a normal distribution.

    A new value is judged by the prediction interval of Student's t, which is wide where the past is short.
    """

    mean: float
    sd: float
    number: int

    @cached_property
    def _spread(self) -> float:
        return float(self.sd * np.sqrt(1 + 1 / self.number))

    def p_above(self, value: float) -> float:
        """How often the past would have shown a value as large."""
        return float(student.sf((value - self.mean) / self._spread, self.number - 1))

    def p_away(self, value: float) -> float:
        """How often the past would have shown a value as far from its mean, to either side."""
        return float(2 * student.sf(abs(value - self.mean) / self._spread, self.number - 1))

    def above(self, alpha: float) -> float:
        """The value that only ``alpha`` of all lie above."""
        return self.mean + float(student.isf(alpha, self.number - 1)) * self._spread

    @property
    def interval(self) -> tuple[float, float]:
        """Where 95 of 100 lie."""
        half = float(student.isf((1 - CONFIDENCE) / 2, self.number - 1)) * self._spread
        return self.mean - half, self.mean + half


def usual_of(values: Iterable[float], least_sd: float = 1e-9) -> Usual | None:
    """What is usual, of at least :data:`FEWEST` values.

    Parameters
    ----------
    least_sd : float
        What chance alone puts into a figure of so many rows: past values that hardly differ are no promise
        that the next one will not.
    """
    found = np.array([value for value in values if np.isfinite(value)])
    if len(found) < FEWEST:
        return None
    return Usual(float(found.mean()), max(float(found.std(ddof=1)), least_sd), len(found))
