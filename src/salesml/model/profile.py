"""The written profile of the ideal customer: what lifts the chance to be one, and by how much.

Every level of every attribute is compared with all other accounts. As many are looked at, some would
stand out by chance: what is told is chosen by the procedure of Benjamini and Hochberg, so that of the
statements told at most 5 in 100 are expected to be chance, and their intervals are widened for the
choice, so that of the intervals told at most 5 in 100 are expected to miss.

References
----------
Benjamini and Hochberg, "Controlling the false discovery rate", J. R. Statist. Soc. B 57 (1995);
Benjamini and Yekutieli, "False discovery rate-adjusted multiple confidence intervals for selected
parameters", J. Am. Statist. Assoc. 100 (2005); for the intervals of one rate Brown, Cai and DasGupta,
"Interval estimation for a binomial proportion", Statistical Science 16 (2001).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from scipy.stats import beta, norm

from salesml.errors import Fault
from salesml.model.attribute_levels import FEWEST, Level, levels_of
from salesml.model.bootstrap import Estimate
from salesml.model.faults import InputError

if TYPE_CHECKING:
    from salesml.snapshots import Feature

Floats = NDArray[np.float64]

RATE = 0.05
"""The share of what is told that is expected to be chance, and of intervals that miss, at most."""
SHOWN = 15
PAIRS_SHOWN = 10
GRID = 250
"""Points of each rate's distribution, of which every pair is looked at."""


@dataclass(frozen=True)
class Statement:
    """What can be said of the accounts that have one or two levels.

    Parameters
    ----------
    levels : tuple of str
        The levels in words.
    columns : tuple of str
        Their attributes.
    accounts, ideal : int
        How many have them, and how many of these are ideal.
    times : Estimate
        The rate of ideal ones as a multiple of the average, with its 95 % interval: widened for the
        choice among many where it is told.
    p : float
        How likely so great a difference is by chance, before many were looked at.
    told : bool
        Whether it is beyond chance although many were looked at.
    """

    levels: tuple[str, ...]
    columns: tuple[str, ...]
    accounts: int
    ideal: int
    times: Estimate
    p: float
    told: bool

    @property
    def rate(self) -> float:
        return self.ideal / self.accounts

    def __str__(self) -> str:
        times = self.times
        return (
            f"{' and '.join(self.levels)}: {_figure(times.value)} times the average "
            f"({_figure(times.low)} to {_figure(times.high)}), {self.ideal:,} of {self.accounts:,}"
        )

    def as_row(self) -> dict[str, Any]:
        """The statement as one row of a table."""
        return {
            "levels": " and ".join(self.levels), "attributes": ", ".join(self.columns),
            "accounts": self.accounts, "ideal": self.ideal, "rate": self.rate, "times": self.times.value,
            "low": self.times.low, "high": self.times.high, "p": self.p, "told": self.told,
        }  # fmt: skip


@dataclass(frozen=True)
class Profile:
    """Which attributes lift or lower the chance to be ideal.

    ``singles`` are all levels that were looked at, ``pairs`` only those that are told; the strongest
    first. ``attributes`` and ``pairs_seen`` count what was looked at.
    """

    accounts: int
    ideal: int
    attributes: int
    singles: tuple[Statement, ...]
    pairs: tuple[Statement, ...]
    pairs_seen: int

    @property
    def rate(self) -> float:
        return self.ideal / self.accounts

    @property
    def lifts(self) -> tuple[Statement, ...]:
        """Levels that lift the chance beyond chance."""
        return tuple(each for each in self.singles if each.told and each.times.value > 1)

    @property
    def lowers(self) -> tuple[Statement, ...]:
        """Levels that lower it, the lowest first."""
        return tuple(each for each in reversed(self.singles) if each.told and each.times.value < 1)

    def table(self) -> pd.DataFrame:
        """Everything that was looked at alone, and the pairs that are told, one row each."""
        return pd.DataFrame(
            [each.as_row() for each in (*self.singles, *self.pairs)],
            columns=[
                "levels", "attributes", "accounts", "ideal", "rate", "times", "low", "high", "p", "told",
            ],
        )  # fmt: skip

    def text(self) -> str:
        """The profile in sentences, one to a line; in Markdown it is a list."""
        parts = [
            f"Of {self.accounts:,} accounts {self.ideal:,} are ideal: {self.rate:.1%} on average. "
            f"{len(self.singles):,} levels of {self.attributes:,} attributes were looked at"
            + (f", and {self.pairs_seen:,} pairs of them." if self.pairs_seen else ".")
        ]
        if not (self.lifts or self.lowers or self.pairs):
            parts.append("Nothing among them can be told from chance.")
            return "\n\n".join(parts)
        groups = (
            ("More often ideal:", self.lifts[:SHOWN]),
            ("Less often ideal:", self.lowers[:SHOWN]),
            ("Two that add to each other:", self.pairs[:PAIRS_SHOWN]),
        )
        parts += ["\n".join([head, "", *(f"- {each}" for each in found)]) for head, found in groups if found]
        parts.append(
            "In brackets are 95% intervals, widened since the most telling of many were chosen. It says what "
            "ideal customers have more often, not why."
        )
        return "\n\n".join(parts)


def profile(
    X: pd.DataFrame, ideal: ArrayLike, features: Sequence[Feature] = (), *, rate: float = RATE
) -> Profile:
    """Compare the levels of attributes, and pairs of them, by how often accounts are ideal.

    A level is compared with all accounts that do not have it, by the difference of log odds, half a
    count added to each number (Haldane and Anscombe). A pair is told where it lifts the rate above
    either of its levels without the other. Levels that fewer than 20 accounts have, or lack, are not
    looked at.

    Parameters
    ----------
    X : DataFrame of shape (accounts, attributes)
        One row per account.
    ideal : array-like of shape (accounts,)
        1 for an ideal one, else 0.
    features : sequence of Feature, optional
        What attributes are called and how their numbers are written.
    rate : float
        The share of statements told that may be chance.

    Raises
    ------
    InputError
        ``one-outcome`` when all accounts are ideal, or none.
    """
    y = np.asarray(ideal, dtype=np.float64)
    if len(np.unique(y)) < 2:
        raise InputError(
            Fault(
                code="one-outcome",
                found=f"All {len(y):,} accounts are {'ideal' if y.any() else 'not ideal'}",
                allowed="A profile compares ideal accounts with others",
            )
        )
    known = {feature.name: feature for feature in features}
    levels: list[Level] = []
    for name in X:
        feature = known.get(str(name))
        words = feature.words if feature and feature.words else str(name).replace("_", " ")
        levels += levels_of(X[name], words, feature.form if feature else "", feature.unit if feature else "")
    both, hits = _counts(levels, y)
    pairs, seen = _pairs(levels, both, hits, y, rate)
    return Profile(
        accounts=len(y), ideal=int(y.sum()), attributes=len({level.column for level in levels}),
        singles=_singles(levels, both, hits, y, rate), pairs=pairs, pairs_seen=seen,
    )  # fmt: skip


def _counts(levels: Sequence[Level], y: Floats) -> tuple[Floats, Floats]:
    """How many accounts have both of any two levels, and how many of these are ideal."""
    if not levels:
        return np.zeros((0, 0)), np.zeros((0, 0))
    masks = np.array([level.rows for level in levels])
    both, hits = (np.zeros((len(levels), len(levels))) for _ in range(2))
    for start in range(0, len(y), 50_000):
        part = masks[:, start : start + 50_000].astype(np.float32)
        both += part @ part.T
        hits += (part * y[start : start + 50_000].astype(np.float32)) @ part.T
    return both, hits


def _singles(
    levels: Sequence[Level], both: Floats, hits: Floats, y: Floats, rate: float
) -> tuple[Statement, ...]:
    n, k, rest, ideal = np.diag(both), np.diag(hits), len(y) - np.diag(both), y.sum()
    p = 2 * norm.sf(np.abs(_difference(k, n, ideal - k, rest)))
    told, coverage = chosen(p, rate)
    found = [
        _statement((level,), int(n[i]), int(k[i]), y, float(p[i]), bool(told[i]), coverage)
        for i, level in enumerate(levels)
    ]
    return tuple(sorted(found, key=lambda each: -each.times.value))


def _pairs(
    levels: Sequence[Level], both: Floats, hits: Floats, y: Floats, rate: float
) -> tuple[tuple[Statement, ...], int]:
    """Pairs that lift the rate above what either level does without the other."""
    n, k = np.diag(both), np.diag(hits)
    looked_at = [
        (i, j)
        for i, j in combinations(range(len(levels)), 2)
        if levels[i].column != levels[j].column
        and min(both[i, j], n[i] - both[i, j], n[j] - both[i, j]) >= FEWEST
    ]
    if not looked_at:
        return (), 0
    i, j = (np.array(each) for each in zip(*looked_at, strict=True))
    together, ideal = both[i, j], hits[i, j]
    weaker = np.minimum(
        _difference(ideal, together, k[i] - ideal, n[i] - together),
        _difference(ideal, together, k[j] - ideal, n[j] - together),
    )
    p = 2 * norm.sf(np.maximum(weaker, 0))
    told, coverage = chosen(p, rate)
    found = [
        _statement(
            (levels[i[at]], levels[j[at]]), int(together[at]), int(ideal[at]), y, float(p[at]), True, coverage
        )
        for at in np.flatnonzero(told)
    ]
    above = [each for each in found if each.times.low > 1]
    return tuple(sorted(above, key=lambda each: -each.times.value)), len(looked_at)


def _statement(
    levels: Iterable[Level], n: int, k: int, y: Floats, p: float, told: bool, coverage: float
) -> Statement:
    names = tuple(levels)
    times = times_average(k, n, int(y.sum()) - k, len(y) - n, coverage if told else 1 - RATE)
    return Statement(
        levels=tuple(level.words for level in names), columns=tuple(level.column for level in names),
        accounts=n, ideal=k, times=times, p=p, told=told and not times.low <= 1 <= times.high,
    )  # fmt: skip


def _difference(k: Any, n: Any, others: Any, rest: Any) -> Floats:
    """The difference of two log odds in standard errors."""
    odds = np.log((k + 0.5) / (n - k + 0.5)) - np.log((others + 0.5) / (rest - others + 0.5))
    variance = 1 / (k + 0.5) + 1 / (n - k + 0.5) + 1 / (others + 0.5) + 1 / (rest - others + 0.5)
    return np.asarray(odds / np.sqrt(variance), dtype=np.float64)


def chosen(p: Floats, rate: float = RATE) -> tuple[NDArray[np.bool_], float]:
    """Which of many are told, and how much their intervals must cover for that.

    Parameters
    ----------
    p : ndarray of shape (looks,)

    Returns
    -------
    told : ndarray of bool of shape (looks,)
    coverage : float
        1 less the rate times the share that is told; 1 less the rate when nothing is.
    """
    if not len(p):
        return np.zeros(0, dtype=bool), 1 - rate
    ordered = np.sort(p)
    under = np.flatnonzero(ordered <= rate * np.arange(1, len(p) + 1) / len(p))
    if not len(under):
        return np.zeros(len(p), dtype=bool), 1 - rate
    told = p <= ordered[under[-1]]
    return np.asarray(told), float(1 - rate * told.sum() / len(p))


def times_average(k: int, n: int, others: int, rest: int, coverage: float = 0.95) -> Estimate:
    """A rate as a multiple of the average, with its interval.

    The two rates, ``k`` of ``n`` and ``others`` of ``rest``, have Jeffreys' distribution each; the
    average weighs them by ``n`` and ``rest``.
    """
    points = (np.arange(GRID) + 0.5) / GRID
    mine = beta.ppf(points, k + 0.5, n - k + 0.5)[:, None]
    theirs = beta.ppf(points, others + 0.5, rest - others + 0.5)[None, :]
    share = n / (n + rest)
    ratios = mine / (share * mine + (1 - share) * theirs)
    tail = (1 - coverage) / 2
    low, high = np.quantile(ratios, [tail, 1 - tail])
    value = (k / n) / ((k + others) / (n + rest))
    return Estimate(value, float(min(low, value)), float(max(high, value)))


def _figure(value: float) -> str:
    near = value < 1 or f"{value:.1f}" == "1.0"
    return f"{value:.2f}" if near else f"{value:.1f}"
