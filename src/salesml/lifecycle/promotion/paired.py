"""Two models on the same rows: each difference measured on the same resamples of accounts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from salesml.model.bootstrap import resampled_weights
from salesml.model.calibration import log_loss
from salesml.model.metrics import bins, one_hot
from salesml.model.target import read_owner

Floats = NDArray[np.float64]

RESAMPLES = 1_000
TOP_VALUE, TOP = "value_gain_20", 0.2
FIGURES = {"log_loss": -1.0, "auc": 1.0, "calibration_error": -1.0, TOP_VALUE: 1.0}
"""What is compared, and whether more of it is better."""


@dataclass(frozen=True)
class Compared:
    """One figure of both models.

    Parameters
    ----------
    champion, challenger : float
    gain : float
        By how much the challenger is better; below zero when it is worse.
    low, high : float
        The one-sided bounds of the gain at the confidence asked for: the truth lies above ``low``, and below
        ``high``, with that confidence each.
    """

    champion: float
    challenger: float
    gain: float
    low: float
    high: float

    def as_dict(self) -> dict[str, float]:
        return asdict(self)


def compare(
    y: ArrayLike,
    champion: ArrayLike,
    challenger: ArrayLike,
    *,
    groups: ArrayLike | None = None,
    value: ArrayLike | None = None,
    weight: ArrayLike | None = None,
    confidence: float = 0.975,
    resamples: int = RESAMPLES,
    seed: int = 0,
) -> dict[str, Compared]:
    """Log loss, AUC, calibration error and value captured of two models on the same rows.

    Accounts are drawn with replacement, all rows of one together, and both models are measured on the same
    draw; the bounds are percentiles of the differences (Efron and Tibshirani, "An Introduction to the
    Bootstrap", 1993, chapter 13).

    Parameters
    ----------
    y : array of shape (rows,)
        0 or 1, both of them there.
    champion, challenger : array of shape (rows,)
        Probabilities.
    groups : array of shape (rows,), optional
        The account of each row.
    value : array of shape (rows,), optional
        What each is worth: adds the share of the lost value that stands in the top fifth of the list by
        probability times value.
    confidence : float
        One-sided.
    """
    outcome = np.asarray(y).astype(np.int8)
    sides = {name: np.asarray(p, dtype=np.float64) for name, p in _named(champion, challenger)}
    weights = np.ones(len(outcome)) if weight is None else np.asarray(weight, dtype=np.float64)
    worth = _worth(value)
    measures = {name: _Side.of(outcome, p, worth, weights) for name, p in sides.items()}

    def differences(block: Floats) -> dict[str, Floats]:
        found = {name: side.measure(block) for name, side in measures.items()}
        return {
            figure: FIGURES[figure] * (found["challenger"][figure] - found["champion"][figure])
            for figure in found["champion"]
        }

    owner = read_owner(None if groups is None else np.asarray(groups), len(outcome))
    drawn = [differences(block) for block in resampled_weights(weights, owner, resamples, seed)]
    point = {name: side.measure(weights[None, :]) for name, side in measures.items()}
    gains = differences(weights[None, :])
    return {
        figure: Compared(
            float(point["champion"][figure][0]),
            float(point["challenger"][figure][0]),
            float(gains[figure][0]),
            *_bounds(np.concatenate([block[figure] for block in drawn]), confidence),
        )
        for figure in gains
    }


@dataclass(frozen=True)
class _Side:
    """What one model's figures need under any weights, sorted once.

    Parameters
    ----------
    loss : ndarray of shape (rows,)
    miss : ndarray of shape (rows, bins)
        Probability less outcome, in the column of the row's bin.
    ranked : _Order
        By probability.
    valued : _Order or None
        By probability times value.
    """

    loss: Floats
    miss: Floats
    ranked: _Order
    valued: _Order | None

    @classmethod
    def of(cls, y: NDArray[np.int8], p: Floats, worth: Floats | None, weight: Floats) -> _Side:
        bin = bins(p, weight if np.ptp(weight) > 0 else None)
        valued = None
        if worth is not None:
            known = np.isfinite(worth)
            money = np.where(known, np.maximum(worth, 0.0), 0.0)
            valued = _Order.of(p * money, money * y, known.astype(np.float64))
        return cls(
            log_loss(y, p), one_hot(bin) * (p - y)[:, None], _Order.of(p, y, np.ones(len(y))), valued
        )  # fmt: skip

    def measure(self, weight: Floats) -> Mapping[str, Floats]:
        """The figures of :data:`FIGURES` under each row of weights (weightings, rows)."""
        total = weight.sum(axis=1)
        found = {
            "log_loss": weight @ self.loss / total,
            "auc": self.ranked.auc(weight),
            "calibration_error": np.abs(weight @ self.miss).sum(axis=1) / total,
        }
        if self.valued is not None:
            found[TOP_VALUE] = self.valued.gain(weight, TOP)
        return found


@dataclass(frozen=True)
class _Order:
    """Rows from the highest score to the lowest; equal scores share a block.

    ``hit`` is what is looked for in each row, the outcome or the money lost; ``counted`` is 0 for rows that
    are in no list.
    """

    place: NDArray[np.intp]
    starts: NDArray[np.intp]
    hit: Floats
    counted: Floats

    @classmethod
    def of(cls, score: Floats, hit: NDArray[Any], counted: Floats) -> _Order:
        place = np.argsort(-score, kind="stable")
        ranked = score[place]
        starts = np.flatnonzero(np.r_[True, ranked[1:] != ranked[:-1]])
        return cls(place, starts, np.asarray(hit, dtype=np.float64)[place], counted[place])

    def auc(self, weight: Floats) -> Floats:
        """Share of pairs in order, ties counting half; ``hit`` is 0 or 1."""
        everyone, found = self._blocks(weight)
        others = everyone - found
        above = np.cumsum(found, axis=1)
        with np.errstate(divide="ignore", invalid="ignore"):
            pairs = (others * (above - found / 2)).sum(axis=1)
            result: Floats = pairs / (above[:, -1] * others.sum(axis=1))
        return result

    def gain(self, weight: Floats, share: float) -> Floats:
        """The share of all hits in the first ``share`` of the list; a block at its end counts in part."""
        everyone, found = self._blocks(weight)
        reached, had = np.cumsum(everyone, axis=1), np.cumsum(found, axis=1)
        target = share * reached[:, -1]
        at = np.minimum((reached < target[:, None]).sum(axis=1), reached.shape[1] - 1)
        row = np.arange(len(weight))
        step = everyone[row, at]
        with np.errstate(divide="ignore", invalid="ignore"):
            part = np.where(step > 0, (target - (reached[row, at] - step)) / step, 1.0)
            result: Floats = (had[row, at] - (1 - part) * found[row, at]) / had[:, -1]
        return result

    def _blocks(self, weight: Floats) -> tuple[Floats, Floats]:
        """Weight and weighted hits of each block."""
        everyone = weight[:, self.place] * self.counted
        found = everyone * self.hit
        if len(self.starts) == len(self.place):
            return everyone, found
        return np.add.reduceat(everyone, self.starts, axis=1), np.add.reduceat(found, self.starts, axis=1)


def _named(champion: ArrayLike, challenger: ArrayLike) -> tuple[tuple[str, ArrayLike], ...]:
    return ("champion", champion), ("challenger", challenger)


def _worth(value: ArrayLike | None) -> Floats | None:
    """Values, unless there are none above zero."""
    if value is None:
        return None
    worth = np.asarray(value, dtype=np.float64)
    return worth if (worth > 0).any() else None


def _bounds(drawn: Floats, confidence: float) -> tuple[float, float]:
    finite = drawn[np.isfinite(drawn)]
    if not len(finite):
        return float("nan"), float("nan")
    low, high = np.quantile(finite, [1 - confidence, confidence])
    return float(low), float(high)
