"""A first judgement of a model from the rows that its parts had not seen."""

from __future__ import annotations

import re
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from salesml.model.baselines import fit_coded
from salesml.model.coding import Coding
from salesml.model.ensemble import Trained
from salesml.model.evaluation import Evaluation, evaluate
from salesml.model.part import Rows
from salesml.model.verdict import TOO_GOOD, Verdict, contribution_shares, judge

EXPLAINED = 500
"""Rows whose contributions tell the features' shares, where the verdict asks for them."""
RESAMPLES = 200
SPLIT = re.compile(r"^split_feature=\d", re.MULTILINE)


def review(
    rows: Rows,
    trained: Trained,
    coding: Coding,
    out_of_fold: NDArray[np.float64],
    contributions: Callable[[NDArray[np.float64]], NDArray[np.float64]],
    seed: int,
) -> tuple[Evaluation, Verdict]:
    """Evaluate out-of-fold probabilities against baselines fitted on the same folds, and judge them."""
    baselines, best = _crossed_baselines(rows, trained.fold, coding)
    evaluation = evaluate(
        rows.y,
        out_of_fold,
        groups=rows.owner,
        baselines=baselines,
        weight=rows.weight,
        folds=len(np.unique(trained.fold)),
        seed=seed,
        resamples=RESAMPLES,
    )
    shares = None
    if not SPLIT.search(trained.text):
        shares = dict.fromkeys(coding.names, 0.0)
    elif evaluation.metrics["auc"].value >= TOO_GOOD:
        drawn = np.random.default_rng(seed).permutation(len(rows.y))[:EXPLAINED]
        shares = contribution_shares(contributions(rows.coded[drawn]), coding.names, rows.weight[drawn])
    return evaluation, judge(evaluation, shares=shares, best_column=best)


def _crossed_baselines(
    rows: Rows, fold: NDArray[np.intp], coding: Coding
) -> tuple[dict[str, NDArray[np.float64]], str]:
    """Baselines of each fold fitted on the others, and the column that was best most often."""
    found: dict[str, NDArray[np.float64]] = {}
    chosen: list[str] = []
    for number in np.unique(fold):
        out = fold == number
        fitted = fit_coded(coding, rows.coded[~out], rows.y[~out], rows.weight[~out], logistic=False)
        chosen.append(fitted.best_column)
        for name, p in fitted.predict_coded(rows.coded[out]).items():
            found.setdefault(name, np.empty(len(rows.y)))[out] = p
    return found, max(sorted(set(chosen)), key=chosen.count)
