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
    """Processor seconds of our training over those of as many plain runs as it merges, and one.

    A plain run is ``lgb.train`` with the parameters, the leaves and the number of trees of one of our
    boosters, on as many rows as one of them learns from, from the coded matrix on, in one thread; the
    least of three. Ours is everything that ``fit`` does: reading, folds, calibration, evaluation.
    Processor seconds do not depend on how many cores there are nor on what else they do.
    """
    spent: list[tuple[float, PropensityClassifier]] = []
    while len(spent) < RUNS and sum(seconds for seconds, _ in spent) < ENOUGH_SECONDS:
        spent.append(_timed(lambda: _fit(part)))
    ours, model = min(spent, key=lambda run: run[0])
    boosters = model.recipe_.folds * model.recipe_.repeats
    rows = np.random.default_rng(0).permutation(len(part.y))
    rows = rows[: len(rows) * (model.recipe_.folds - 1) // model.recipe_.folds]
    coded, y = model.coding_.encode(part.X.iloc[rows]), part.y[rows]
    plain = min(_timed(lambda: _plain(model, coded, y, boosters))[0] for _ in range(RUNS))
    return {
        "cpu_seconds": ours,
        "boosters": boosters,
        "plain_cpu_seconds": plain,
        "ratio": ours / (plain * (boosters + 1)),
        "verdict": model.verdict_.kind,
    }


def _timed(work: Callable[[], Any]) -> tuple[float, Any]:
    start = time.process_time()
    result = work()
    return time.process_time() - start, result


def _fit(part: Part) -> PropensityClassifier:
    return PropensityClassifier(n_jobs=1).fit(part.X, part.y, groups=part.groups, as_of=part.as_of)


def _plain(model: PropensityClassifier, coded: Floats, y: NDArray[np.int8], boosters: int) -> Any:
    import lightgbm as lgb

    data = lgb.Dataset(coded, y, categorical_feature=model.coding_.categories)
    trees = max(1, round(model.n_trees_ / boosters))
    return lgb.train(model.recipe_.params(seed=0), data, trees)
