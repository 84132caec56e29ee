"""What differs between the rows to learn from and those that will be scored, or the latest of them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.stats import chi2, chi2_contingency

from salesml.model.sample_size import auc_error
from salesml.model.screening.association import NEVER_QUITE
from salesml.model.screening.coarse import coarse
from salesml.model.screening.finding import Finding, listed
from salesml.model.screening.view import Codes, Column, View

SAMPLED = 2_000
"""Rows of either period that the classifier sees."""
FEWEST = 50
TREES, LEAVES, FOLDS = 30, 15, 3
TOLD_APART, FAR_APART = 0.6, 0.8
"""AUC of the classifier from which a shift is named, and from which it is a warning."""
MOVED, SURE = 0.1, 0.01
"""Population stability index from which a column has moved; p-value, divided by the number of columns."""
RATE = 0.2
"""Relative difference of the outcome's rate between dates that is named."""


def covariate_shift(
    earlier: pd.DataFrame, later: pd.DataFrame, owner: Codes, name: str, *, dated: Collection[str] = ()
) -> list[Finding]:
    """Finding ``covariate-shift``: a classifier tells the later rows from the earlier ones.

    Parameters
    ----------
    owner : ndarray of shape (earlier rows + later rows,)
        The account of each row: folds go by it.
    name : str
        What the later rows are called.
    dated : collection of str
        Columns made of dated events, which move with time by their nature: a note, if only they do.
    """
    if min(len(earlier), len(later)) < FEWEST:
        return []
    both = pd.concat([earlier, later[list(earlier.columns)]], ignore_index=True)
    late = np.r_[np.zeros(len(earlier), dtype=np.int8), np.ones(len(later), dtype=np.int8)]
    drawn = np.sort(np.concatenate([_drawn(np.flatnonzero(late == part)) for part in (0, 1)]))
    view = View.of(both.iloc[drawn])
    late, owner = late[drawn], np.unique(owner[drawn], return_inverse=True)[1]
    if not view.varying:
        return []
    auc, gains = _told_apart(view.varying, late, owner)
    error = auc_error(min(max(auc, 0.5), 0.999), int(late.sum()), int((1 - late).sum()))
    if auc - 2.6 * error < TOLD_APART:
        return []
    moved = _moved(view.varying, late)
    order = sorted(range(len(gains)), key=lambda place: -gains[place])[:5]
    names = tuple(view.varying[place].name for place in order if gains[place] > 0)
    words = [f"{n} (stability index {moved[n]:.2f})" if n in moved else n for n in names]
    return [
        Finding(
            code="covariate-shift",
            severity="warn" if auc - 2.6 * error >= FAR_APART and not set(names) <= set(dated) else "note",
            what=f"{name} differ from the rows to learn from: a classifier tells them apart with an AUC of "
            f"{auc:.2f}. What tells them apart most: {listed(words)}; {len(moved):,} of "
            f"{len(view.varying):,} columns moved beyond chance.",
            do="Find out whether that is a season, a change of business or of how the data are written. "
            "Train on later dates, or leave out what only tells the time.",
            columns=names,
            sure=0.995,
        )
    ]


def _drawn(rows: NDArray[np.intp]) -> NDArray[np.intp]:
    return np.random.default_rng(0).permutation(rows)[:SAMPLED]


def _told_apart(columns: Sequence[Column], late: NDArray[np.int8], owner: Codes) -> tuple[float, list[float]]:
    """AUC of a small LightGBM model across folds by account, and the gain of each column."""
    import lightgbm as lgb
    from sklearn.metrics import roc_auc_score

    matrix = np.column_stack([_feature(column) for column in columns])
    fold = np.random.default_rng(0).permutation(int(owner.max()) + 1)[owner] % FOLDS
    settings: dict[str, Any] = {
        "objective": "binary", "num_leaves": LEAVES, "learning_rate": 0.1, "min_data_in_leaf": 20,
        "verbosity": -1, "seed": 0, "deterministic": True, "force_col_wise": True, "num_threads": 1,
        "max_bin": 63, "feature_fraction": 0.5,
    }  # fmt: skip
    score, gains = np.full(len(late), np.nan), np.zeros(len(columns))
    for number in range(FOLDS):
        out = fold == number
        if out.all() or not out.any() or late[~out].min() == late[~out].max():
            continue
        booster = lgb.train(settings, lgb.Dataset(matrix[~out], late[~out]), TREES)
        score[out] = np.asarray(booster.predict(matrix[out]))
        gains += booster.feature_importance("gain")
    known = np.isfinite(score)
    if not known.any() or late[known].min() == late[known].max():
        return 0.5, [0.0] * len(columns)
    return float(roc_auc_score(late[known], score[known])), list(map(float, gains))


def _feature(column: Column) -> NDArray[np.float64]:
    if column.ordered:
        return column.numbers
    return coarse(column).astype(np.float64)


def _moved(columns: Sequence[Column], late: NDArray[np.int8]) -> dict[str, float]:
    """The population stability index of each column that moved beyond chance."""
    found = {}
    for column in columns:
        cells = coarse(column)
        table = np.array([np.bincount(cells[late == part], minlength=8) for part in (0, 1)], dtype=np.float64)
        table = table[:, table.sum(axis=0) > 0]
        if table.shape[1] < 2:
            continue
        p = chi2_contingency(table, correction=False).pvalue
        share = (table + 0.5) / (table + 0.5).sum(axis=1, keepdims=True)
        index = float(((share[1] - share[0]) * np.log(share[1] / share[0])).sum())
        if p < SURE / len(columns) and index >= MOVED:
            found[column.name] = index
    return found


def label_shift(y: NDArray[np.int8], when: NDArray[Any]) -> list[Finding]:
    """Finding ``label-shift``: the rate of the outcome differs between dates beyond chance.

    Parameters
    ----------
    when : ndarray of shape (rows,)
        The date of each row, or anything that sorts by time.
    """
    dates, code = np.unique(when, return_inverse=True)
    n, k = np.bincount(code).astype(np.float64), np.bincount(code, weights=y)
    if len(dates) < 2 or n.min() < FEWEST or not 0 < y.mean() < 1:
        return []
    rate, whole = k / n, float(y.mean())
    statistic = float((n * (rate - whole) ** 2).sum() / (whole * (1 - whole)))
    p = float(chi2.sf(statistic, len(dates) - 1))
    low, high = int(np.argmin(rate)), int(np.argmax(rate))
    if p > SURE or rate[high] - rate[low] < RATE * whole:
        return []
    return [
        Finding(
            code="label-shift",
            severity="note",
            what=f"The rate of the outcome differs between dates: {rate[low]:.1%} at {dates[low]} and "
            f"{rate[high]:.1%} at {dates[high]}, {rate[-1]:.1%} at the latest.",
            do="Probabilities follow the dates learned from. Read the calibration on the latest date, and "
            "train again when it moves.",
            rows=len(y),
            sure=min(1 - p, NEVER_QUITE),
        )
    ]
