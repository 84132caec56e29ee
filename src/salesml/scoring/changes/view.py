"""What a model makes of some rows: its scores and their contributions."""

from __future__ import annotations

from dataclasses import dataclass

import lightgbm as lgb
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from salesml.explain import contributions
from salesml.explain.changes import Explained
from salesml.model.bundle import Bundle
from salesml.scoring.scorer import Scorer

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Seen:
    """Some rows under one model.

    Parameters
    ----------
    values : DataFrame of shape (rows, features)
        As a rep would see them.
    unread : ndarray of shape (rows, features)
        Where the model reads nothing: missing, or a level that it does not tell apart.
    log_odds : ndarray of shape (rows,)
        Calibrated.
    explained : Explained
        Contributions in calibrated log-odds.
    """

    values: pd.DataFrame
    unread: NDArray[np.bool_]
    log_odds: Floats
    explained: Explained


class View:
    """A scorer's model, looking at rows that are in its form."""

    def __init__(self, scorer: Scorer) -> None:
        self.bundle: Bundle = scorer.bundle
        self.threads = scorer.threads
        self._booster = lgb.Booster(model_str=self.bundle.booster)

    def see(self, features: pd.DataFrame) -> Seen:
        """Scores and contributions of rows as :func:`salesml.scoring.frame.prepare` gives them."""
        bundle = self.bundle
        coded = bundle.coding.of_ages.encode(features)
        # LightGBM's own values add up to the score to 1e-12: what is told here is small differences of them.
        parts = contributions(self._booster, coded, threads=self.threads) * bundle.calibration.a
        parts[:, -1] += bundle.calibration.b
        groups = [feature.group for feature in bundle.features]
        explained = Explained(bundle.columns, groups, parts)
        return Seen(features, np.isnan(coded), bundle.calibration.logit(self._raw(coded)), explained)

    def _raw(self, coded: Floats) -> Floats:
        if not len(coded):
            return np.empty(0)
        raw = self._booster.predict(coded, raw_score=True, num_threads=self.threads)
        return np.ascontiguousarray(raw, dtype=np.float64)
