"""A ridge regression of an amount's mean with a logarithmic link, as trees: a part of the amount model."""

from __future__ import annotations

from typing import Any, cast

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from threadpoolctl import threadpool_limits

from salesml.model.coding import Coding
from salesml.model.linear import Bins, Terms
from salesml.model.part import Part, Rows
from salesml.model.tweedie import deviance, slope

Floats = NDArray[np.float64]

PENALTIES = (1000.0, 300.0, 100.0, 30.0, 10.0, 3.0, 1.0)
"""Ridge penalties, strongest first, tried until the held-out deviance rises."""
MOST_ROWS = 20_000
"""Rows that one regression learns from at most."""
LARGEST = 15.0
"""Logarithm, either way, of the largest ratio of a row's mean to the mean of all."""


def regress_amount(rows: Rows, coding: Coding, fold: NDArray[np.intp], *, seed: int) -> Part | None:
    """One regression for each fold, all with the penalty of the least held-out deviance; their mean as trees.

    Returns None where no column varies.
    """
    terms = Terms.learn(rows.coded, coding)
    if not terms.columns:
        return None
    bins, amount = terms.bins(rows.coded), cast(Floats, cast(Any, rows.y))
    folds = range(int(fold.max()) + 1)
    # One thread: sums in another order would be other numbers.
    with threadpool_limits(1):
        fitted = [
            _Regression(terms, bins, amount, rows.weight, _drawn(fold, number, seed)) for number in folds
        ]
        found: list[list[tuple[Floats, float]]] = []
        losses: list[Floats] = []
        for penalty in PENALTIES:
            found.append([each.fit(penalty) for each in fitted])
            losses.append(_losses(terms, bins, amount, rows.weight, fold, found[-1]))
            if len(losses) > 1 and losses[-1].sum() > losses[-2].sum():
                break
        loss = np.array(losses)
        held_out = np.zeros(len(amount))
        for number in folds:
            # A fold's own rows have no say in the penalty of the regression that has not seen them.
            others = np.delete(loss, number, axis=1).sum(axis=1)
            out = fold == number
            held_out[out] = _scores(terms, bins, out, found[int(np.argmin(others))][number])
    best = found[int(np.argmin(loss.sum(axis=1)))]
    coefficients = np.mean([b for b, _ in best], axis=0)
    return Part("linear", terms.trees(coefficients, float(np.mean([c for _, c in best]))), 1.0, held_out)


def _drawn(fold: NDArray[np.intp], number: int, seed: int) -> NDArray[np.intp]:
    seen = np.flatnonzero(fold != number)
    if len(seen) <= MOST_ROWS:
        return seen
    return np.sort(np.random.default_rng([seed, number]).choice(seen, MOST_ROWS, replace=False))


def _scores(terms: Terms, bins: Bins, rows: NDArray[Any], fitted: tuple[Floats, float]) -> Floats:
    return np.clip(terms.scores([found[rows] for found in bins], *fitted), -LARGEST, LARGEST)


def _losses(
    terms: Terms, bins: Bins, amount: Floats, weight: Floats, fold: NDArray[np.intp],
    fitted: list[tuple[Floats, float]],
) -> Floats:  # fmt: skip
    """Weighted deviance of each fold's regression on its held-out rows."""
    found = np.zeros(len(fitted))
    for number, each in enumerate(fitted):
        out = fold == number
        said = np.exp(_scores(terms, bins, out, each))
        found[number] = float(weight[out] @ deviance(amount[out], said))
    return found


class _Regression:
    """Regressions of one fold, from the strongest penalty down, each starting from the one before."""

    def __init__(
        self, terms: Terms, bins: Bins, amount: Floats, weight: Floats, seen: NDArray[np.intp]
    ) -> None:
        self.amount, self.weight = amount[seen], weight[seen] * (len(seen) / weight[seen].sum())
        x = terms.matrix([found[seen] for found in bins])
        self.centre = np.average(x, axis=0, weights=self.weight)
        self.x = x - self.centre
        mean = max(float(np.average(self.amount, weights=self.weight)), 1e-6)
        self.at = np.append(np.zeros(x.shape[1]), np.log(mean))

    def fit(self, penalty: float) -> tuple[Floats, float]:
        """Coefficients of all terms, and the intercept."""

        def cost(at: Floats) -> tuple[float, Floats]:
            z = np.clip(self.x @ at[:-1] + at[-1], -LARGEST, LARGEST)
            miss = self.weight * slope(self.amount, z)
            loss = float(self.weight @ (2 * np.exp(z / 2) + 2 * self.amount * np.exp(-z / 2)))
            ridge = 0.5 * penalty * float(at[:-1] @ at[:-1])
            return loss + ridge, np.append(miss @ self.x + penalty * at[:-1], miss.sum())

        self.at = minimize(cost, self.at, jac=True, method="L-BFGS-B", options={"maxiter": 100}).x
        return self.at[:-1].copy(), float(self.at[-1] - self.centre @ self.at[:-1])
