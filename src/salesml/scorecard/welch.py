"""Two groups of reps compared, each rep one value with a weight.

Variances may differ between the groups: each has its own, with the correction for leverage, and degrees of
freedom are found from both. With equal weights it is Welch's test.
Sources: Welch, *The generalization of 'Student's' problem*, Biometrika 34 (1947); MacKinnon, White, Journal
of Econometrics 29 (1985), for the correction with weights.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from salesml.scorecard.estimate import TAIL

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Compared:
    """Means of two groups, their difference with its interval, and the chance of as much where there is none.

    All but the means is NaN where a group is too small.
    """

    first: float
    second: float
    difference: float
    low: float
    high: float
    chance: float


def compare(
    first: Floats,
    second: Floats,
    weights: tuple[Floats, Floats] | None = None,
    *,
    least: int = 3,
) -> Compared:
    """The mean of the first group less that of the second.

    Parameters
    ----------
    first, second : ndarray of shape (reps,)
        A value for each rep of either group.
    weights : pair of ndarray, optional
        Of the reps of each; equal ones by default.
    least : int
        Reps that each group must have.
    """
    given = weights or (np.ones(len(first)), np.ones(len(second)))
    (a, va, fa), (b, vb, fb) = (_mean(*each) for each in zip((first, second), given, strict=True))
    nothing = Compared(a, b, float("nan"), float("nan"), float("nan"), float("nan"))
    if min(len(first), len(second)) < max(least, 2) or not va + vb > 0:
        return nothing
    freedom = (va + vb) ** 2 / (va**2 / fa + vb**2 / fb)
    error, difference = float(np.sqrt(va + vb)), a - b
    reach = float(stats.t.ppf(1 - TAIL, freedom)) * error
    chance = float(2 * stats.t.sf(abs(difference) / error, freedom))
    return Compared(a, b, difference, difference - reach, difference + reach, chance)


def _mean(values: Floats, weights: Floats) -> tuple[float, float, float]:
    """The mean, its variance and the degrees of freedom that this has."""
    if not len(values) or weights.sum() <= 0:
        return float("nan"), float("nan"), float("nan")
    parts = weights / weights.sum()
    mean = float(parts @ values)
    off = (values - mean) ** 2 / np.maximum(1 - parts, 1e-9)
    return mean, float((parts**2) @ off), max(1 / float((parts**2).sum()) - 1, 1.0)
