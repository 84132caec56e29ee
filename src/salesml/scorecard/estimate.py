"""Values with intervals from sums over units, so that SQL does the work whatever the number of rows.

Units (accounts, prospects) are what is independent of one another. A ratio of sums over units has the
variance of its linearisation, and its interval leans to the side to which its units are skewed, as money is;
a rate has the interval of a binomial, a count that of a Poisson variable, both of fewer cases where the
trials of one unit go together.
Sources: Cochran, *Sampling Techniques*, 1977, ch. 6; Hall, *On the Removal of Skewness by Transformation*,
JRSS B 54 (1992); Satterthwaite, Biometrics Bulletin 2 (1946), for the degrees of freedom; Brown, Cai,
DasGupta, *Interval Estimation for a Binomial Proportion*, Statistical Science 16 (2001), for Jeffreys'
interval; Kish, *Survey Sampling*, 1965, for the design effect.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from salesml.scorecard.metric import Kind

Floats = NDArray[np.float64]

LEVEL = 0.9
"""Of every interval of the scorecard."""

TAIL = (1 - LEVEL) / 2

Z = float(stats.norm.ppf(1 - TAIL))
"""How many standard errors an interval reaches to either side."""

PRECISION = 1e-6
"""What units depart by, relative to their size, is never taken to be less: below is the rounding of sums."""


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
    nnn, nnd, ndd, ddd : ndarray, optional
        Of cubes, for the skew of ratios and sums; without them intervals are even on both sides.
    """

    n: Floats
    d: Floats
    nn: Floats
    nd: Floats
    dd: Floats
    units: Floats
    nnn: Floats | None = None
    nnd: Floats | None = None
    ndd: Floats | None = None
    ddd: Floats | None = None


@dataclass(frozen=True)
class Estimates:
    """Of each cell, all of shape (cells,).

    Parameters
    ----------
    value, low, high : ndarray
        NaN where there is nothing to divide by; ``low`` and ``high`` also where one unit is all there is.
    variance : ndarray
        The square of the standard error; NaN where it is not known.
    """

    value: Floats
    low: Floats
    high: Floats
    variance: Floats


def estimate(kind: Kind, sums: Sums, effect: Floats | float = 1.0) -> Estimates:
    """Estimates of all cells of a metric.

    Parameters
    ----------
    kind : str
    sums : Sums
        Of counts, ``d`` is the exposure: ones where there is none.
    effect : float or ndarray of shape (cells,)
        The design effect of rates and counts: see :func:`design_effect`.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        if kind in ("rate", "share"):
            return _rates(sums, effect)
        if kind in ("count", "sum"):
            return _counts(sums, effect)
        return _prices(sums, effect) if kind == "price" else _ratios(sums)


def design_effect(kind: Kind, sums: Sums) -> float:
    """How many trials of the same unit say as much as one of another: 1 where they are independent.

    The variance over units, summed over all cells, divided by what independent trials would have; never
    below 1.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        if kind == "rate":
            rate = sums.n / sums.d
            seen = residual_squares(sums)
            alone = sums.n * (1 - rate)
        else:
            return 1.0
    whole = float(np.nansum(alone))
    return max(float(np.nansum(seen)) / whole, 1.0) if whole > 0 else 1.0


def residual_squares(sums: Sums) -> Floats:
    """The squares of what units depart by from the cell's ratio, summed.

    Where one column is an exact share of the other, as a margin by rule is, nothing but rounding is left of
    them; without a floor it would make verdicts.
    """
    value = sums.n / sums.d
    size = sums.nn + value**2 * sums.dd
    return np.maximum(size - 2 * value * sums.nd, PRECISION**2 * size)


def _rates(sums: Sums, effect: Floats | float) -> Estimates:
    none = sums.d <= 0
    value = np.where(none, np.nan, sums.n / sums.d)
    cases, others = sums.n / effect, (sums.d - sums.n) / effect
    low = np.where(cases > 0, stats.beta.ppf(TAIL, cases + 0.5, others + 0.5), 0.0)
    high = np.where(others > 0, stats.beta.ppf(1 - TAIL, cases + 0.5, others + 0.5), 1.0)
    return _nothing(none, value, low, high, value * (1 - value) / sums.d * effect)


def _ratios(sums: Sums) -> Estimates:
    none = sums.d <= 0
    value = sums.n / sums.d
    square = residual_squares(sums)
    # So many units of one size say as much as these of different ones: a few large ones may decide.
    size = sums.d**2 / sums.dd
    variance = np.where(sums.units < 2, np.nan, square * size / np.maximum(size - 1, 1) / sums.d**2)
    freedom = np.maximum(size - 1, 1)
    skew = np.zeros_like(value)
    if sums.nnn is not None and sums.nnd is not None and sums.ndd is not None and sums.ddd is not None:
        cube = sums.nnn - 3 * value * sums.nnd + 3 * value**2 * sums.ndd - value**3 * sums.ddd
        skew = cube / square**1.5
        # The variance itself is known from few units where few are large.
        freedom = np.maximum(sums.dd**3 / sums.ddd**2 - 1, 1)
    down, up = _reach(skew, freedom)
    error = np.sqrt(variance)
    return _nothing(none, value, value - error * down, value + error * up, variance)


def _reach(skew: Floats, freedom: Floats) -> tuple[Floats, Floats]:
    """Standard errors down and up from the value, by the skew of the whole."""
    skew = np.clip(np.nan_to_num(skew), -1.0, 1.0)
    small = np.where(np.abs(skew) < 1e-6, 1e-6, skew)
    reach = stats.t.ppf(1 - TAIL, freedom)

    def back(x: Floats) -> Floats:
        found: Floats = 3 / small * (np.cbrt(1 + small * (x - small / 6)) - 1)
        return found

    return back(reach), -back(-reach)


def _counts(sums: Sums, effect: Floats | float) -> Estimates:
    none = sums.d <= 0
    cases, each = sums.n / effect, effect / sums.d
    low = np.where(cases > 0, stats.gamma.ppf(TAIL, cases + 0.5), 0.0) * each
    high = stats.gamma.ppf(1 - TAIL, cases + 0.5) * each
    return _nothing(none, sums.n / sums.d, low, high, sums.n / sums.d**2 * effect)


def _prices(sums: Sums, effect: Floats | float) -> Estimates:
    """What is given, per case, of which chance brings as many as there are."""
    cases = _counts(replace(sums, n=sums.d, d=sums.n), effect)
    value = sums.n / sums.d
    none = (sums.d <= 0) | (sums.n <= 0)
    high = np.where(cases.low > 0, 1 / cases.low, np.inf)
    return _nothing(none, value, 1 / cases.high, high, cases.variance * value**4)


def _nothing(none: NDArray[np.bool_], *arrays: Floats) -> Estimates:
    return Estimates(*(np.where(none, np.nan, each) for each in arrays))
