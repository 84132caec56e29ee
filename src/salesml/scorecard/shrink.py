"""Reps as a group: each one's figure drawn towards all, the more the fewer cases stand behind it.

A normal model of two levels, on the scale on which estimates are nearly normal: a rep's true figure is normal
around the team's, and what was seen is normal around it with a known variance. How far true figures differ is
not known either, so it is integrated out over a grid, with a half-Cauchy prior, rather than set to its best
value: intervals would be too narrow with few reps otherwise.
Sources: Morris, *Parametric Empirical Bayes Inference*, JASA 78 (1983); Gelman, *Prior distributions
for variance parameters in hierarchical models*, Bayesian Analysis 1 (2006).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from salesml.scorecard.estimate import TAIL

Floats = NDArray[np.float64]

GRID = 61
"""Values of the spread that are tried."""

Z = float(stats.norm.ppf(1 - TAIL))


@dataclass(frozen=True)
class Shrunk:
    """What is believed of each rep: shapes (reps,); NaN where nothing was seen.

    Parameters
    ----------
    value, low, high : ndarray
        The mean and the 90 % interval.
    above : ndarray
        The probability that the rep's true figure lies above that of all.
    centre : float
        The figure of all.
    spread : float
        By how much true figures differ: the posterior mean of their standard deviation.
    """

    value: Floats
    low: Floats
    high: Floats
    above: Floats
    centre: float
    spread: float


def shrink(point: Floats, variance: Floats) -> Shrunk:
    """Draw figures towards their common mean.

    Parameters
    ----------
    point, variance : ndarray of shape (reps,)
        Estimates and the squares of their standard errors.
    """
    seen = np.isfinite(point) & np.isfinite(variance) & (variance > 0)
    size = len(point)
    if not seen.any():
        empty = np.full(size, np.nan)
        return Shrunk(empty, empty, empty, empty, float("nan"), float("nan"))
    y, v = point[seen], variance[seen]
    tau = _grid(y, v)
    total = v[None, :] + tau[:, None] ** 2
    precision = 1 / total
    weight = precision.sum(axis=1)
    centre = precision @ y / weight
    log_posterior = (
        -0.5 * np.log(total).sum(axis=1)
        - 0.5 * np.log(weight)
        - 0.5 * (precision * (y[None, :] - centre[:, None]) ** 2).sum(axis=1)
        + stats.halfcauchy.logpdf(tau, scale=np.sqrt(np.median(v)))
    )
    chance = np.exp(log_posterior - log_posterior.max()) * np.gradient(tau)
    chance /= chance.sum()
    keep = (tau[:, None] ** 2) / total
    mean = keep * y[None, :] + (1 - keep) * centre[:, None]
    # The second part: the centre, too, is only estimated.
    value, sd = _mixed(chance, mean, keep * v[None, :] + (1 - keep) ** 2 / weight[:, None])
    off, off_sd = _mixed(chance, mean - centre[:, None], keep * (v[None, :] + keep / weight[:, None]))
    above = stats.norm.cdf(off / np.maximum(off_sd, 1e-150))
    low, high = value - Z * sd, value + Z * sd
    return Shrunk(
        value=_spread_out(value, seen),
        low=_spread_out(low, seen),
        high=_spread_out(high, seen),
        above=_spread_out(above, seen),
        centre=float(chance @ centre),
        spread=float(chance @ tau),
    )


def _grid(y: Floats, v: Floats) -> Floats:
    """Spreads from next to nothing to beyond anything that the figures could show, dense near nothing."""
    largest = 3 * max(float(y.std()), float(np.sqrt(np.median(v))))
    return largest * np.linspace(0.0, 1.0, GRID)[1:] ** 2


def _mixed(chance: Floats, mean: Floats, variance: Floats) -> tuple[Floats, Floats]:
    """Mean and standard deviation of a mixture over the grid, for each rep."""
    middle = chance @ mean
    return middle, np.sqrt(np.maximum(chance @ (variance + mean**2) - middle**2, 0.0))


def _spread_out(values: Floats, seen: NDArray[np.bool_]) -> Floats:
    whole = np.full(len(seen), np.nan)
    whole[seen] = values
    return whole
