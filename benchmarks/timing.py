"""What our training costs, counted in plain runs of LightGBM of the same size."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.rivals import Floats, Part
from salesml.model import PropensityClassifier

RUNS = 3
ENOUGH_SECONDS = 10.0
"""Of processor time, after which ours is not timed again."""


def training_cost(part: Part) -> dict[str, Any]:
    """Processor seconds of our training over those of folds + 1 plain runs on the same rows.

    A plain run is ``lgb.train`` as it comes (its defaults, 100 trees of 31 leaves), on as many rows as one
    fold's booster learns from, from the coded matrix on, in one thread; the least of three. Ours is
    everything that ``fit`` does: reading, folds, two shapes of trees, regression, calibration, evaluation.
    Processor seconds do not depend on how many cores there are nor on what else they do.
    """
    spent: list[tuple[float, PropensityClassifier]] = []
    while len(spent) < RUNS and sum(seconds for seconds, _ in spent) < ENOUGH_SECONDS:
        spent.append(_timed(lambda: _fit(part)))
    ours, model = min(spent, key=lambda run: run[0])
    folds = model.recipe_.folds
    rows = np.random.default_rng(0).permutation(len(part.y))
    rows = rows[: len(rows) * (model.recipe_.folds - 1) // model.recipe_.folds]
    coded, y = model.coding_.encode(part.X.iloc[rows]), part.y[rows]
    plain = min(_timed(lambda: _plain(model, coded, y))[0] for _ in range(RUNS))
    return {
        "cpu_seconds": ours,
        "folds": folds,
        "plain_cpu_seconds": plain,
        "ratio": ours / (plain * (folds + 1)),
        "verdict": model.verdict_.kind,
    }


def _timed(work: Callable[[], Any]) -> tuple[float, Any]:
    start = time.process_time()
    result = work()
    return time.process_time() - start, result


def _fit(part: Part) -> PropensityClassifier:
    return PropensityClassifier(n_jobs=1).fit(part.X, part.y, groups=part.groups, as_of=part.as_of)


def _plain(model: PropensityClassifier, coded: Floats, y: NDArray[np.int8]) -> Any:
    import lightgbm as lgb

    data = lgb.Dataset(coded, y, categorical_feature=model.coding_.categories)
    return lgb.train({"objective": "binary", "verbosity": -1, "num_threads": 1}, data)
