"""Values with intervals from sums over units, so that SQL does the work whatever the number of rows.

Units (accounts, prospects) are what is independent of one another. A ratio of sums over units has the
variance of its linearisation, a rate that of a binomial, a count that of a Poisson variable.
Sources: Cochran, *Sampling Techniques*, 1977, ch. 6; Brown, Cai, DasGupta, *Interval Estimation for a
Binomial Proportion*, Statistical Science 16 (2001), for Jeffreys' interval.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from salesml.scorecard.metric import Kind

Floats = NDArray[np.float64]

LEVEL = 0.9
"""Of every interval of the scorecard."""

TAIL = (1 - LEVEL) / 2


@dataclass(frozen=True)
class Sums:
    """Sums over the units of each cell, all of shape (cells,).

    Parameters
    ----------
    n, d : ndarray
        Of numerators and denominators.
    nn, nd, dd : ndarray
        Of their squares and products, unit by unit.
    units : ndarray
        How many units there are.
    """

    n: Floats
    d: Floats
    nn: Floats
    nd: Floats
    dd: Floats
    units: Floats


@dataclass(frozen=True)
class Estimates:
    """Of each cell, all of shape (cells,): the value, its interval, and both on the scale of comparisons.

    Parameters
    ----------
    value, low, high : ndarray
        NaN where there is nothing to divide by; ``low`` and ``high`` also where one unit is all there is.
    point, variance : ndarray
        On the scale on which estimates are nearly normal: log-odds of rates, the logarithm of counts,
        the value itself of ratios and sums.
    """

    value: Floats
    low: Floats
    high: Floats
    point: Floats
    variance: Floats


def estimate(kind: Kind, sums: Sums) -> Estimates:
    """Estimates of all cells of a metric."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return {"rate": _rates, "ratio": _ratios, "sum": _sums, "count": _counts}[kind](sums)


def unscaled(kind: Kind, point: Floats) -> Floats:
    """Values from points on the scale of comparisons."""
    if kind == "rate":
        return 1 / (1 + np.exp(-point))
    return np.exp(point) if kind == "count" else point


def _rates(sums: Sums) -> Estimates:
    cases, others = sums.n, sums.d - sums.n
    none = sums.d <= 0
    value = np.where(none, np.nan, cases / sums.d)
    low = np.where(cases > 0, stats.beta.ppf(TAIL, cases + 0.5, others + 0.5), 0.0)
    high = np.where(others > 0, stats.beta.ppf(1 - TAIL, cases + 0.5, others + 0.5), 1.0)
    point = np.log((cases + 0.5) / (others + 0.5))
    variance = 1 / (cases + 0.5) + 1 / (others + 0.5)
    return _nothing(none, value, low, high, point, variance)


def _ratios(sums: Sums) -> Estimates:
    none = sums.d <= 0
    value = sums.n / sums.d
    spread = sums.nn - 2 * value * sums.nd + value**2 * sums.dd
    freedom = np.maximum(sums.units - 1, 1)
    variance = np.maximum(spread, 0) * sums.units / freedom / sums.d**2
    variance = np.where(sums.units < 2, np.nan, variance)
    reach = stats.t.ppf(1 - TAIL, freedom) * np.sqrt(variance)
    return _nothing(none, value, value - reach, value + reach, value, variance)


def _sums(sums: Sums) -> Estimates:
    # A sum over as many units as there happen to be: both their number and their size are chance.
    reach = stats.t.ppf(1 - TAIL, np.maximum(sums.units - 1, 1)) * np.sqrt(sums.nn)
    reach = np.where(sums.units < 2, np.nan, reach)
    return Estimates(sums.n, sums.n - reach, sums.n + reach, sums.n, sums.nn)


def _counts(sums: Sums) -> Estimates:
    low = np.where(sums.n > 0, stats.gamma.ppf(TAIL, np.maximum(sums.n, 0.5)), 0.0)
    high = stats.gamma.ppf(1 - TAIL, sums.n + 1)
    return Estimates(sums.n, low, high, np.log(sums.n + 0.5), 1 / (sums.n + 0.5))


def _nothing(none: NDArray[np.bool_], *arrays: Floats) -> Estimates:
    return Estimates(*(np.where(none, np.nan, each) for each in arrays))
