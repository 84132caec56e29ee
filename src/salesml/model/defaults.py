"""The learner's settings, from the size of the table by one rule for all tables."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """How the boosters are trained.

    Parameters
    ----------
    folds, repeats : int
        Folds by account, and how often they are dealt anew: folds times repeats boosters are merged.
    learning_rate, num_leaves, max_trees, patience
        As in LightGBM; ``max_trees`` and ``patience`` count rounds of one booster.
    min_data_in_leaf : int
        Grows with the table's rows per positive: a leaf should hold a few of each outcome.
    """

    folds: int = 5
    repeats: int = 2
    learning_rate: float = 0.06
    num_leaves: int = 8
    max_trees: int = 150
    patience: int = 15
    min_data_in_leaf: int = 20
    feature_fraction: float = 0.5
    bagging_fraction: float = 0.8
    lambda_l2: float = 5.0
    cat_smooth: float = 20.0
    extra_trees: bool = True

    def params(self, *, seed: int, monotone: list[int] | None = None, repeat: int = 0) -> dict[str, Any]:
        """LightGBM's parameters. One thread for each booster: the boosters run side by side, so the
        result cannot depend on how many threads there are."""
        params: dict[str, Any] = {
            "objective": "binary",
            "metric": "binary_logloss",
            "verbosity": -1,
            "deterministic": True,
            "force_row_wise": True,
            "num_threads": 1,
            "seed": seed,
            "feature_pre_filter": False,
            "learning_rate": self.learning_rate,
            "num_leaves": self.num_leaves,
            "min_data_in_leaf": self.min_data_in_leaf,
            "min_sum_hessian_in_leaf": 1e-3,
            "feature_fraction_bynode": self.feature_fraction,
            "bagging_fraction": self.bagging_fraction,
            "bagging_freq": 1,
            "lambda_l2": self.lambda_l2,
            "cat_smooth": self.cat_smooth,
            "cat_l2": self.lambda_l2,
            "max_cat_to_onehot": 8,
            "min_data_per_group": 20,
            "extra_trees": self.extra_trees and repeat % 2 == 1,
            "max_bin": 127,
        }
        if monotone and any(monotone):
            params["monotone_constraints"] = monotone
        return params

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


def recipe_for(rows: int, positives: int, columns: int) -> Recipe:
    """The settings for a table of this size.

    Parameters
    ----------
    rows, columns : int
    positives : int
        Rows of the rarer outcome.
    """
    leaf = max(2, min(40, positives // 20, rows // 20))
    return Recipe(min_data_in_leaf=leaf)
