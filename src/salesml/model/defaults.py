"""The learner's settings, from the size of the table by one rule for all tables.

They were chosen by cross-validated log loss over eight tables at once (on the training parts only):
telephone customers whole and as a sample of 600, online leads, marketplace leads, e-mail visits,
closed opportunities without signal, software subscriptions, wholesale customers. Between 6 and 16
leaves, learning rates of 0.04 to 0.12, and one or two repeats the geometric mean of the log loss moves
by half a percent; among equals the fewest trees were taken, since each is paid for at every scoring.
"""

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
    learning_rate, num_leaves, min_data_in_leaf, bagging_fraction, lambda_l2, cat_smooth
        As in LightGBM.
    max_trees, patience : int
        Trees of one booster at most, and for how many more training goes on without gain.
    feature_fraction : float
        Share of the columns that each split may choose from.
    extra_trees : bool
        Whether every other deal of the folds cuts at random thresholds.
    """

    folds: int = 5
    repeats: int = 2
    learning_rate: float = 0.12
    num_leaves: int = 6
    max_trees: int = 150
    patience: int = 15
    min_data_in_leaf: int = 20
    feature_fraction: float = 0.5
    bagging_fraction: float = 0.8
    lambda_l2: float = 5.0
    cat_smooth: float = 20.0
    extra_trees: bool = True

    def params(self, *, seed: int, monotone: list[int] | None = None, repeat: int = 0) -> dict[str, Any]:
        """LightGBM's parameters for a booster of the given deal.

        One thread for each booster: the boosters run side by side, so the result cannot depend on how
        many threads there are.
        """
        params: dict[str, Any] = {
            "objective": "binary",
            "metric": "binary_logloss",
            "verbosity": -1,
            "deterministic": True,
            "force_row_wise": True,
            "num_threads": 1,
            "seed": seed,
            "feature_pre_filter": False,
            "max_bin": 127,
            "learning_rate": self.learning_rate,
            "num_leaves": self.num_leaves,
            "min_data_in_leaf": self.min_data_in_leaf,
            "feature_fraction_bynode": self.feature_fraction,
            "bagging_fraction": self.bagging_fraction,
            "bagging_freq": 1,
            "lambda_l2": self.lambda_l2,
            "cat_smooth": self.cat_smooth,
            "cat_l2": self.lambda_l2,
            "max_cat_to_onehot": 8,
            "min_data_per_group": 20,
            "extra_trees": self.extra_trees and repeat % 2 == 1,
        }
        if monotone and any(monotone):
            params["monotone_constraints"] = monotone
        return params

    def as_dict(self) -> dict[str, Any]:
        """The settings as plain data."""
        return asdict(self)


def recipe_for(rows: int, positives: int) -> Recipe:
    """The settings for a table of this size.

    Parameters
    ----------
    rows : int
    positives : int
        Rows of the rarer outcome: a leaf shrinks with them so that small tables can be split at
        all, and many of them bear more leaves per tree.
    """
    leaf = max(2, min(40, positives // 20, rows // 20))
    leaves = 6 if positives < 2_000 else 8 if positives < 5_000 else 12
    return Recipe(min_data_in_leaf=leaf, num_leaves=leaves)
