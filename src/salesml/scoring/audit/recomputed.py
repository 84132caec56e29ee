"""Scores and contributions of some rows asked of LightGBM a second time, apart from who explained them."""

from __future__ import annotations

import functools
from typing import Any

import lightgbm as lgb
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from salesml.explain.grouping import Groups
from salesml.explain.strongest import ROUNDING
from salesml.model.bundle import Bundle
from salesml.scoring.audit.listed import Listed
from salesml.scoring.audit.result import Notes
from salesml.scoring.audit.structure import AGREE, TIE, numbers

FEWEST, MOST = 100, 2_000
"""Rows that are computed again, at least and at most; all where there are fewer."""
ONE_OF = 1_000
"""One row of so many is computed again. A fault of 3 in 100 rows is missed by one audit in twenty where 100
are drawn (.97^100 = .05), one of 3 in 2,000 where 2,000 are; all other checks look at all rows."""

Floats = NDArray[np.float64]


OF_PART = 16
"""At least so many of each part, where a table is audited in parts."""


def sampled(rows: NDArray[np.intp], seed: int, of: int | None = None) -> NDArray[np.intp]:
    """The rows to compute again, rising: all of few, otherwise drawn by the seed.

    ``of`` is how many rows there are in all, where these are a part of them: each part has its share.
    """
    whole = len(rows) if of is None else max(of, len(rows))
    number = min(max(whole // ONE_OF, FEWEST), MOST)
    if whole > len(rows):
        number = max(-(-number * len(rows) // whole), OF_PART)
    if len(rows) <= number:
        return rows
    return np.sort(np.random.default_rng(seed).choice(rows, number, replace=False))


def recomputed(
    listed: Listed, scores: pa.Table, bundle: Bundle, groups: Groups, rows: NDArray[np.intp],
    coded: Floats, threads: int, most: int, never: NDArray[np.bool_], notes: Notes,
) -> None:  # fmt: skip
    """Note the sentences of some rows that differ from what LightGBM says of them.

    Parameters
    ----------
    rows : ndarray of int
        Rows of the score table, rising.
    coded : ndarray of shape (len(rows), features)
        What the model reads of them.
    never : ndarray of bool
        Groups that may not be told, however strong.
    """
    if not len(rows):
        return
    booster = _loaded(bundle.booster)
    answer: Any = booster.predict(coded, pred_contrib=True, num_threads=threads)
    totals = groups.total(np.asarray(answer, dtype=np.float64)[:, :-1]) * bundle.calibration.a
    scale = AGREE * np.maximum(1, np.abs(totals).max(axis=1, initial=0))
    place = np.full(len(scores), -1)
    place[rows] = np.arange(len(rows))
    here = np.flatnonzero(place[listed.row] >= 0)
    at, group = place[listed.row[here]], listed.group[here]
    known = group >= 0
    differs = np.abs(totals[at, group] - listed.contribution[here]) > scale[at]
    notes.add("contribution", here[known & differs])
    whole = np.abs(totals).sum(axis=1)
    share = np.abs(totals[at, group]) - listed.share[here] * whole[at]
    notes.add("share", here[known & (np.abs(share) > scale[at] + AGREE * whole[at])])
    left = np.where(never, 0.0, np.abs(totals))
    left[at[known], group[known]] = 0
    weakest = _weakest(at, np.abs(listed.contribution[here]), len(rows), most)
    notes.add("left-out", here[(left.max(axis=1, initial=0) > weakest + scale)[at]])
    raw: Any = booster.predict(coded, raw_score=True, num_threads=threads)
    notes.add("score", here[(np.abs(raw - numbers(scores, "raw_score")[rows]) > 1e-9)[at]])


@functools.lru_cache(maxsize=1)
def _loaded(text: str) -> lgb.Booster:
    """LightGBM's own reading of a model, of which a job asks once for each part."""
    return lgb.Booster(model_str=text)


def _weakest(at: NDArray[np.intp], size: Floats, rows: int, most: int) -> Floats:
    """What a reason that is not listed may be worth in each row."""
    weakest = np.full(rows, np.inf)
    np.minimum.at(weakest, at, size)
    full = np.bincount(at, minlength=rows) >= most
    least: Floats = np.where(full, weakest + TIE, 10**-ROUNDING)
    return least
