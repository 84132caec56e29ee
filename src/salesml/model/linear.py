"""A ridge logistic regression over binned columns: what trees need many splits to say, in a few terms.

Each number gives two terms, its value and its rank, and one for being missing; each category one for every
level. All are constant within a column's bins, so the whole score is a sum of step functions.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import eigh
from scipy.optimize import minimize
from scipy.special import expit, logit

from salesml.model.coding import Coding
from salesml.model.steps import Steps, constant

Floats = NDArray[np.float64]
Bins = list[NDArray[Any]]

PENALTIES = (300.0, 100.0, 30.0, 10.0, 3.0, 1.0)
"""Ridge penalties, strongest first, tried until the held-out loss rises."""
BINS = 64
MOST_LEVELS = 63
"""Levels of a category with a term of their own, the most frequent; the others share one."""
MOST_TERMS = 400
MOST_ROWS = 20_000
"""Terms and rows that one regression learns from at most: more would cost more than they bring."""
FEWEST_DRAWN = 100
"""Rows of either outcome among those drawn, without which the rarer one is not left to chance."""
FEW_VALUES = 8
"""A number with no more bins than this has no term for its rank."""
NEGLIGIBLE = 1e-3
"""Columns that together make up less than this part of the score's variance get no tree."""


@dataclass(frozen=True)
class Column:
    """Bins of one column, and what each bin holds of each of its terms: shape (bins, terms)."""

    steps: Steps
    table: Floats


@dataclass(frozen=True)
class Terms:
    """The terms of all columns that vary.

    Parameters
    ----------
    columns : tuple of Column
    """

    columns: tuple[Column, ...]

    @classmethod
    def learn(cls, coded: Floats, coding: Coding) -> Terms:
        """Bins and terms from the training rows; the outcome has no say."""
        made = (
            _category(place, coded[:, place], len(column.levels))
            if column.kind == "category"
            else _number(place, coded[:, place])
            for place, column in enumerate(coding.columns)
            if column.kind != "empty"
        )
        return cls(tuple(column for column in made if column and column.table.shape[1]))

    def bins(self, coded: Floats) -> Bins:
        """The bin of each row in each column."""
        return [
            column.steps.bins(coded[:, column.steps.place]).astype(np.min_scalar_type(len(column.table)))
            for column in self.columns
        ]

    def matrix(self, bins: Bins, chosen: NDArray[np.intp] | None = None) -> Floats:
        """The terms of each row, or the chosen ones, shape (rows, terms)."""
        tables = [column.table for column in self.columns]
        if chosen is not None:
            ends = np.cumsum([table.shape[1] for table in tables])
            parts = np.split(chosen, np.searchsorted(chosen, ends[:-1]))
            starts = ends - [table.shape[1] for table in tables]
            tables = [t[:, part - at] for t, part, at in zip(tables, parts, starts, strict=True)]
        return np.hstack([table[found] for table, found in zip(tables, bins, strict=True)])

    def scores(self, bins: Bins, coefficients: Floats, intercept: float) -> Floats:
        """What a regression says of each row, shape (rows,)."""
        total = np.full(len(bins[0]), intercept)
        for steps, found in zip(self.steps(coefficients), bins, strict=True):
            total += steps[found]
        return total

    def steps(self, coefficients: Floats) -> list[Floats]:
        """What each column's bins add to the score."""
        ends = np.cumsum([column.table.shape[1] for column in self.columns])
        parts = np.split(coefficients, ends[:-1]) if len(ends) else []
        return [column.table @ part for column, part in zip(self.columns, parts, strict=True)]

    def strongest(self, bins: Bins, y: NDArray[np.int8], weight: Floats) -> NDArray[np.intp]:
        """The terms that go with the outcome most, at most ``MOST_TERMS``, in their order.

        Found from sums by bin: all terms of all rows at once would fill the memory.
        """
        terms = sum(column.table.shape[1] for column in self.columns)
        if terms <= MOST_TERMS:
            return np.arange(terms)
        away = weight * (y - np.average(y, weights=weight))
        strength = []
        for column, found in zip(self.columns, bins, strict=True):
            held = np.bincount(found, weights=weight, minlength=len(column.table))
            pulled = np.bincount(found, weights=away, minlength=len(column.table))
            centred = column.table - np.average(column.table, axis=0, weights=held)
            size = np.sqrt(held @ centred**2)
            strength.append(
                np.divide(np.abs(pulled @ centred), size, out=np.zeros(len(size)), where=size > 0)
            )
        return np.sort(np.argsort(-np.concatenate(strength), kind="stable")[:MOST_TERMS])

    def trees(self, coefficients: Floats, intercept: float) -> list[str]:
        """The regression as trees: a constant, and one for each column that matters."""
        steps = self.steps(coefficients)
        means, spreads = [], []
        for column, values in zip(self.columns, steps, strict=True):
            mean = float(np.average(values, weights=column.steps.counts))
            means.append(mean)
            spreads.append(float(np.average((values - mean) ** 2, weights=column.steps.counts)))
        order = np.argsort(spreads, kind="stable")
        small = np.cumsum(np.array(spreads)[order]) <= NEGLIGIBLE * sum(spreads)
        left_out = {int(place) for place in order[small]}
        rest = intercept + sum(means[place] for place in left_out)
        kept = [place for place in range(len(steps)) if place not in left_out]
        return [constant(rest), *(self.columns[place].steps.tree(steps[place]) for place in kept)]


class Regression:
    """Logistic regressions of one fold, from the strongest penalty down.

    Parameters
    ----------
    terms : Terms
    bins : list of ndarray of shape (rows,)
        As ``Terms.bins`` gives them.
    y, weight : ndarray of shape (rows,)
    rng : Generator
        Draws the rows where there are more than are used.
    """

    def __init__(
        self, terms: Terms, bins: Bins, y: NDArray[np.int8], weight: Floats, rng: np.random.Generator
    ) -> None:
        if len(y) > MOST_ROWS:
            drawn, stands_for = _drawn(y, rng)
            bins, y, weight = [found[drawn] for found in bins], y[drawn], weight[drawn] * stands_for
        self.terms = sum(column.table.shape[1] for column in terms.columns)
        self.y, self.weight = y, weight * (len(weight) / weight.sum())
        self.chosen = terms.strongest(bins, y, self.weight)
        self.x = terms.matrix(bins, self.chosen)
        self.centre = np.average(self.x, axis=0, weights=self.weight)
        self.x -= self.centre
        self.rate = float(np.average(y, weights=self.weight))
        self.sizes, self.axes = eigh((self.x * self.weight[:, None]).T @ self.x)
        self.sizes = np.maximum(self.sizes, 0.0) * self.rate * (1 - self.rate)
        self.at = np.append(np.zeros(len(self.chosen)), logit(self.rate))

    def fit(self, penalty: float) -> tuple[Floats, float]:
        """Coefficients of all terms, and the intercept, starting from those of the penalty before.

        L-BFGS in coordinates in which the loss is nearly round, so that a dozen steps do.
        """
        scale = 1 / np.sqrt(self.sizes + penalty)
        rows = float(np.sqrt(self.weight.sum() * self.rate * (1 - self.rate)))

        def cost(at: Floats) -> tuple[float, Floats]:
            b = self.axes @ (scale * at[:-1])
            z = self.x @ b + at[-1] / rows
            miss = self.weight * (expit(z) - self.y)
            loss = float(self.weight @ (np.logaddexp(0.0, z) - self.y * z)) + 0.5 * penalty * float(b @ b)
            slope = scale * (self.axes.T @ (miss @ self.x + penalty * b))
            return loss, np.append(slope, miss.sum() / rows)

        start = np.append((self.axes.T @ self.at[:-1]) / scale, self.at[-1] * rows)
        found = minimize(
            cost, start, jac=True, method="L-BFGS-B", options={"maxiter": 50, "ftol": 1e-8, "gtol": 1e-3}
        ).x
        self.at = np.append(self.axes @ (scale * found[:-1]), found[-1] / rows)
        coefficients = np.zeros(self.terms)
        coefficients[self.chosen] = self.at[:-1]
        return coefficients, float(self.at[-1] - self.centre @ self.at[:-1])


def _drawn(y: NDArray[np.int8], rng: np.random.Generator) -> tuple[NDArray[np.intp], Floats]:
    """``MOST_ROWS`` rows, and how many each stands for beside the others.

    By chance alone; all rows of an outcome that is too rare for that, and of the other as many as fit.
    """
    drawn = np.sort(rng.choice(len(y), MOST_ROWS, replace=False))
    counts = np.bincount(y[drawn], minlength=2)
    if counts.min() >= FEWEST_DRAWN:
        return drawn, np.ones(MOST_ROWS)
    rare = np.flatnonzero(y == np.argmin(counts))
    other = np.flatnonzero(y != np.argmin(counts))
    kept = rng.permutation(rare)[: MOST_ROWS // 2]
    drawn = np.sort(np.append(kept, rng.choice(other, MOST_ROWS - len(kept), replace=False)))
    stands_for = np.where(
        y[drawn] == np.argmin(counts), len(rare) / len(kept), len(other) / (MOST_ROWS - len(kept))
    )
    return drawn, stands_for


def _category(place: int, codes: Floats, levels: int) -> Column | None:
    steps = Steps(place, None, np.zeros(levels + 1, dtype=np.intp))
    counts = np.bincount(steps.bins(codes), minlength=levels + 1)
    if np.count_nonzero(counts) < 2:
        return None
    order = np.argsort(-counts, kind="stable")
    term = np.full(levels + 1, min(MOST_LEVELS, levels))
    term[order[:MOST_LEVELS]] = np.arange(min(MOST_LEVELS, levels + 1))
    return Column(Steps(place, None, counts), np.eye(int(term.max()) + 1)[term])


def _number(place: int, values: Floats) -> Column | None:
    known = values[~np.isnan(values)]
    if not len(known):
        return None
    edges = _edges(known)
    steps = Steps(place, edges, np.zeros(len(edges) + 2, dtype=np.intp))
    bins = steps.bins(values)
    counts = np.bincount(bins, minlength=len(edges) + 2)
    if np.count_nonzero(counts) < 2:
        return None
    low, high = np.quantile(known, [0.005, 0.995])
    clipped = np.clip(known, low, high) if low < high else known
    within = np.bincount(bins[~np.isnan(values)], weights=clipped, minlength=len(counts))
    mean = within / np.maximum(counts, 1)
    terms = [_standard(mean, counts)] if len(edges) else []
    if len(edges) >= FEW_VALUES:
        terms.append(_standard(np.cumsum(counts) - counts / 2.0, counts))
    if counts[-1]:
        terms.append(np.append(np.zeros(len(counts) - 1), 1.0))
    return Column(Steps(place, edges, counts), np.column_stack(terms))


def _edges(known: Floats) -> Floats:
    """Between any two values where there are few of them, else at quantiles."""
    values = np.unique(known)
    if len(values) <= BINS:
        between: Floats = values[:-1] + (values[1:] - values[:-1]) / 2
        return between
    cuts = np.unique(np.quantile(known, np.arange(1, BINS) / BINS, method="lower"))
    below: Floats = cuts[cuts < values[-1]]
    return below


def _standard(values: Floats, counts: NDArray[np.intp]) -> Floats:
    """Centred and scaled over the rows whose value is known; zero where it is missing."""
    known, weight = values[:-1], counts[:-1]
    mean = np.average(known, weights=weight)
    spread = np.sqrt(np.average((known - mean) ** 2, weights=weight))
    return np.append((known - mean) / spread if spread > 0 else np.zeros(len(known)), 0.0)
