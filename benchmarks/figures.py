"""Figures of one model on one table, and paired intervals between two models."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from benchmarks.answers import Answer
from benchmarks.rivals import Floats
from salesml.model.metrics import Scored, measure, slope_and_intercept

RESAMPLES = 2000
CHUNK = 50
CLIP = 1e-15
SPENT = ("train_seconds", "train_cpu_seconds", "score_seconds", "score_cpu_seconds")


def figures(y: NDArray[np.int8], answers: Sequence[Answer], groups: NDArray[Any] | None) -> dict[str, float]:
    """Log loss over all test rows; the others as means over the splits; calibration over whole deals."""
    parts = [
        {name: float(value[0]) for name, value in measure(Scored.of(y[a.test], a.p), _ones(a)).items()}
        for a in answers
    ]
    deals = [_calibration(y, deal, groups) for deal in _deals(len(y), answers)]
    return {
        "log_loss": float(np.nanmean(losses(y, answers))),
        "first_split_log_loss": parts[0]["log_loss"],
        "first_split_auc": parts[0]["auc"],
        **{n: float(np.mean([part[n] for part in parts])) for n in ("auc", "average_precision", "lift_10")},
        "calibration_error": float(np.mean([error for error, _ in deals])),
        "slope": float(np.mean([slope for _, slope in deals])),
        "trees": float(np.mean([a.trees for a in answers])),
        **{name: float(np.nanmedian([getattr(a, name) for a in answers])) for name in SPENT},
    }


def _ones(answer: Answer) -> Floats:
    return np.ones((1, len(answer.p)))


def _deals(rows: int, answers: Sequence[Answer]) -> list[list[Answer]]:
    """The splits that together test each row once."""
    deals: list[list[Answer]] = [[]]
    seen = np.zeros(rows, dtype=bool)
    for answer in answers:
        if seen[answer.test].any():
            deals.append([])
            seen[:] = False
        seen[answer.test] = True
        deals[-1].append(answer)
    return deals


def _calibration(
    y: NDArray[np.int8], deal: Sequence[Answer], groups: NDArray[Any] | None
) -> tuple[float, float]:
    test = np.concatenate([a.test for a in deal])
    p = np.concatenate([a.p for a in deal])
    ones = np.ones(len(p))
    owner = np.arange(len(p)) if groups is None else pd.factorize(groups[test])[0]
    slope = slope_and_intercept(y[test], p, ones, owner.astype(np.intp))[0, 0]
    return float(measure(Scored.of(y[test], p), ones[None])["calibration_error"][0]), float(slope)


def loss(y: NDArray[np.int8], p: Floats) -> Floats:
    """Log loss of each row."""
    p = np.clip(p, CLIP, 1 - CLIP)
    return np.asarray(-np.where(y == 1, np.log(p), np.log1p(-p)))


def losses(y: NDArray[np.int8], answers: Sequence[Answer]) -> Floats:
    """Log loss of each row, averaged over the times it was tested; NaN where it never was."""
    total, times = np.zeros(len(y)), np.zeros(len(y))
    for answer in answers:
        total[answer.test] += loss(y[answer.test], answer.p)
        times[answer.test] += 1
    return np.divide(total, times, out=np.full(len(y), np.nan), where=times > 0)


def compare(ours: Floats, theirs: Floats, groups: NDArray[Any] | None) -> dict[str, Any]:
    """By how much our loss is lower, with a 95 % interval by a paired bootstrap over accounts or rows.

    It speaks of other customers, not of other training samples.
    """
    known = ~np.isnan(ours + theirs)
    gain = (theirs - ours)[known]
    owner = np.arange(len(gain)) if groups is None else pd.factorize(groups[known])[0]
    total, count = np.bincount(owner, weights=gain), np.bincount(owner)
    rng = np.random.default_rng(0)
    drawn = [_resampled(total, count, rng) for _ in range(RESAMPLES // CHUNK)]
    low, high = np.quantile(np.concatenate(drawn), [0.025, 0.975])
    verdict = "better" if low > 0 else "worse" if high < 0 else "level"
    return {"gain": float(gain.mean()), "low": float(low), "high": float(high), "verdict": verdict}


def _resampled(total: Floats, count: NDArray[np.intp], rng: np.random.Generator) -> Floats:
    rows = rng.integers(0, len(total), (CHUNK, len(total)))
    return np.asarray(total[rows].sum(axis=1) / count[rows].sum(axis=1))
