"""What a user could run instead, each as well as its own manual says: fitted on the same rows."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.model_selection import GroupShuffleSplit, StratifiedKFold, StratifiedShuffleSplit

Floats = NDArray[np.float64]

RARE = 20
"""Rows below which the linear model's levels are taken together."""
WIDE = 10.0
"""Standard deviations beyond which the linear model's numbers are cut."""


@dataclass(frozen=True)
class Part:
    """Rows to learn from; accounts and dates where the table has them."""

    X: pd.DataFrame
    y: NDArray[np.int8]
    groups: NDArray[Any] | None = None
    as_of: NDArray[Any] | None = None


@dataclass(frozen=True)
class Fitted:
    """Probabilities of new rows, and how many trees they cost; None for a model without trees."""

    predict: Callable[[pd.DataFrame], Floats]
    trees: int | None = None


def logistic(part: Part) -> Fitted:
    """One column per level, scaled numbers with medians and marks for missing ones, penalty by folds."""
    from sklearn.compose import make_column_transformer
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.impute import SimpleImputer
    from sklearn.linear_model import LogisticRegressionCV
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import FunctionTransformer, OneHotEncoder, StandardScaler

    folds = StratifiedKFold(5, shuffle=True, random_state=0)
    texts = _texts(part.X)
    known = [name for name in part.X if part.X[name].notna().any()]
    numbers = [name for name in known if name not in texts]
    model = make_pipeline(
        make_column_transformer(
            (
                make_pipeline(
                    SimpleImputer(strategy="median", add_indicator=True),
                    StandardScaler(),
                    FunctionTransformer(np.clip, kw_args={"a_min": -WIDE, "a_max": WIDE}),
                ),
                numbers,
            ),
            (
                OneHotEncoder(
                    min_frequency=RARE, handle_unknown="infrequent_if_exist", sparse_output=False
                ),
                texts,
            ),
        ),
        LogisticRegressionCV(
            Cs=np.logspace(-4, 1, 6), l1_ratios=(0.0,), cv=folds, scoring="neg_log_loss", max_iter=500,
            use_legacy_attributes=False,
        ),
    )  # fmt: skip
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        model.fit(part.X, part.y)
    return Fitted(lambda rows: _quietly(model, rows))


def _quietly(model: Any, rows: pd.DataFrame) -> Floats:
    """Probabilities; levels never seen count as rare ones, which scikit-learn warns of."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        return np.asarray(model.predict_proba(rows)[:, 1])


def plain_lightgbm(part: Part) -> Fitted:
    """LightGBM with its own defaults, a hundred trees, one thread; text as categories."""
    import lightgbm as lgb

    code = _coder(part.X)
    model = lgb.LGBMClassifier(n_jobs=1, verbosity=-1, random_state=0).fit(code(part.X), part.y)
    return Fitted(lambda rows: np.asarray(model.predict_proba(code(rows))[:, 1]), model.booster_.num_trees())


def stopped_lightgbm(part: Part) -> Fitted:
    """LightGBM that learns slowly and stops by a fifth of the rows; the usual recipe."""
    import lightgbm as lgb

    code = _coder(part.X)
    learn, watch = _held_out(part)
    X = code(part.X)
    data = lgb.Dataset(X.iloc[learn], part.y[learn])
    booster = lgb.train(
        {"objective": "binary", "learning_rate": 0.05, "verbosity": -1, "seed": 0, "num_threads": 1},
        data,
        5000,
        valid_sets=[data.create_valid(X.iloc[watch], part.y[watch])],
        callbacks=[lgb.early_stopping(100, verbose=False)],
    )
    return Fitted(lambda rows: np.asarray(booster.predict(code(rows))), booster.best_iteration)


def catboost(part: Part) -> Fitted:
    """CatBoost with its own defaults and its own handling of categories: a thousand trees."""
    from catboost import CatBoostClassifier

    texts = _texts(part.X)

    def filled(rows: pd.DataFrame) -> pd.DataFrame:
        return rows.assign(**{name: rows[name].fillna("missing").astype(str) for name in texts})

    model = CatBoostClassifier(verbose=False, allow_writing_files=False, random_seed=0)
    model.fit(filled(part.X), part.y, cat_features=texts)
    return Fitted(lambda rows: np.asarray(model.predict_proba(filled(rows))[:, 1]), model.tree_count_)


RIVALS: dict[str, Callable[[Part], Fitted]] = {
    "logistic regression": logistic,
    "plain LightGBM": plain_lightgbm,
    "early-stopped LightGBM": stopped_lightgbm,
    "CatBoost": catboost,
}


def available() -> dict[str, Callable[[Part], Fitted]]:
    """The rivals that are installed."""
    return {name: fit for name, fit in RIVALS.items() if name != "CatBoost" or find_spec("catboost")}


def _texts(X: pd.DataFrame) -> list[str]:
    return [str(name) for name in X if not pd.api.types.is_numeric_dtype(X[name].dtype)]


def _coder(X: pd.DataFrame) -> Callable[[pd.DataFrame], pd.DataFrame]:
    """Text as pandas categories of the training rows, under names that LightGBM takes."""
    levels = {name: X[name].astype("category").cat.categories for name in _texts(X)}

    def code(rows: pd.DataFrame) -> pd.DataFrame:
        known = {n: rows[n].where(rows[n].isin(kept)) for n, kept in levels.items()}
        coded = rows.assign(**{n: pd.Categorical(known[n], categories=kept) for n, kept in levels.items()})
        return coded.set_axis([f"f{place}" for place in range(coded.shape[1])], axis=1)

    return code


def _held_out(part: Part) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    if part.groups is None:
        splitter: Any = StratifiedShuffleSplit(1, test_size=0.2, random_state=0)
    else:
        splitter = GroupShuffleSplit(1, test_size=0.2, random_state=0)
    learn, watch = next(splitter.split(part.X, part.y, part.groups))
    return np.asarray(learn), np.asarray(watch)
