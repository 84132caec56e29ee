"""Random ensembles of every kind that a bundle may hold: categories, missing values, constants, merged."""

from __future__ import annotations

import lightgbm as lgb
import numpy as np

from salesml.model.merging import merge, trees_of
from salesml.model.steps import Steps, constant

FEATURES = 5
CATEGORIES = [2, 3]


def rows(seed: int, size: int) -> np.ndarray:
    """Coded rows: two numbers, two categories, and a number that no tree asks for."""
    rng = np.random.default_rng(seed)
    X = np.column_stack(
        [rng.normal(size=size), rng.integers(0, 4, size), rng.integers(0, 12, size), rng.integers(0, 3, size)]
    ).astype(float)
    X[rng.random(X.shape) < 0.15] = np.nan
    return np.column_stack([X, rng.normal(size=size)])


def text(seed: int, *, trees: int = 8, num_leaves: int = 8, constants: bool = True) -> str:
    """Boosters of two samples, a staircase over one number and constant trees, merged with weights."""
    rng = np.random.default_rng([seed, 7])
    X = rows(seed, 400)
    known = np.nan_to_num(X)
    y = (known[:, 0] + (known[:, 2] > 6) * known[:, 1] + rng.normal(size=len(X)) > 1).astype(int)
    data = X.copy()
    data[:, 4] = 0.0
    texts = [
        lgb.train(
            {
                "objective": "binary", "verbosity": -1, "num_leaves": num_leaves, "min_data_in_leaf": 3,
                "min_data_per_group": 3, "cat_smooth": 1, "seed": seed, "bagging_seed": part,
                "bagging_fraction": 0.7, "bagging_freq": 1, "num_threads": 1,
            },
            lgb.Dataset(data, y, categorical_feature=CATEGORIES),
            trees,
        ).model_to_string()
        for part in range(2)
    ]  # fmt: skip
    edges = np.array([-1.0, 0.0, 0.5])
    stairs = Steps(0, edges, np.bincount(Steps(0, edges, np.zeros(5, int)).bins(X[:, 0]), minlength=5))
    linear = [stairs.tree(rng.normal(size=5)), *([constant(0.3)] if constants else [])]
    return merge(texts[0], [(trees_of(texts[0]), 0.3), (trees_of(texts[1]), 0.5), (linear, 0.2)])
