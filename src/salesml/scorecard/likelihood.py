"""What was seen of each rep as a likelihood of its true figure, exact for rates and counts.

A true figure lives on a scale without bounds: log-odds of rates, logarithms of counts, ratios as they are.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

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


def of_amounts(numerator: Floats, denominator: Floats, variance: Floats, units: Floats) -> Seen:
    """Likelihoods of ratios that are never negative: money comes in few large amounts, and who had none of
    them looks poorer and surer than it is. What varies with the mean is shared with all reps instead.

    Parameters
    ----------
    numerator, denominator : ndarray of shape (reps,)
    variance : ndarray of shape (reps,)
        Squares of standard errors of their ratio; NaN for a single unit.
    units : ndarray of shape (reps,)

    Notes
    -----
    The likelihood is that of a compound Poisson sum by its first two moments: as many equal payments as
    would vary as much. Source: Beard, Pentikäinen, Pesonen, *Risk Theory*, 1984.
    """
    known = np.isfinite(variance) & (numerator > 0)
    with np.errstate(divide="ignore", invalid="ignore"):
        each = np.where(known, variance * denominator**2 / numerator, 0.0)
        payments = np.where(known, numerator / each, 0.0)
    common = float((each * numerator).sum() / max(float(numerator[known].sum()), 1e-300))
    own = np.where(known, np.minimum(payments, np.maximum(units - 1, 0)), 0.0)
    effect = np.maximum((own * each + BORROWED * common) / (own + BORROWED), 1e-12 * numerator.sum())
    return of_counts(numerator / effect, denominator / effect)


def of_prices(given: Floats, cases: Floats) -> Seen:
    """What is given per case, of which chance brings as many as there are.

    Parameters
    ----------
    given, cases : ndarray of shape (reps,)
        ``given`` above 0.
    """
    seen = of_counts(cases, given)
    return replace(seen, centre=-seen.centre, point=-seen.point, log=lambda grid: seen.log(-grid))


def _usual(variance: Floats, most: float) -> float:
    # Twice, since a prior that expects less draws reps who do differ too far together.
    return float(min(2 * np.sqrt(np.median(variance)), most))


def seen_of(kind: Kind, cells: Mapping[str, Floats]) -> Seen | None:
    """Likelihoods of cells: ``numerator, denominator, effect, value, variance, units``.

    None where no variance is known: each rep has a single unit.
    """
    effect = cells["effect"]
    n, d = cells["numerator"], cells["denominator"]
    if kind in ("rate", "share"):
        return of_rates(n / effect, d / effect)
    if kind in ("count", "sum"):
        return of_counts(n / effect, d / effect)
    if kind == "price":
        return of_prices(n / effect, d / effect)
    if not np.any(cells["variance"] > 0):
        return None
    # The variance of a few months says little of the mean.
    if np.all(n >= 0) and np.all(d > 0) and np.median(cells["units"]) >= BORROWED:
        return of_amounts(n, d, cells["variance"], cells["units"])
    return of_ratios(cells["value"], cells["variance"], cells["units"])
