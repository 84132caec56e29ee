"""Is a difference more than luck? Tests of all reps at once, and the correction for testing many things.

Sources: Cochran, *The combination of estimates from different experiments*, Biometrics 10 (1954); Benjamini
and Hochberg, *Controlling the False Discovery Rate*, JRSS B 57 (1995). Where no difference is real at all,
the latter's chance of calling any of them real is the level itself.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import stats

Floats = NDArray[np.float64]

LEVEL = 0.05
"""The chance of calling something real where nothing is."""

DEALS = 999
"""Times that units are dealt to the reps anew."""

MOST_UNITS = 200_000
"""Above so many units the approximation for large numbers is as good, and dealing them takes too long."""


def difference(rep: NDArray[np.intp], n: Floats, d: Floats, *, seed: int = 0) -> float:
    """The chance that reps who are alike would differ as much as these: a p-value.

    Units are dealt to the reps anew, each rep getting as many as before; the spread of the reps' ratios of
    sums is compared with what it was.

    Parameters
    ----------
    rep : ndarray of shape (units,)
        Number of the rep of each unit, from 0.
    n, d : ndarray of shape (units,)
        Numerator and denominator of each.

    Returns
    -------
    float
        NaN for a single rep, or where there is nothing to divide by.
    """
    reps = int(rep.max(initial=-1)) + 1
    if reps < 2 or d.sum() <= 0:
        return float("nan")
    off = n - n.sum() / d.sum() * d
    units = np.bincount(rep, minlength=reps).astype(float)
    if (units > 0).sum() < 2 or not off.any():
        return float("nan")
    seen = _spread(rep, off, units)
    if len(rep) > MOST_UNITS:
        return float(stats.chi2.sf(seen, (units > 0).sum() - 1))
    luck = np.random.default_rng(seed)
    dealt = [_spread(luck.permutation(rep), off, units) for _ in range(DEALS)]
    return float((1 + sum(each >= seen * (1 - 1e-12) for each in dealt)) / (1 + DEALS))


def real(p: Floats, level: float = LEVEL) -> NDArray[np.bool_]:
    """Which of many p-values are real differences; NaN never is."""
    known = np.flatnonzero(~np.isnan(p))
    order = known[np.argsort(p[known], kind="stable")]
    passed = p[order] <= level * np.arange(1, len(order) + 1) / max(len(order), 1)
    found = np.zeros(len(p), dtype=bool)
    if passed.any():
        found[order[: np.flatnonzero(passed)[-1] + 1]] = True
    return found


def _spread(rep: NDArray[np.intp], off: Floats, units: Floats) -> float:
    """Squares of the reps' departures by their variances, summed: chi-squared where all is luck."""
    total = np.bincount(rep, weights=off, minlength=len(units))
    variance = off.var()
    return float((total[units > 0] ** 2 / units[units > 0]).sum() / variance)
