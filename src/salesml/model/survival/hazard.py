"""The model of when accounts leave, as plain data: hazards of intervals, put together to curves."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from salesml.config.horizons import curve_columns
from salesml.errors import Fault, ModelError
from salesml.model import booster_text
from salesml.model.bundle_files import HAZARD
from salesml.model.calibration import Calibration
from salesml.model.survival.curve import expected_days, lifetime_days, pinned, survival

if TYPE_CHECKING:
    import lightgbm as lgb

Floats = NDArray[np.float64]

FILE = HAZARD
"""The file of the model's text in a bundle."""


@dataclass(frozen=True, kw_only=True)
class HazardModel:
    """How likely a row leaves in each interval, given that it is there when it begins.

    Parameters
    ----------
    booster : str
        LightGBM's text over the coded columns of the model of the outcome and, last, the interval's number.
    features : int
        Number of coded columns, without the interval.
    horizons : tuple of int
        Days at which intervals end, rising.
    anchor : int
        The horizon at which curves go through one less the model's own probability; 0 for none.
    calibrations : tuple of Calibration
        One for each interval: ``logit hazard = a * raw + b``.
    rows : int
        Rows learned from.
    says : str
        How true its curves are, in words; empty where nobody has tried.
    shown : bool
        Whether they were found to be true enough to stand before a rep.

    Raises
    ------
    ModelError
        ``bad-booster`` and ``bad-bundle`` when the text or a number cannot be.
    """

    booster: str = field(repr=False)
    features: int
    horizons: tuple[int, ...]
    anchor: int
    calibrations: tuple[Calibration, ...]
    rows: int = 0
    says: str = ""
    shown: bool = False

    def __post_init__(self) -> None:
        numbers = [number for each in self.calibrations for number in (each.a, each.b)]
        rising = list(self.horizons) == sorted(set(self.horizons)) and min(self.horizons, default=0) > 0
        fits = len(self.calibrations) == len(self.horizons) and self.anchor in (0, *self.horizons)
        sound = np.all(np.isfinite(numbers)) and all(each.a > 0 for each in self.calibrations)
        if not (rising and fits and sound):
            raise ModelError(
                Fault(
                    code="bad-bundle",
                    found="The bundle's model of when accounts leave has horizons or numbers that cannot be",
                    do="Take the bundle again from where it was trained",
                )
            )
        object.__setattr__(self, "booster", booster_text.lean(self.booster))
        booster_text.check(self.booster, self.features + 1)

    @cached_property
    def _lgb(self) -> lgb.Booster:
        import lightgbm as lgb

        return lgb.Booster(model_str=self.booster)

    def hazards(self, coded: Floats, *, threads: int = 0) -> Floats:
        """Of each row and interval, shape (rows, horizons); a row's do not depend on other rows."""
        found = np.empty((len(coded), len(self.horizons)))
        asked = np.empty((len(coded), self.features + 1))
        asked[:, :-1] = coded
        for place, calibration in enumerate(self.calibrations):
            asked[:, -1] = place
            raw: Any = self._lgb.predict(asked, raw_score=True, num_threads=threads) if len(coded) else []
            found[:, place] = calibration.probability(np.asarray(raw, dtype=np.float64))
        return found

    def stays(self, coded: Floats, probability: Floats | None = None, *, threads: int = 0) -> Floats:
        """The curve of each row, shape (rows, horizons): falling, and through one less ``probability``."""
        curves = survival(self.hazards(coded, threads=threads))
        if probability is None or not self.anchor:
            return curves
        return pinned(curves, self.horizons.index(self.anchor), probability)

    def columns(self, coded: Floats, probability: Floats, *, threads: int = 0) -> dict[str, Floats]:
        """Columns of the score table, by name; see ``curve_columns``."""
        stays = self.stays(coded, probability, threads=threads)
        found = [*stays.T, expected_days(stays, self.horizons), lifetime_days(stays, self.horizons)]
        return dict(zip(curve_columns(self.horizons), found, strict=True))

    @property
    def texts(self) -> dict[str, str]:
        """LightGBM's text by file."""
        return {FILE: self.booster}

    def as_dict(self) -> dict[str, Any]:
        """Everything but the booster, as plain data."""
        return {
            "features": self.features, "horizons": list(self.horizons), "anchor": self.anchor,
            "calibrations": [each.as_dict() for each in self.calibrations], "rows": self.rows,
            "says": self.says, "shown": self.shown,
        }  # fmt: skip

    @classmethod
    def from_dict(cls, data: Mapping[str, Any], texts: Mapping[str, str]) -> HazardModel:
        """The model that :meth:`as_dict` described."""
        values = dict(data)
        values["horizons"] = tuple(map(int, values["horizons"]))
        values["calibrations"] = tuple(Calibration.from_dict(each) for each in values["calibrations"])
        return cls(booster=texts[FILE], **values)
