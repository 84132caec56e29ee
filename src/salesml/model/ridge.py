"""Ridge logistic regressions on folds as a part of the model: their mean, as trees."""

from __future__ import annotations

from functools import partial

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from salesml.model.boosting import Team
from salesml.model.calibration import log_loss_of_scores
from salesml.model.coding import Coding
from salesml.model.linear import PENALTIES, Bins, Regression, Terms
from salesml.model.part import Part, Rows

Floats = NDArray[np.float64]


def regress(rows: Rows, coding: Coding, fold: NDArray[np.intp], *, seed: int, team: Team) -> Part | None:
    """One regression for each fold, all with the penalty that loses least on their watched held-out rows.

    Returns None where no column varies.
    """
    terms = Terms.learn(rows.coded, coding)
    if not terms.columns:
        return None
    bins = terms.bins(rows.coded)
    folds = range(int(fold.max()) + 1)

    def begin(number: int) -> Regression:
        seen = fold != number
        rng = np.random.default_rng([seed, number])
        return Regression(terms, _of(bins, seen), rows.y[seen], rows.weight[seen], rng)

    # One thread for each regression: sums in another order would be other numbers.
    with threadpool_limits(1):
        fitted = team.run(begin, folds)
        found: list[list[tuple[Floats, float]]] = []
        losses: list[Floats] = []
        for penalty in PENALTIES:
            found.append(team.run(partial(Regression.fit, penalty=penalty), fitted))
            losses.append(_losses(rows, terms, bins, fold, found[-1]))
            if len(losses) > 1 and losses[-1].sum() > losses[-2].sum():
                break
        loss = np.array(losses)
        held_out = np.zeros(len(rows.y))
        for number in folds:
            # A fold's own rows have no say in the penalty of the regression that has not seen them.
            others = np.delete(loss, number, axis=1).sum(axis=1)
            coefficients, intercept = found[int(np.argmin(others))][number]
            out = fold == number
            held_out[out] = terms.scores(_of(bins, out), coefficients, intercept)
    best = found[int(np.argmin(loss.sum(axis=1)))]
    coefficients = np.mean([b for b, _ in best], axis=0)
    return Part("linear", terms.trees(coefficients, float(np.mean([c for _, c in best]))), 1.0, held_out)


def _of(bins: Bins, rows: NDArray[np.bool_]) -> Bins:
    return [found[rows] for found in bins]


def _losses(
    rows: Rows, terms: Terms, bins: Bins, fold: NDArray[np.intp], fitted: list[tuple[Floats, float]]
) -> Floats:
    """Weighted log loss of each fold's regression on its watched held-out rows."""
    found = np.zeros(len(fitted))
    for number, (coefficients, intercept) in enumerate(fitted):
        out = (fold == number) & rows.watched
        scores = terms.scores(_of(bins, out), coefficients, intercept)
        found[number] = float(rows.weight[out] @ log_loss_of_scores(rows.y[out], scores))
    return found
