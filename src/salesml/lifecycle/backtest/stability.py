"""How much a ranking and the features behind it change from one date of a backtest to the next."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.stats import rankdata

from salesml.lifecycle.backtest.replay import PREVIOUS, Explained, Played
from salesml.model import Estimate
from salesml.model.bootstrap import estimates
from salesml.model.target import read_owner

Floats = NDArray[np.float64]

TOP = 0.10
"""The part of a list whose names are compared."""
FEWEST = 20
"""With fewer accounts on both dates nothing is said of their order."""
RESAMPLES = 500


@dataclass(frozen=True, kw_only=True)
class Stability:
    """A date of a backtest against the date before it.

    Parameters
    ----------
    accounts : int
        Accounts predicted on both dates.
    order, top : Estimate or None
        The same accounts, each date's own model and features: Spearman's correlation of the two
        rankings, and the share of the first tenth that was in the first tenth before. Both customers
        and model have changed. Chance gives 0 and a tenth.
    model_order, model_top : Estimate or None
        The same rows, ranked by this date's model and by that of the date before: what the new model
        alone changed.
    features : Estimate or None
        Agreement of what moves the scores, as normalised discounted cumulative gain of the groups of
        features in this model's order, each worth its share in the model before; 1 is the same order.
    """

    accounts: int
    order: Estimate | None = None
    top: Estimate | None = None
    model_order: Estimate | None = None
    model_top: Estimate | None = None
    features: Estimate | None = None

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


def stability(before: Played, now: Played) -> Stability:
    """Compare a date with the date before it."""
    if not len(before.p) or not len(now.p):
        return Stability(accounts=0)
    places = {entity: place for place, entity in enumerate(before.rows.entity)}
    both = [(places[entity], place) for place, entity in enumerate(now.rows.entity) if entity in places]
    then, here = np.array(both, dtype=np.intp).reshape(-1, 2).T
    order, top = compare(before.p[then], now.p[here])
    model_order, model_top = (
        compare(now.baselines[PREVIOUS], now.p) if PREVIOUS in now.baselines else (None, None)
    )
    features = agreement(before.explained, now.explained) if before.explained and now.explained else None
    return Stability(
        accounts=len(both), order=order, top=top, model_order=model_order, model_top=model_top,
        features=features,
    )  # fmt: skip


def compare(one: Floats, other: Floats) -> tuple[Estimate | None, Estimate | None]:
    """Rank correlation and overlap of the first tenth of two scores of the same accounts.

    Ranks and tops are taken once; resamples of the accounts weigh them.
    """
    if len(one) < FEWEST or np.ptp(one) == 0 or np.ptp(other) == 0:
        return None, None
    first, second = rankdata(one), rankdata(other)
    size = max(1, round(TOP * len(one)))
    # Ties at the edge of the top go by position, in both lists alike.
    tops = [np.argsort(-scores, kind="stable")[:size] for scores in (one, other)]
    inside = np.zeros((2, len(one)))
    for row, top in zip(inside, tops, strict=True):
        row[top] = 1.0

    def figures(weight: Floats) -> dict[str, Floats]:
        with np.errstate(divide="ignore", invalid="ignore"):
            shared = weight @ (inside[0] * inside[1]) / (weight @ inside[1])
        return {"order": _correlation(first, second, weight), "top": shared}

    found = estimates(figures, np.ones(len(one)), np.arange(len(one)), resamples=RESAMPLES, seed=0)
    return found["order"], found["top"]


def _correlation(first: Floats, second: Floats, weight: Floats) -> Floats:
    """Pearson's correlation under each row of weights."""
    total = weight.sum(axis=1)
    mean_1, mean_2 = weight @ first / total, weight @ second / total
    covariance = weight @ (first * second) / total - mean_1 * mean_2
    variance_1 = weight @ first**2 / total - mean_1**2
    variance_2 = weight @ second**2 / total - mean_2**2
    result: Floats = covariance / np.sqrt(variance_1 * variance_2)
    return result


def agreement(before: Explained, now: Explained) -> Estimate:
    """Normalised discounted cumulative gain of the groups of features, resampled by account.

    References
    ----------
    Järvelin and Kekäläinen, "Cumulated gain-based evaluation of IR techniques", ACM Transactions on
    Information Systems 20 (2002).
    """
    names = tuple(dict.fromkeys((*before.names, *now.names)))
    owner = read_owner(np.r_[before.entity, now.entity], len(before.entity) + len(now.entity))
    sizes = _spread(before, names), _spread(now, names)
    rows = len(before.entity)

    def figures(weight: Floats) -> dict[str, Floats]:
        gains, shown = weight[:, :rows] @ sizes[0], weight[:, rows:] @ sizes[1]
        return {"ndcg": ndcg(gains, shown)}

    return estimates(figures, np.ones(len(owner)), owner, resamples=200, seed=0)["ndcg"]


def _spread(explained: Explained, names: Sequence[str]) -> Floats:
    """Sizes with one column for each of the names, zero where there is none."""
    size = np.zeros((len(explained.size), len(names)))
    size[:, [names.index(name) for name in explained.names]] = explained.size
    return size


def ndcg(gains: Floats, shown: Floats) -> Floats:
    """How much of the gains is met early when they are listed by another figure, row by row.

    Parameters
    ----------
    gains, shown : ndarray of shape (rows, items)
        What each item is worth, and the figure that the list is sorted by.
    """
    discount = 1 / np.log2(np.arange(2, gains.shape[1] + 2))
    listed = np.take_along_axis(gains, np.argsort(-shown, axis=1, kind="stable"), axis=1)
    best = -np.sort(-gains, axis=1)
    result: Floats = (listed @ discount) / (best @ discount)
    return result
