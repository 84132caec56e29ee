"""Reps as a group: each one's figure drawn towards all, the more the fewer cases stand behind it.

A model of two levels: true figures are normal around a common one on an unbounded scale, and what was seen
has the likelihood of its kind. Neither the common figure nor how far true figures differ is known: both are
integrated out over a grid, rather than set to their best values, or intervals would be too narrow with few
reps. Where reps do not differ at all, intervals are a little wide: whether they do is for
:mod:`salesml.scorecard.luck` to say, and intervals that believed it would miss small differences.
Sources: Morris, *Parametric Empirical Bayes Inference*, JASA 78 (1983); Gelman, *Prior distributions
for variance parameters in hierarchical models*, Bayesian Analysis 1 (2006).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr

from salesml.scorecard.estimate import TAIL
from salesml.scorecard.likelihood import Seen

Floats = NDArray[np.float64]

SPREADS = 9
"""Spreads of true figures that are tried."""

CENTRES = 5
"""Common figures that are tried for each spread."""

MOST_POINTS = 200
"""Of the grid of true figures."""


@dataclass(frozen=True)
class Shrunk:
    """What is believed of each rep: shapes (reps,).

    Parameters
    ----------
    value, low, high : ndarray
        The mean and the 90 % interval, as the figure is read.
    above : ndarray
        The probability that the rep's true figure lies above the common one.
    spread : float
        By how much true figures differ: the posterior mean of their standard deviation there.
    """

    value: Floats
    low: Floats
    high: Floats
    above: Floats
    spread: float


def shrink(seen: Seen) -> Shrunk:
    """Draw figures towards the common one."""
    spread, weight = _spreads(seen)
    centre, size = _centres(seen, spread)
    grid = _grid(seen, spread, float(size[0]))
    edges = np.concatenate([[2 * grid[0] - grid[1]], (grid[1:] + grid[:-1]) / 2, [2 * grid[-1] - grid[-2]]])
    log = _tempered(seen, grid)
    top = log.max(axis=1)
    likely = np.exp(log - top[:, None])
    # Columns: each spread with each of its centres.
    tau, mu = np.repeat(spread, CENTRES), centre.ravel()
    prior = np.diff(ndtr((edges[:, None] - mu) / tau), axis=0)
    found = np.maximum(likely @ prior, 1e-300)
    log_chance = np.log(found).sum(axis=0) + np.repeat(np.log(weight * size), CENTRES)
    chance = np.exp(log_chance - log_chance.max())
    chance /= chance.sum()
    share = chance / found
    belief = likely * (share @ prior.T)
    belief /= belief.sum(axis=1, keepdims=True)
    over = prior * _over(edges, mu)
    natural = seen.natural(grid)
    return Shrunk(
        value=belief @ natural,
        low=seen.natural(_quantile(belief, edges, TAIL)),
        high=seen.natural(_quantile(belief, edges, 1 - TAIL)),
        above=np.clip((share * (likely @ over)).sum(axis=1), 0.0, 1.0),
        spread=float(chance @ tau),
    )


def _spreads(seen: Seen) -> tuple[Floats, Floats]:
    """Where the normal approximation puts them, with their prior weights."""
    typical = float(np.sqrt(1 / (1 / seen.variance).mean()))
    far = max(float(np.std(seen.point)), typical)
    tried = np.geomspace(0.03 * typical, 8 * far, 50)
    total = seen.variance[None, :] + tried[:, None] ** 2
    precision = 1 / total
    weight = precision.sum(axis=1)
    centre = precision @ seen.point / weight
    square = (precision * (seen.point[None, :] - centre[:, None]) ** 2).sum(axis=1)
    log = -0.5 * (np.log(total).sum(axis=1) + np.log(weight) + square) + np.log(_density(seen, tried) * tried)
    kept = np.flatnonzero(log > log.max() - 6)
    low, high = tried[max(kept[0] - 1, 0)], tried[min(kept[-1] + 1, len(tried) - 1)]
    spread = np.geomspace(low, high * 1.0001, SPREADS)
    # Even in the logarithm: each stands for a width in proportion to itself, the first for all below it, too.
    chance = _density(seen, spread) * spread * np.log(spread[1] / spread[0])
    chance[0] += 2 / np.pi * np.arctan(low / seen.usual)
    return spread, chance


def _density(seen: Seen, spread: Floats) -> Floats:
    """Half-Cauchy."""
    return 2 / (np.pi * seen.usual * (1 + (spread / seen.usual) ** 2))


def _centres(seen: Seen, spread: Floats) -> tuple[Floats, Floats]:
    """Common figures to try for each spread, of shape (spreads, CENTRES), and how far apart they are."""
    precision = 1 / (seen.variance[None, :] + spread[:, None] ** 2)
    weight = precision.sum(axis=1)
    middle = precision @ seen.point / weight
    size = 1 / np.sqrt(weight)
    steps = np.linspace(-2.5, 2.5, CENTRES)
    return middle[:, None] + size[:, None] * steps[None, :], size


def _grid(seen: Seen, spread: Floats, size: float) -> Floats:
    """True figures, dense about the common one, where they must tell apart what all reps share."""
    off = float(np.abs(np.average(seen.point, weights=1 / seen.variance) - seen.centre))
    reach = 4.5 * float(spread[-1]) + 5 * size + off
    widest = max(0.6 * float(seen.width.min()), 2 * reach / (MOST_POINTS - 50))
    steps: list[float] = []
    total = 0.0
    step = min(0.3 * float(np.hypot(size, spread[0])), widest)
    while total < reach:
        steps.append(step)
        total += step
        step = min(step * 1.2, widest)
    side = np.cumsum(steps)
    return seen.centre + np.concatenate([-side[::-1], [0.0], side])


def _tempered(seen: Seen, grid: Floats) -> Floats:
    """Log-likelihoods, none sharper than the grid can show: there, reps differ by far more than that."""
    coarse = 0.8 * float(np.diff(grid).max())
    return seen.log(grid) * np.minimum(1.0, (seen.width / coarse) ** 2)[:, None]


def _over(edges: Floats, mu: Floats) -> Floats:
    """How much of each cell of the grid lies above each centre."""
    return np.clip((edges[1:, None] - mu) / np.diff(edges)[:, None], 0.0, 1.0)


def _quantile(belief: Floats, edges: Floats, level: float) -> Floats:
    total = np.cumsum(belief, axis=1)
    at = np.minimum((total < level).sum(axis=1), belief.shape[1] - 1)
    rows = np.arange(len(belief))
    inside = 1 - (total[rows, at] - level) / np.maximum(belief[rows, at], 1e-300)
    found: Floats = edges[at] + np.clip(inside, 0, 1) * (edges[at + 1] - edges[at])
    return found
