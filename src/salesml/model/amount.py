"""What an outcome is worth, or how many hours it takes: the mean of an amount that is skewed and often zero.

Shallow trees for the Tweedie deviance and a ridge regression with a logarithmic link, both on folds by
account, are weighted by what they said of rows they had not seen, merged into one LightGBM text and
calibrated by a rising curve. Where that says no more than one mean for all, beyond
chance, the model is that mean.

The largest amounts, which decide little but the level, are capped while the model learns who has more than
others; what was capped is spread over all in proportion, so that the total stays true. This is how insurers
rate large claims.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from salesml.errors import Fault, ModelError
from salesml.model import booster_text
from salesml.model.amount_calibration import Curve
from salesml.model.uncertainty import Uncertainty

if TYPE_CHECKING:
    import lightgbm as lgb

Floats = NDArray[np.float64]

OBJECTIVE = "tweedie"
"""What LightGBM's text says of such a model."""


@dataclass(frozen=True, kw_only=True)
class AmountModel:
    """The mean of an amount, as plain data.

    Parameters
    ----------
    booster : str
        LightGBM's text over the same coded columns as the model of the outcome; empty for a constant.
    features : int
        Number of coded columns.
    curve : Curve
        From the raw score to the logarithm of the mean; no mean goes beyond those that training's unseen
        rows were given.
    floor : float
        No mean is given below this amount.
    uncertainty : Uncertainty
        Of the logarithm of the mean.
    rows : int
        Rows learned from.
    says : str
        What the model is, in words.

    Raises
    ------
    ModelError
        ``bad-booster`` and ``bad-bundle`` when the text or a number cannot be.
    """

    booster: str = field(repr=False)
    features: int
    curve: Curve
    floor: float = 0.0
    uncertainty: Uncertainty = field(default_factory=Uncertainty)
    rows: int = 0
    says: str = ""

    def __post_init__(self) -> None:
        numbers = [self.floor, *self.uncertainty.as_dict().values()]
        if not np.all(np.isfinite(numbers)) or self.floor < 0 or not self.curve.sound:
            raise ModelError(
                Fault(
                    code="bad-bundle",
                    found="A number of the bundle's model of amounts is not one that it can have",
                    do="Take the bundle again from where it was trained",
                )
            )
        if self.booster:
            object.__setattr__(self, "booster", booster_text.lean(self.booster))
            booster_text.check(self.booster, self.features, objective=OBJECTIVE)

    @property
    def constant(self) -> bool:
        """Whether all rows are given the same mean."""
        return not self.booster

    @cached_property
    def _lgb(self) -> lgb.Booster:
        import lightgbm as lgb

        return lgb.Booster(model_str=self.booster)

    def log_mean(self, coded: Floats, *, threads: int = 0) -> Floats:
        """Logarithm of the mean of each row, shape (rows,), before the floor."""
        if self.constant or not len(coded):
            return np.full(len(coded), self.curve.log_mean[0])
        raw: Any = self._lgb.predict(coded, raw_score=True, num_threads=threads)
        return self.curve(np.asarray(raw, dtype=np.float64))

    def mean(self, coded: Floats, *, threads: int = 0) -> Floats:
        """The mean amount of rows like each of these, shape (rows,), in the unit of the amounts."""
        return np.maximum(np.exp(self.log_mean(coded, threads=threads)), self.floor)

    def log_variance(self, log_mean: Floats) -> Floats:
        """Variance of the logarithm of the mean, shape (rows,)."""
        return self.uncertainty.line(log_mean) + self.uncertainty.between

    def as_dict(self) -> dict[str, Any]:
        """Everything but the booster, as plain data."""
        return {
            "features": self.features, "raw": list(self.curve.raw), "log_mean": list(self.curve.log_mean),
            "floor": self.floor, "uncertainty": self.uncertainty.as_dict(), "rows": self.rows,
            "says": self.says,
        }  # fmt: skip

    @classmethod
    def from_dict(cls, data: Mapping[str, Any], booster: str) -> AmountModel:
        """The model that :meth:`as_dict` described."""
        values = dict(data)
        curve = Curve(tuple(map(float, values.pop("raw"))), tuple(map(float, values.pop("log_mean"))))
        values["uncertainty"] = Uncertainty.from_dict(values["uncertainty"])
        return cls(booster=booster, curve=curve, **values)
