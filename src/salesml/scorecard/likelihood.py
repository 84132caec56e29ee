"""What was seen of each rep as a likelihood of its true figure, exact for rates and counts.

A true figure lives on a scale without bounds: log-odds of rates, logarithms of counts, ratios as they are.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from salesml.scorecard.metric import Kind

Floats = NDArray[np.float64]

BORROWED = 10.0
"""So many units' worth of the variance that all reps share stand beside a rep's own units."""


@dataclass(frozen=True)
class Seen:
    """Likelihoods of the reps of whom anything was seen.

    Parameters
    ----------
    centre : float
        The figure of all together, on the unbounded scale.
    point, variance : ndarray of shape (reps,)
        A normal approximation around ``centre``: where to look, never what is reported.
    width : ndarray of shape (reps,)
        How sharp each likelihood is at its own top, as a standard deviation.
    natural : callable
        From the unbounded scale to the figure as it is read.
    log : callable
        Grid of shape (points,) to log-likelihoods of shape (reps, points).
    usual : float
        True figures that differ by more than this are a surprise; the scale of the prior.
    """

    centre: float
    point: Floats
    variance: Floats
    width: Floats
    natural: Callable[[Floats], Floats]
    log: Callable[[Floats], Floats]
    usual: float


def of_rates(cases: Floats, trials: Floats) -> Seen:
    """Binomial likelihoods; cases and trials need not be whole.

    Parameters
    ----------
    cases, trials : ndarray of shape (reps,)
        Trials above 0.
    """
    rate = (cases.sum() + 0.5) / (trials.sum() + 1)
    variance = 1 / (trials * rate * (1 - rate))
    own = (cases + 0.5) / (trials + 1)
    centre = float(np.log(rate / (1 - rate)))

    def log(grid: Floats) -> Floats:
        return np.outer(cases, grid) - np.outer(trials, np.logaddexp(0, grid))

    return Seen(
        centre=centre,
        point=centre + (cases / trials - rate) / (rate * (1 - rate)),
        variance=variance,
        width=1 / np.sqrt(trials * own * (1 - own)),
        natural=expit,
        log=log,
        usual=_usual(variance, 1.0),
    )


def of_counts(cases: Floats, exposure: Floats) -> Seen:
    """Poisson likelihoods of cases per exposure.

    Parameters
    ----------
    cases, exposure : ndarray of shape (reps,)
        Exposures above 0: ones where all reps had the same time.
    """
    rate = (cases.sum() + 0.5) / exposure.sum()
    variance = 1 / (exposure * rate)
    centre = float(np.log(rate))

    def log(grid: Floats) -> Floats:
        return np.outer(cases, grid) - np.outer(exposure, np.exp(grid))

    return Seen(
        centre=centre,
        point=centre + cases / exposure / rate - 1,
        variance=variance,
        width=1 / np.sqrt(cases + 0.5),
        natural=np.exp,
        log=log,
        usual=_usual(variance, 1.0),
    )


def of_ratios(value: Floats, variance: Floats, units: Floats) -> Seen:
    """Normal likelihoods, each variance shared in part with all reps: of few units it is hardly known.

    Parameters
    ----------
    value : ndarray of shape (reps,)
    variance : ndarray of shape (reps,)
        Squares of standard errors; NaN for a single unit.
    units : ndarray of shape (reps,)

    Notes
    -----
    Source of the sharing: Smyth, *Linear models and empirical Bayes methods for assessing differential
    expression*, Statistical Applications in Genetics and Molecular Biology 3 (2004).
    """
    freedom = np.where(np.isfinite(variance), np.maximum(units - 1, 0), 0)
    each = np.where(freedom > 0, variance, 0) * units
    common = float((freedom * each).sum() / max(freedom.sum(), 1))
    shared = (freedom * each + BORROWED * common) / (freedom + BORROWED) / units
    # Where all units of all reps are the same, there is still something to divide by.
    shared = np.maximum(shared, (1e-6 * float(np.abs(value).mean()) + 1e-12) ** 2)
    precision = 1 / shared
    centre = float((precision * value).sum() / precision.sum())

    def log(grid: Floats) -> Floats:
        off = grid[None, :] - value[:, None]
        return -0.5 * off**2 * precision[:, None]

    return Seen(
        centre=centre,
        point=value,
        variance=shared,
        width=np.sqrt(shared),
        natural=lambda grid: grid,
        log=log,
        usual=_usual(shared, np.inf),
    )


def _usual(variance: Floats, most: float) -> float:
    # Twice, since a prior that expects less draws reps who do differ too far together.
    return float(min(2 * np.sqrt(np.median(variance)), most))


def seen_of(kind: Kind, cells: Mapping[str, Floats]) -> Seen | None:
    """Likelihoods of cells: ``numerator, denominator, effect, value, variance, units``.

    None where no variance is known: each rep has a single unit.
    """
    effect = cells["effect"]
    cases, trials = cells["numerator"] / effect, cells["denominator"] / effect
    if kind == "rate":
        return of_rates(cases, trials)
    if kind == "count":
        return of_counts(cases, np.where(np.isnan(trials), 1 / effect, trials))
    if not np.any(cells["variance"] > 0):
        return None
    return of_ratios(cells["value"], cells["variance"], cells["units"])
