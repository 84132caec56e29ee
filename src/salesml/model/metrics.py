"""Metrics of scores under many weightings at once: one row of weights is an estimate, five hundred are
a bootstrap."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, logit

from salesml.model.calibration import log_loss

Floats = NDArray[np.float64]

TOP = (0.01, 0.05, 0.10, 0.20)
"""Shares of the list at which lift and gains are given."""
BINS = 10
"""Equal-mass bins of the calibration error and the reliability table."""


@dataclass(frozen=True)
class Scored:
    """Outcomes and probabilities, sorted once, highest first; equal scores share a block.

    Parameters
    ----------
    y : ndarray of shape (rows,)
        0 or 1.
    p : ndarray of shape (rows,)
        Probabilities, in the rows' own order.
    order : ndarray of shape (rows,)
        Rows from the highest score to the lowest.
    starts : ndarray of shape (blocks,)
        Where each block of equal scores begins in ``order``.
    bin : ndarray of shape (rows,)
        The equal-mass bin of each row's probability.
    """

    y: Floats
    p: Floats
    order: NDArray[np.intp]
    starts: NDArray[np.intp]
    bin: NDArray[np.intp]

    @classmethod
    def of(
        cls, y: NDArray[np.int8], p: Floats, rank_by: Floats | None = None, weight: Floats | None = None
    ) -> Scored:
        """Sort rows by ``rank_by``, or by their probability; bins are of equal mass under ``weight``."""
        score = p if rank_by is None else rank_by
        order = np.argsort(-score, kind="stable")
        ranked = score[order]
        starts = np.flatnonzero(np.r_[True, ranked[1:] != ranked[:-1]])
        return cls(np.asarray(y, dtype=np.float64), p, order, starts, bins(p, weight))


def measure(scored: Scored, weight: Floats) -> dict[str, Floats]:
    """Every metric, under each row of weights.

    Parameters
    ----------
    weight : ndarray of shape (weightings, rows)

    Returns
    -------
    dict of str to ndarray of shape (weightings,)
        ``auc``, ``average_precision``, ``log_loss``, ``brier``, ``calibration_error`` (equal-mass bins,
        mean absolute difference of mean probability and observed rate), ``drift`` (mean probability
        less observed rate), ``lift_1`` … ``lift_20`` and ``gain_1`` … ``gain_20``. NaN where a
        weighting holds one outcome only.
    """
    return {**ranked(scored, weight), **pointwise(scored, weight)}


def ranked(scored: Scored, weight: Floats) -> dict[str, Floats]:
    """Metrics of the order alone."""
    sorted_weight = weight[:, scored.order]
    everyone = np.add.reduceat(sorted_weight, scored.starts, axis=1)
    positive = np.add.reduceat(sorted_weight * scored.y[scored.order], scored.starts, axis=1)
    reached, found = np.cumsum(everyone, axis=1), np.cumsum(positive, axis=1)
    total, positives = reached[:, -1], found[:, -1]
    with np.errstate(divide="ignore", invalid="ignore"):
        pairs = ((everyone - positive) * (found - positive / 2)).sum(axis=1)
        precision = np.divide(found, reached, out=np.zeros_like(found), where=reached > 0)
        result = {
            "auc": pairs / (positives * (total - positives)),
            "average_precision": (positive * precision).sum(axis=1) / positives,
        }
        for share in TOP:
            gain = _gain(share, reached, found) / positives
            result[f"gain_{share:.0%}".rstrip("%")] = gain
            result[f"lift_{share:.0%}".rstrip("%")] = gain / share
    return result


def _gain(share: float, reached: Floats, found: Floats) -> Floats:
    """Positives in the first ``share`` of the list; a block of equal scores is taken in part."""
    return np.array([_at(share * total[-1], total, hits) for total, hits in zip(reached, found, strict=True)])


def _at(target: float, total: Floats, hits: Floats) -> float:
    """``hits`` where ``total``, which starts at 0 and rises, reaches a target; linear in between."""
    place = min(int(np.searchsorted(total, target)), len(total) - 1)
    before, had = (total[place - 1], hits[place - 1]) if place else (0.0, 0.0)
    step = total[place] - before
    part = (target - before) / step if step > 0 else 1.0
    return float(had + part * (hits[place] - had))


def pointwise(scored: Scored, weight: Floats) -> dict[str, Floats]:
    """Metrics of the probabilities."""
    y, p = scored.y, scored.p
    total = weight.sum(axis=1)
    gap = weight @ (one_hot(scored.bin) * (p - y)[:, None])
    loss = log_loss(y.astype(np.int8), p)
    return {
        "log_loss": weight @ loss / total,
        "brier": weight @ (p - y) ** 2 / total,
        "calibration_error": np.abs(gap).sum(axis=1) / total,
        "drift": weight @ (p - y) / total,
    }


def limits(name: str) -> tuple[float, float]:
    """The least and the greatest value that a metric can have."""
    if name in ("drift", "calibration_slope", "calibration_intercept"):
        return -np.inf, np.inf
    kind, _, top = name.rpartition("_")
    if kind in ("lift", "value_lift"):
        return 0.0, 100.0 / float(top)
    shares = ("auc", "average_precision", "brier", "calibration_error", "value_auc")
    whole = name in shares or kind in ("gain", "value_gain", "value_share")
    return 0.0, 1.0 if whole else np.inf


def bins(p: Floats, weight: Floats | None = None, number: int = BINS) -> NDArray[np.intp]:
    """The bin of each row, all of equal weight; equal probabilities share a bin."""
    return np.searchsorted(edges(p, number, weight), p, side="right").astype(np.intp)


def edges(values: Floats, number: int, weight: Floats | None = None) -> Floats:
    """Where bins of equal weight end; a row of weight two counts like two rows."""
    cuts = np.arange(1, number) / number
    if weight is None or np.ptp(weight) == 0:
        return np.unique(np.quantile(values, cuts))
    return np.unique(np.quantile(values, cuts, weights=weight, method="inverted_cdf"))


def one_hot(codes: NDArray[np.intp]) -> Floats:
    """One column per code."""
    matrix = np.zeros((len(codes), int(codes.max()) + 1))
    matrix[np.arange(len(codes)), codes] = 1.0
    return matrix


def slope_and_intercept(y: NDArray[np.int8], p: Floats, weight: Floats, owner: NDArray[np.intp]) -> Floats:
    """Calibration slope and intercept (``logit P(y) = intercept + slope · logit p``), each with its 95 %
    interval: a slope under 1 means that the probabilities are too extreme.

    Returns
    -------
    ndarray of shape (2, 3)
        Slope and intercept: value, low, high. Errors are robust to accounts with several rows.
    """
    z = logit(np.clip(p, 1e-9, 1 - 1e-9))
    design = np.column_stack([z, np.ones(len(z))])
    at = np.array([1.0, 0.0])
    if np.ptp(z) < 1e-9:
        return np.full((2, 3), np.nan)
    for _ in range(50):
        q = expit(design @ at)
        curvature = (design * (weight * q * (1 - q))[:, None]).T @ design + 1e-9 * np.eye(2)
        step = np.linalg.solve(curvature, design.T @ (weight * (y - q)))
        at = at + step * min(1.0, 2.0 / max(float(np.abs(step).max()), 1e-12))
        if np.abs(step).max() < 1e-9:
            break
    pulls = np.zeros((int(owner.max()) + 1, 2))
    np.add.at(pulls, owner, design * (weight * (y - expit(design @ at)))[:, None])
    bread = np.linalg.inv(curvature)
    error = 1.96 * np.sqrt(np.diag(bread @ (pulls.T @ pulls) @ bread))
    return np.column_stack([at, at - error, at + error])
