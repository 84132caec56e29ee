"""A classifier that tells rows of two dates apart: how well it can, and what it goes by.

It sees what single features do not show, such as two that no longer go together. Rows of an account lie in
one fold, so that it cannot know an account again.

References
----------
Lopez-Paz and Oquab, "Revisiting classifier two-sample tests", ICLR 2017.
"""

from __future__ import annotations

import datetime as dt
import zlib
from collections.abc import MutableMapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import logit

from salesml.model.auc_interval import auc_interval
from salesml.model.bootstrap import Estimate
from salesml.monitoring.dated import Column, Dated, Floats
from salesml.monitoring.family import of_a_look
from salesml.monitoring.finding import Finding
from salesml.monitoring.moved import WHEN, moved
from salesml.monitoring.profile import Profile, steps
from salesml.monitoring.usual import usual_of

ROWS = 2_000
"""Rows of each date at most: the same accounts of both."""
LAG = 3
YARDSTICKS = 12
"""Pairs of past dates, the newest, that say what is usual."""
MATTERS = 0.6
"""An AUC below this raises no alarm."""
NAMED = 3
ALWAYS_MOVES = 0.05
"""A column with such a stability index in half of all quarters, beyond chance, moves by its nature."""
SETTINGS = {
    "objective": "binary", "learning_rate": 0.1, "num_leaves": 8, "min_data_in_leaf": 30, "verbosity": -1,
    "num_threads": 1, "deterministic": True, "force_row_wise": True, "seed": 0, "max_bin": 63,
}  # fmt: skip
TREES = 30


@dataclass(frozen=True)
class Apart:
    """How well rows of two dates can be told apart.

    Parameters
    ----------
    auc : Estimate
    shares : ndarray of shape (columns,)
        The share of each column in what the classifier goes by (SHAP).
    """

    auc: Estimate
    shares: Floats


Known = MutableMapping[tuple[dt.date, dt.date, tuple[int, ...]], float]
"""The AUCs of pairs of dates that were told apart before."""


def watch_apart(
    grid: Sequence[Dated],
    columns: Sequence[Column],
    places: Sequence[int],
    looks: int,
    known: Known | None = None,
) -> list[Finding]:
    """Tell the newest date from that three months before, and past dates likewise for what is usual.

    Parameters
    ----------
    places : sequence of int
        The columns that the classifier may go by; see :func:`steady`.
    """
    known = {} if known is None else known
    if not places:
        return []
    pairs = list(zip(grid[:-LAG], grid[LAG:], strict=True))[-YARDSTICKS - 1 :]
    if not pairs:
        return []
    past = [_once(before, now, columns, places, known) for before, now in pairs[:-1]]
    newest = tell_apart(*pairs[-1], columns, places)
    known[pairs[-1][0].as_of, pairs[-1][1].as_of, tuple(places)] = newest.auc.value
    usual = usual_of([_odds(each) for each in past], least_sd=0.02)
    alpha = of_a_look("apart", looks)
    before, now = pairs[-1]
    p = usual.p_above(_odds(newest.auc.value)) if usual else None
    low, high = (_chance(each) for each in usual.interval) if usual else (None, None)
    limit = max(MATTERS, _chance(usual.above(alpha))) if usual else None
    alarm = p is not None and p <= alpha and newest.auc.value >= MATTERS
    return [
        Finding(
            as_of=now.as_of, check="apart", since=before.as_of, rows=len(now), value=newest.auc.value,
            low=newest.auc.low, high=newest.auc.high, usual_low=low, usual_high=high, threshold=limit,
            p_value=p, alarm=alarm, sentence=_sentence(newest, columns, before, now, high),
        )
    ]  # fmt: skip


def tell_apart(
    before: Dated, now: Dated, columns: Sequence[Column], places: Sequence[int], *, why: bool = True
) -> Apart:
    """A small classifier in two folds of accounts, tested on the fold it has not seen.

    ``why`` asks what it goes by, which takes most of the time.
    """
    import lightgbm as lgb

    watched = list(places)
    rows = [_drawn(each.entity) for each in (before, now)]
    X = np.concatenate(
        [each.coded[drawn][:, watched] for each, drawn in zip((before, now), rows, strict=True)]
    )
    y = np.repeat([0, 1], [len(drawn) for drawn in rows]).astype(np.int8)
    entity = np.concatenate([before.entity[rows[0]], now.entity[rows[1]]])
    keys = np.array([_hash(each) for each in entity])
    fold = (keys >> 8) % 2
    categories = [k for k, place in enumerate(watched) if columns[place].levels]
    p, size = np.full(len(y), 0.5), np.zeros(len(watched))
    for held in (0, 1):
        data = lgb.Dataset(
            X[fold != held], y[fold != held], categorical_feature=categories, free_raw_data=True
        )
        booster = lgb.train(SETTINGS, data, num_boost_round=TREES)
        p[fold == held] = booster.predict(X[fold == held], num_threads=1)
        if not why:
            continue
        some = X[fold == held][:: max(1, int((fold == held).sum()) // 150)]
        size += np.abs(np.asarray(booster.predict(some, pred_contrib=True, num_threads=1))[:, :-1]).mean(
            axis=0
        )
    shares = np.zeros(len(columns))
    shares[watched] = size / (size.sum() or 1.0)
    owner = np.unique(keys, return_inverse=True)[1]
    return Apart(auc_interval(y, p, np.ones(len(y)), owner), shares)


def steady(profiles: Sequence[Profile], columns: Sequence[Column]) -> list[int]:
    """Columns that do not move by their nature, as the time since the first order does in every quarter: of
    such a column the classifier would see nothing else."""
    if len(profiles) <= LAG + 1:
        return [place for place, column in enumerate(columns) if column.watched]
    widths = np.diff(np.append(profiles[-1].starts, len(profiles[-1].shares)))[:-1]
    chance = 4 * widths / min(each.rows for each in profiles)
    usual = np.median(steps(profiles, LAG)[:-1, :-1], axis=0)
    return [
        place
        for place, column in enumerate(columns)
        if column.watched and usual[place] < ALWAYS_MOVES + chance[place]
    ]


def _once(before: Dated, now: Dated, columns: Sequence[Column], places: Sequence[int], known: Known) -> float:
    key = (before.as_of, now.as_of, tuple(places))
    if key not in known:
        known[key] = tell_apart(before, now, columns, places, why=False).auc.value
    return known[key]


def _hash(entity: object) -> int:
    return zlib.crc32(str(entity).encode())


def _drawn(entity: NDArray[np.object_]) -> NDArray[np.intp]:
    """Rows of the accounts whose digests are smallest: on all dates the same accounts."""
    keys = np.array([_hash(each) for each in entity])
    return np.argsort(keys, kind="stable")[:ROWS]


def _odds(auc: float) -> float:
    return float(logit(np.clip(auc, 0.02, 0.98)))


def _chance(odds: float) -> float:
    return float(1 / (1 + np.exp(-odds)))


def _sentence(found: Apart, columns: Sequence[Column], before: Dated, now: Dated, high: float | None) -> str:
    auc = found.auc
    usual = f"usual up to {high:.2f}" if high is not None else "what is usual is not known yet"
    head = (
        f"Rows of now and of {WHEN[LAG]} can be told apart with an AUC of {auc.value:.2f} "
        f"[{auc.low:.2f}, {auc.high:.2f}] ({usual}; 0.50 is not at all)"
    )
    most = np.argsort(-found.shares, kind="stable")[:NAMED]
    named = [moved(columns[place], place, before, now) for place in most if found.shares[place] > 0.1]
    return f"{head}. It goes by {' | '.join(named)}" if named and auc.value >= MATTERS else head
