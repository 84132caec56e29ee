"""From raw scores to probabilities: ``logit p = a · raw + b`` with a > 0.

Strictly increasing, so that ranks and the signs of reasons survive it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.special import expit, xlogy

LEAST_SLOPE = 0.02
PRIOR_SPREAD = 0.5
"""Before any data are seen the slope is taken for 1, give or take this much: with few rows, or scores
that hardly differ, nothing can be learned about it and it stays there."""


@dataclass(frozen=True)
class Calibration:
    """``logit p = a · raw + b``."""

    a: float = 1.0
    b: float = 0.0

    def logit(self, raw: NDArray[np.float64]) -> NDArray[np.float64]:
        """Calibrated log-odds."""
        return self.a * raw + self.b

    def probability(self, raw: NDArray[np.float64]) -> NDArray[np.float64]:
        """Calibrated probabilities."""
        result: NDArray[np.float64] = expit(self.logit(raw))
        return result

    @classmethod
    def fit(
        cls,
        raw: NDArray[np.float64],
        y: NDArray[np.int8],
        weight: NDArray[np.float64] | None = None,
    ) -> Calibration:
        """The most probable calibration of scores on rows that the scorer had not seen.

        Parameters
        ----------
        raw, y, weight : ndarray of shape (rows,)
            Raw scores, outcomes (0 or 1), weights.
        """
        weight = np.ones(len(raw)) if weight is None else weight
        weight = weight * (len(weight) / weight.sum())
        centre = float(np.average(raw, weights=weight))
        moved = raw - centre

        def cost(at: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
            z = at[0] * moved + at[1]
            miss = weight * (expit(z) - y)
            loss = float(np.sum(weight * (np.logaddexp(0.0, z) - y * z)))
            pull = (at[0] - 1.0) / PRIOR_SPREAD**2
            return loss + 0.5 * pull * (at[0] - 1.0), np.array([miss @ moved + pull, miss.sum()])

        start = np.array([1.0, centre])
        found = minimize(
            cost,
            start,
            jac=True,
            method="L-BFGS-B",
            bounds=[(LEAST_SLOPE, None), (None, None)],
            options={"ftol": 1e-14, "gtol": 1e-9 * len(raw), "maxiter": 200},
        )
        a, middle = (float(value) for value in found.x)
        return cls(a, middle - a * centre)

    def as_dict(self) -> dict[str, float]:
        return {"a": self.a, "b": self.b}

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Calibration:
        return cls(float(data["a"]), float(data["b"]))


def log_loss(y: NDArray[np.int8], p: NDArray[np.float64]) -> NDArray[np.float64]:
    """Log loss of each row, finite even where a probability is 0 or 1."""
    p = np.clip(p, 1e-15, 1 - 1e-15)
    loss: NDArray[np.float64] = -(xlogy(y, p) + xlogy(1 - y, 1 - p))
    return loss


def log_loss_of_scores(y: NDArray[np.int8], scores: NDArray[np.float64]) -> NDArray[np.float64]:
    """Log loss of each row whose log-odds are given."""
    loss: NDArray[np.float64] = np.logaddexp(0.0, scores) - y * scores
    return loss
