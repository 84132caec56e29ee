"""Two models on the same rows: each difference measured on the same resamples of accounts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from salesml.model.bootstrap import resampled_weights
from salesml.model.metrics import Scored, pointwise, ranked
from salesml.model.target import read_owner
from salesml.model.value import Valued

Floats = NDArray[np.float64]

RESAMPLES = 1_000
TOP_VALUE = "value_gain_20"
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
    """A model's scores, sorted once."""

    scored: Scored
    valued: Valued | None

    @classmethod
    def of(cls, y: NDArray[np.int8], p: Floats, worth: Floats | None, weight: Floats) -> _Side:
        even = weight if np.ptp(weight) > 0 else None
        valued = None if worth is None else Valued.of(y, p, worth, weight, {"A": 0.2})
        return cls(Scored.of(y, p, weight=even), valued)

    def measure(self, weight: Floats) -> Mapping[str, Floats]:
        found = {**pointwise(self.scored, weight), **ranked(self.scored, weight)}
        if self.valued is not None:
            found |= self.valued.measure(weight)
        return {name: found[name] for name in FIGURES if name in found}


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
