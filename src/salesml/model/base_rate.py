"""Training on a sample in which the outcome is more, or less, frequent than where the model is used."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, logit

from salesml.model.calibration import Calibration

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Sampling:
    """How the rows learned from differ from those that the model will see.

    Rows were drawn by their outcome alone: among those with it, and among those without it, the sample
    is like the whole. Weighting each kind by how much rarer or more frequent it is outside then makes
    the sample stand for the whole.

    Parameters
    ----------
    sampled : float
        Weighted rate of the outcome in the rows learned from.
    stated : float or None
        The rate where the model will be used; None when the rows were not sampled.

    References
    ----------
    King and Zeng, "Logistic regression in rare events data", Political Analysis 9 (2001), weighting and
    prior correction; Elkan, "The foundations of cost-sensitive learning", IJCAI (2001), theorem 2.
    """

    sampled: float
    stated: float | None = None

    @classmethod
    def of(cls, y: NDArray[np.int8], weight: Floats, stated: float | None) -> Sampling:
        """The sampling that a stated rate tells of, from the rows learned from."""
        return cls(float(np.average(y, weights=weight)), stated)

    @property
    def offset(self) -> float:
        """What the correction adds to the log-odds."""
        return 0.0 if self.stated is None else float(logit(self.stated) - logit(self.sampled))

    def weights(self, y: NDArray[np.int8]) -> Floats:
        """For each row, how many rows of the whole it stands for, 1 on average over the sample."""
        if self.stated is None:
            return np.ones(len(y))
        positive, negative = self.stated / self.sampled, (1 - self.stated) / (1 - self.sampled)
        return np.where(np.asarray(y) == 1, positive, negative)

    def corrected(self, calibration: Calibration) -> Calibration:
        """The calibration for the rows that the model will see."""
        return Calibration(calibration.a, calibration.b + self.offset)

    def moved(self, p: Floats) -> Floats:
        """Probabilities of the sample as those of the whole."""
        result: Floats = expit(logit(p) + self.offset) if self.offset else p
        return result

    @property
    def rate(self) -> float:
        """The rate of the outcome that the probabilities hold for."""
        return self.sampled if self.stated is None else self.stated

    def text(self) -> str:
        """What was corrected, in a sentence; empty when nothing was."""
        if self.stated is None:
            return ""
        return (
            f"In the rows learned from {_percent(self.sampled)} have the outcome, and "
            f"{_percent(self.stated)} are stated for where the model is used: probabilities are corrected to "
            "that rate, and tested rows are weighted to it."
        )


def _percent(rate: float) -> str:
    """Rates that are hardly above 0 or below 1 with as many digits as they need."""
    if rate < 0.001:
        return f"{100 * rate:.2g}%"
    return f"{rate:.1%}" if rate <= 0.999 else f"{100 * rate:.10g}%"
