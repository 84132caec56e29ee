"""Training as a whole: trees, calibration on rows unseen, correction to a base rate, a first judgement."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from salesml.explain import contributions
from salesml.model.base_rate import Sampling
from salesml.model.calibration import Calibration
from salesml.model.coding import Coding
from salesml.model.defaults import Recipe
from salesml.model.ensemble import train
from salesml.model.evaluation import Evaluation
from salesml.model.part import Rows
from salesml.model.review import review
from salesml.model.verdict import Verdict

if TYPE_CHECKING:
    import lightgbm as lgb

Floats = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class Fitted:
    """What a training gives.

    Parameters
    ----------
    text : str
        LightGBM model text.
    booster : lightgbm.Booster
        The same, ready to score.
    weights : dict of str to float
        What each part counts.
    calibration : Calibration
    sampling : Sampling
        What a stated base rate corrected.
    out_of_fold : ndarray of shape (rows,)
        Calibrated probability of each row by what had not seen it.
    evaluation : Evaluation
    verdict : Verdict
    """

    text: str
    booster: lgb.Booster
    weights: dict[str, float]
    calibration: Calibration
    sampling: Sampling
    out_of_fold: Floats
    evaluation: Evaluation
    verdict: Verdict


def fit_rows(
    rows: Rows,
    coding: Coding,
    recipe: Recipe,
    *,
    base_rate: float | None,
    seed: int,
    threads: int,
    monotone: list[int] | None,
) -> Fitted:
    """Train, calibrate, correct and judge a model.

    Parameters
    ----------
    base_rate : float or None
        The rate of the outcome where the model will be used; None when the rows were not sampled.
    threads : int
        Boosters trained at once; without influence on the result.
    monotone : list of int or None
        One sign for each column.
    """
    import lightgbm as lgb

    trained = train(rows, coding, recipe, seed=seed, threads=threads, monotone=monotone)
    sampling = Sampling.of(rows.y, rows.weight, base_rate)
    calibration = sampling.corrected(Calibration.fit(trained.held_out, rows.y, rows.weight))
    own = Calibration.fit(trained.unseen, rows.y, rows.weight)
    out_of_fold = sampling.moved(own.probability(trained.unseen))
    booster = lgb.Booster(model_str=trained.text)

    def explained(coded: Floats) -> Floats:
        return calibrated_contributions(booster, calibration, coded, threads=threads)

    judged = replace(rows, weight=rows.weight * sampling.weights(rows.y))
    evaluation, verdict = review(judged, trained, coding, out_of_fold, explained, seed)
    return Fitted(
        text=trained.text,
        booster=booster,
        weights=trained.weights,
        calibration=calibration,
        sampling=sampling,
        out_of_fold=out_of_fold,
        evaluation=evaluation,
        verdict=verdict,
    )


def calibrated_contributions(
    booster: lgb.Booster, calibration: Calibration, coded: Floats, *, threads: int
) -> Floats:
    """SHAP values times the calibration's slope, shape (rows, features + 1); each row sums to the
    calibrated log-odds."""
    values: Any = contributions(booster, coded, threads=threads) * calibration.a
    values[:, -1] += calibration.b
    return np.asarray(values, dtype=np.float64)
