"""Is a difference more than luck? Tests of all reps at once, and the correction for testing many things.

Sources: Good, *Permutation, Parametric and Bootstrap Tests of Hypotheses*, 2005, for dealing within strata;
Mantel, *Chi-square tests with one degree of freedom*, JASA 58 (1963), for cases against trials by period;
Knijnenburg et al., *Fewer permutations, more accurate P-values*, Bioinformatics 25 (2009), for the tail;
Besag and Clifford, *Sequential Monte Carlo p-values*, Biometrika 78 (1991); Benjamini and Hochberg,
*Controlling the False Discovery Rate*, JRSS B 57 (1995). Where no difference is real at all, the latter's
chance of calling any of them real is the level itself.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from scipy import stats

Floats = NDArray[np.float64]

LEVEL = 0.05
"""The chance of calling something real where nothing is."""

DEALS = 999
"""Times that units are dealt to the reps anew, at most."""

ENOUGH = 20
"""So many deals that differ as much as what was seen settle that it may be luck."""

PARTS = 10
"""Into so many parts are units cut by size, where there are enough."""

MOST_UNITS = 20_000
"""Above so many units their sums are normal, and dealing them takes too long."""


def difference(rep: NDArray[np.intp], off: Floats, size: Floats, *, seed: int = 0) -> float:
    """The chance that reps who are alike would differ as much as these: a p-value.

    What units depart by is dealt to the reps anew among units of about the same size, so that neither
    large accounts nor what is usual of large accounts looks like a rep's doing.

    Parameters
    ----------
    rep : ndarray of shape (units,)
        Number of the rep of each unit, from 0.
    off : ndarray of shape (units,)
        By how much each departs from what all have: numerator less the figure of all times denominator.
    size : ndarray of shape (units,)
        The denominator of each.

    Returns
    -------
    float
        NaN for a single rep, or where nothing departs.
    """
    reps = int(rep.max(initial=-1)) + 1
    if (np.bincount(rep, minlength=reps) > 0).sum() < 2:
        return float("nan")
    order, parts = _alike(size)
    rep, off = rep[order], off[order]
    off = np.concatenate([off[part] - off[part].mean() for part in parts])
    square = np.concatenate([np.full(part.stop - part.start, (off[part] ** 2).mean()) for part in parts])
    variance = np.bincount(rep, weights=square, minlength=reps)
    there = variance > 0
    if there.sum() < 2:
        return float("nan")

    def spread(each: Floats) -> float:
        total = np.bincount(rep, weights=each, minlength=reps)[there]
        return float((total**2 / variance[there]).sum())

    if len(rep) > MOST_UNITS:
        # Chi-squared, but for the outliers among the units of each rep.
        excess = np.concatenate([np.full(part.stop - part.start, _excess(off[part])) for part in parts])
        outliers = np.bincount(rep, weights=excess * square**2, minlength=reps)[there] / variance[there] ** 2
        freedom = float(there.sum() - 1)
        return _tail(spread(off), freedom, 2 * freedom + float(outliers.sum()))
    luck = np.random.default_rng(seed)
    return _dealt(
        spread(off), lambda: spread(np.concatenate([luck.permutation(off[part]) for part in parts]))
    )


def counted(cases: Floats, share: Floats, *, trials: bool = False, seed: int = 0) -> float:
    """The same of numbers of cases, which would fall to reps by their shares of each period.

    Parameters
    ----------
    cases : ndarray of shape (reps, periods)
    share : ndarray of shape (reps, periods)
        What each could have had, in any unit: ones where present, an exposure, or trials.
    trials : bool
        Whether a share is a number of trials, each of which is a case or not.
    """
    used = (share.sum(axis=0) > 0) & (cases.sum(axis=0) > 0)
    share, cases = share[:, used], cases[:, used]
    number = np.round(cases.sum(axis=0)).astype(int)
    most = np.round(share).astype(int)
    number = np.minimum(number, most.sum(axis=0)) if trials else number
    part = (most if trials else share) / np.maximum((most if trials else share).sum(axis=0), 1e-300)
    expected = part @ number
    there = expected > 0
    if there.sum() < 2:
        return float("nan")
    luck = np.random.default_rng(seed)

    def spread(total: Floats) -> float:
        return float(((total - expected)[there] ** 2 / expected[there]).sum())

    def deal() -> float:
        periods = range(len(number))
        if trials:
            each = [
                luck.multivariate_hypergeometric(most[:, at], number[at], method="marginals")
                for at in periods
            ]
        else:
            each = [luck.multinomial(number[at], part[:, at]) for at in periods]
        return spread(np.sum(each, axis=0).astype(float))

    return _dealt(spread(cases.sum(axis=1)), deal)


def real(p: Floats, level: float = LEVEL) -> NDArray[np.bool_]:
    """Which of many p-values are real differences; NaN never is."""
    known = np.flatnonzero(~np.isnan(p))
    order = known[np.argsort(p[known], kind="stable")]
    passed = p[order] <= level * np.arange(1, len(order) + 1) / max(len(order), 1)
    found = np.zeros(len(p), dtype=bool)
    if passed.any():
        found[order[: np.flatnonzero(passed)[-1] + 1]] = True
    return found


def _dealt(seen: float, deal: Callable[[], float]) -> float:
    """The share of deals that come to as much; where hardly any does, the tail of a curve through them."""
    found: list[float] = []
    above = 0
    while len(found) < DEALS and above < ENOUGH:
        found.append(deal())
        above += found[-1] >= seen * (1 - 1e-12)
    if above >= ENOUGH:
        return above / len(found)
    counted = (above + 1) / (len(found) + 1)
    if above >= ENOUGH // 2:
        return counted
    return min(counted, _tail(seen, float(np.mean(found)), float(np.var(found, ddof=1))))


def _tail(seen: float, mean: float, variance: float) -> float:
    """A gamma distribution with this mean and variance, beyond what was seen."""
    if variance <= 0:
        return 1.0
    return float(stats.gamma.sf(seen, mean**2 / variance, scale=variance / mean))


def _alike(size: Floats) -> tuple[NDArray[np.intp], list[slice]]:
    """An order of units by size, and its parts of units of about the same."""
    order = np.argsort(size, kind="stable")
    if not (size > 0).all():
        # What has no size, such as a cost without revenue, is another kind of thing.
        cut = int((size <= 0).sum())
        return order, [slice(a, b) for a, b in ((0, cut), (cut, len(size))) if b > a]
    bounds = np.unique(np.quantile(size, np.linspace(0, 1, min(PARTS, max(len(size) // 50, 1)) + 1)[1:-1]))
    ends = np.searchsorted(size[order], bounds, side="right")
    cuts = [0, *(int(end) for end in ends if 0 < end < len(size)), len(size)]
    return order, [slice(a, b) for a, b in pairwise(cuts) if b > a]


def _excess(off: Floats) -> float:
    square = float((off**2).mean())
    return max(float((off**4).mean()) / square**2 - 3, 0.0) if square > 0 else 0.0
