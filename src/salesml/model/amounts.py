"""The models of amounts that a bundle holds beside that of the chance, and what they give together."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from salesml.model.amount import AmountModel
from salesml.model.expected import interval
from salesml.model.uncertainty import Uncertainty

Floats = NDArray[np.float64]

FILES = {"value": "value.txt", "hours": "hours.txt"}
"""The file of each model's text in a bundle."""


@dataclass(frozen=True, kw_only=True)
class Amounts:
    """What an outcome is worth, and the hours still to be spent until it is decided.

    Parameters
    ----------
    value, hours : AmountModel or None
        None where nothing tells them; what follows from them is then missing.
    chance : Uncertainty
        Of the log-odds of the outcome.
    """

    value: AmountModel | None = None
    hours: AmountModel | None = None
    chance: Uncertainty = field(default_factory=Uncertainty)

    @property
    def texts(self) -> dict[str, str]:
        """LightGBM's texts by file; a model of one mean has none."""
        models = {"value": self.value, "hours": self.hours}
        return {FILES[name]: model.booster for name, model in models.items() if model and model.booster}

    def columns(self, coded: Floats, log_odds: Floats, *, threads: int = 0) -> dict[str, Floats]:
        """Columns of the score table, NaN where a model is missing.

        Returns
        -------
        dict of str to ndarray of shape (rows,)
            ``value``, ``expected_value``, ``expected_low``, ``expected_high``, ``expected_hours``,
            ``return_on_effort``.
        """
        nothing = np.full(len(coded), np.nan)
        value = expected = low = high = hours = nothing
        if self.value:
            log_mean = self.value.log_mean(coded, threads=threads)
            value = np.exp(log_mean)
            variance = self.value.log_variance(log_mean)
            expected, low, high = interval(log_odds, log_mean, self.chance, variance)
        if self.hours:
            hours = self.hours.mean(coded, threads=threads)
        return {
            "value": value,
            "expected_value": expected,
            "expected_low": low,
            "expected_high": high,
            "expected_hours": hours,
            "return_on_effort": np.divide(expected, hours, out=nothing.copy(), where=hours > 0),
        }

    def as_dict(self) -> dict[str, Any]:
        """Everything but the texts, as plain data."""
        return {
            "value": self.value.as_dict() if self.value else None,
            "hours": self.hours.as_dict() if self.hours else None,
            "chance": self.chance.as_dict(),
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any], texts: Mapping[str, str]) -> Amounts:
        """What :meth:`as_dict` described, with the texts of :attr:`texts`."""
        models = {
            name: AmountModel.from_dict(data[name], texts.get(file, "")) if data[name] else None
            for name, file in FILES.items()
        }
        return cls(**models, chance=Uncertainty.from_dict(data["chance"]))
