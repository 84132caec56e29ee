"""The learner's settings, from the size of the table by one rule for all tables.

They were chosen by log loss on rows held apart over fourteen tables at once, of 1,100 to 32,000 rows and
base rates of 3 % to 45 %; see ``docs/decisions`` and ``benchmarks/quality.py``, whose held-apart tables had
no say. Ridge, shallow and deep trees make different mistakes: together, weighted by what they said of rows
they had not seen, they lose 2 % less than two deals of middling trees, with half as many trees.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from typing import Any


@dataclass(frozen=True, kw_only=True)
class Shape:
    """One kind of tree.

    Parameters
    ----------
    learning_rate, num_leaves, min_data_in_leaf, bagging_fraction, lambda_l2
        As in LightGBM.
    max_trees : int
        Trees of one booster at most.
    feature_fraction : float
        Share of the columns that each split may choose from.
    """

    name: str
    learning_rate: float
    num_leaves: int
    max_trees: int
    min_data_in_leaf: int = 20
    feature_fraction: float = 0.5
    bagging_fraction: float = 0.8
    lambda_l2: float = 5.0


SHALLOW = Shape(name="shallow", learning_rate=0.2, num_leaves=5, max_trees=150)
DEEP = Shape(
    name="deep",
    learning_rate=0.1,
    num_leaves=31,
    max_trees=500,
    min_data_in_leaf=3,
    feature_fraction=0.7,
    lambda_l2=0.3,
)


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """How the parts of the model are trained.

    Parameters
    ----------
    folds, repeats : int
        Folds by account, and how often they are dealt anew. Each shape has folds times repeats boosters.
    shapes : tuple of Shape
        Kinds of trees; each is a part of its own.
    linear : bool
        Whether a ridge logistic regression is a part too.
    patience : int
        For how many more trees training goes on without gain.
    cat_smooth : float
        As in LightGBM.
    """

    folds: int = 5
    repeats: int = 1
    shapes: tuple[Shape, ...] = (SHALLOW, DEEP)
    linear: bool = True
    patience: int = 15
    cat_smooth: float = 20.0

    def params(self, shape: Shape, *, seed: int, monotone: list[int] | None = None) -> dict[str, Any]:
        """LightGBM's parameters for a booster of the given shape.

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
            "learning_rate": shape.learning_rate,
            "num_leaves": shape.num_leaves,
            "min_data_in_leaf": shape.min_data_in_leaf,
            "feature_fraction_bynode": shape.feature_fraction,
            "bagging_fraction": shape.bagging_fraction,
            "bagging_freq": 1,
            "lambda_l2": shape.lambda_l2,
            "cat_smooth": self.cat_smooth,
            "cat_l2": 5.0,
            "max_cat_to_onehot": 8,
            "min_data_per_group": 20,
        }
        if monotone and any(monotone):
            params["monotone_constraints"] = monotone
        return params

    def with_given(self, **given: Any) -> Recipe:
        """The recipe with what a user sets for all shapes; None leaves a setting as it is."""
        given = {name: value for name, value in given.items() if value is not None}
        return replace(self, shapes=tuple(replace(shape, **given) for shape in self.shapes))

    def as_dict(self) -> dict[str, Any]:
        """The settings as plain data, those of a shape under its name."""
        own = {name: value for name, value in asdict(self).items() if name != "shapes"}
        for shape in self.shapes:
            own |= {f"{shape.name}.{name}": value for name, value in asdict(shape).items() if name != "name"}
        return own


def recipe_for(rows: int, positives: int) -> Recipe:
    """The settings for a table of this size.

    Parameters
    ----------
    rows : int
    positives : int
        Rows of the rarer outcome: a leaf of the shallow trees shrinks with them so that small tables
        can be split at all, and many of them bear more leaves per tree.
    """
    leaf = max(2, min(40, positives // 20, rows // 20))
    leaves = 5 if positives < 2_000 else 8 if positives < 5_000 else 12
    shallow = replace(SHALLOW, min_data_in_leaf=leaf, num_leaves=leaves)
    return Recipe(shapes=(shallow, replace(DEEP, min_data_in_leaf=max(3, rows // 3_000))))
