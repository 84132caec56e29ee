"""``PropensityClassifier``: how likely each account is to do it, calibrated, with exact reasons."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import expit
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils import check_random_state
from sklearn.utils.validation import check_is_fitted, validate_data
from threadpoolctl import threadpool_limits

from salesml.model.defaults import Recipe, recipe_for
from salesml.model.fitting import Fitted, calibrated_contributions, fit_rows
from salesml.model.folds import number_of_folds
from salesml.model.parameters import check_parameters, constraints
from salesml.model.part import Rows
from salesml.model.reasons import reasons_of
from salesml.model.shapes import as_array, as_table, check_shape
from salesml.model.training_rows import training_rows

ALONE = 2_000
"""Fewer rows than this are scored by one thread: waking others takes longer than the work."""


class PropensityClassifier(ClassifierMixin, BaseEstimator):  # type: ignore[misc]
    """A calibrated probability of one outcome, from a LightGBM model with exact reasons.

    Shallow trees, deep trees and a ridge logistic regression written as trees are trained on folds by
    account, stopped together on the rows held out (those of the latest as-of date, when ``as_of`` is
    given), weighted by what they said of rows they had not seen, merged into one booster, and calibrated
    on those scores: ``logit p = a · raw + b`` with a > 0. Settings left at None
    follow from the size of the table by one rule (``salesml.model.defaults``). The same seed and data
    give the same model, whatever ``n_jobs`` is.

    Parameters
    ----------
    n_folds : int
        Folds by account; fewer where there are fewer accounts of either outcome.
    n_repeats : int
        How often the folds are dealt anew: of each shape of tree, folds times repeats boosters are merged.
    learning_rate, num_leaves, min_data_in_leaf : float, int, int or None
        As in LightGBM, for both shapes of trees.
    max_trees : int or None
        Trees of each booster at most.
    monotone : mapping of str to int or None
        Column name → 1 where the chance may only rise with it, -1 where it may only fall.
    min_count : int
        Accounts that must share a level of a category; rarer ones count as missing.
    base_rate : float or None
        The rate of the outcome where the model will be used, when the rows learned from were sampled by
        their outcome: probabilities are corrected to it, and the evaluation is weighted to it. None when
        they were not sampled.
    random_state : int, RandomState or None
    n_jobs : int or None
        Boosters trained at once; None for one per core. It never changes the result.

    Attributes
    ----------
    classes_ : ndarray of shape (2,)
        The second is the outcome whose probability is given.
    booster_ : lightgbm.Booster
        The merged model; knows its columns as f0, f1, ….
    model_text_ : str
        The same as LightGBM text.
    coding_ : Coding
        From columns to the matrix that the booster reads.
    calibration_ : Calibration
    weights_ : dict of str to float
        What each part counts (linear, shallow, deep); zero where it brings nothing and is left out.
    n_features_in_ : int
    feature_names_in_ : ndarray of shape (n_features_in_,)
        Only when fitted on a frame.
    out_of_fold_ : ndarray of shape (rows,)
        Calibrated probability of each training row (of weight above zero) by boosters that had not
        seen it; the two numbers of the calibration are fitted to all of them.
    sampling_ : Sampling
        What ``base_rate`` corrected.
    n_trees_ : int
        Trees of the merged model.
    recipe_ : Recipe
        The settings that were used.
    evaluation_ : Evaluation
        Of the out-of-fold probabilities, against the base rate and the best single column.
    verdict_ : Verdict
        What can be said of the model by them. Only an evaluation out of time tells how it will do.

    Examples
    --------
    >>> import numpy as np, pandas as pd
    >>> rng = np.random.default_rng(0)
    >>> X = pd.DataFrame({"orders": rng.poisson(3, 400), "plan": rng.choice(["basic", "pro"], 400)})
    >>> y = rng.random(400) < np.where(X["orders"] > 3, 0.1, 0.5)
    >>> model = PropensityClassifier().fit(X, y)
    >>> bool(model.predict_proba(X)[X["orders"] > 3, 1].mean() < 0.25)
    True
    """

    def __init__(
        self,
        *,
        n_folds: int = 5,
        n_repeats: int | None = None,
        learning_rate: float | None = None,
        num_leaves: int | None = None,
        min_data_in_leaf: int | None = None,
        max_trees: int | None = None,
        monotone: Mapping[str, int] | None = None,
        min_count: int = 20,
        base_rate: float | None = None,
        random_state: Any = 0,
        n_jobs: int | None = None,
    ) -> None:
        self.n_folds = n_folds
        self.n_repeats = n_repeats
        self.learning_rate = learning_rate
        self.num_leaves = num_leaves
        self.min_data_in_leaf = min_data_in_leaf
        self.max_trees = max_trees
        self.monotone = monotone
        self.min_count = min_count
        self.base_rate = base_rate
        self.random_state = random_state
        self.n_jobs = n_jobs

    def fit(
        self, X: Any, y: Any, *, sample_weight: Any = None, groups: Any = None, as_of: Any = None
    ) -> PropensityClassifier:
        """Learn from rows with known outcomes.

        Parameters
        ----------
        X : DataFrame, pyarrow.Table or array of shape (rows, features)
            Numbers may be missing; text, booleans and categoricals become categories; dates become days
            before the row's ``as_of``. An array holds numbers only.
        y : array of shape (rows,)
            Two values; the greater one is the outcome.
        sample_weight : array of shape (rows,), optional
            Not negative; rows of weight zero are left out, and so are those of less than a billionth of
            the greatest.
        groups : array of shape (rows,), optional
            The account of each row: accounts are never split between folds. Without it each row
            counts as an account of its own, and rows that are equal beyond chance as one.
        as_of : array of shape (rows,), optional
            The as-of date of each row. Without it dates count back from the latest date in X.

        Raises
        ------
        InputError
            When the rows cannot be learned from (also a ``ValueError``).
        ParameterError
            When a parameter cannot be (also a ``ValueError``).
        """
        check_parameters(self.get_params())
        X, y = self._read(X, y)
        # One thread for linear algebra: sums in another order would be other numbers.
        with threadpool_limits(1, user_api="blas"):
            rows, coding, classes = training_rows(
                X, y, sample_weight=sample_weight, groups=groups, as_of=as_of, min_count=self.min_count
            )
            recipe = self._recipe(rows)
            fitted = fit_rows(
                rows,
                coding,
                recipe,
                base_rate=self.base_rate,
                seed=int(check_random_state(self.random_state).randint(2**31 - 100_000)),
                threads=self.n_jobs if self.n_jobs and self.n_jobs > 0 else os.cpu_count() or 1,
                monotone=constraints(self.monotone, coding),
            )
        self.classes_, self.coding_, self.recipe_ = classes, coding, recipe
        self._keep(fitted)
        return self

    def _keep(self, fitted: Fitted) -> None:
        """All at once, so that a training that fails leaves the model before it whole."""
        self.model_text_ = fitted.text
        self.booster_ = fitted.booster
        self.n_trees_ = fitted.booster.num_trees()
        self.weights_ = fitted.weights
        self.calibration_ = fitted.calibration
        self.sampling_ = fitted.sampling
        self.out_of_fold_ = fitted.out_of_fold
        self.evaluation_ = fitted.evaluation
        self.verdict_ = fitted.verdict

    def predict_proba(self, X: Any, *, as_of: Any = None) -> NDArray[np.float64]:
        """Probabilities of the two classes, shape (rows, 2).

        Parameters
        ----------
        X : DataFrame, pyarrow.Table or array of shape (rows, features)
        as_of : date, or array of shape (rows,), optional
            The as-of date of each row, from which the ages of dates count; the latest of training, kept
            in ``coding_.reference``, where it is left out. Without columns of dates it changes nothing.
        """
        p = expit(self.decision_function(X, as_of=as_of))
        return np.column_stack([1.0 - p, p])

    def predict(self, X: Any, *, as_of: Any = None) -> NDArray[Any]:
        """The likelier class of each row."""
        positive = self.decision_function(X, as_of=as_of) > 0
        return np.asarray(self.classes_)[positive.astype(np.intp)]

    def decision_function(self, X: Any, *, as_of: Any = None) -> NDArray[np.float64]:
        """Calibrated log-odds of the second class, shape (rows,)."""
        coded = self._coded(X, as_of)
        threads = 1 if len(coded) < ALONE else self.n_jobs or 0
        raw: Any = self.booster_.predict(coded, raw_score=True, num_threads=threads)
        return self.calibration_.logit(np.asarray(raw, dtype=np.float64))

    def contributions(self, X: Any, *, as_of: Any = None) -> NDArray[np.float64]:
        """What each feature adds to each row's calibrated log-odds.

        Returns
        -------
        ndarray of shape (rows, features + 1)
            SHAP values times the calibration's slope; the last column is the base value. Each row
            sums to ``decision_function``, the logit of ``predict_proba``.
        """
        coded = self._coded(X, as_of)
        return calibrated_contributions(self.booster_, self.calibration_, coded, threads=self.n_jobs or 0)

    def explain(self, X: Any, top: int = 5, *, as_of: Any = None) -> pd.DataFrame:
        """The strongest reasons of each row.

        Parameters
        ----------
        X : DataFrame, pyarrow.Table or array of shape (rows, features)
        top : int
            Reasons per row.
        as_of : date, or array of shape (rows,), optional
            As in ``predict_proba``.

        Returns
        -------
        DataFrame
            One row per reason: ``row`` (position in X), ``rank`` (1 is strongest), ``feature``,
            ``value`` (as in X), ``contribution`` (calibrated log-odds), ``direction`` (up, down or
            none), ``share`` (of the absolute contributions of all features).
        """
        values = self.contributions(X, as_of=as_of)
        return reasons_of(self._frame(X), values, self.coding_.names, top)

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.classifier_tags.multi_class = False
        tags.input_tags.allow_nan = True
        tags.input_tags.categorical = False
        return tags

    def _read(self, X: Any, y: Any) -> tuple[Any, Any]:
        """Names and shapes by scikit-learn's conventions; arrays are turned into floats."""
        X, y = as_table(X), as_array(y)
        if not isinstance(X, pd.DataFrame):
            X, y = validate_data(
                self, X, y, dtype=np.float64, ensure_all_finite="allow-nan", ensure_min_samples=2
            )
            return X, y
        if y is not None:
            check_shape(X, y)
        validate_data(self, X, y, skip_check_array=True)
        return X, y

    def _frame(self, X: Any) -> pd.DataFrame:
        """The columns as they were given."""
        X = as_table(X)
        return X if isinstance(X, pd.DataFrame) else pd.DataFrame(np.asarray(X))

    def _coded(self, X: Any, as_of: Any = None) -> NDArray[np.float64]:
        check_is_fitted(self, "booster_")
        X = as_table(X)
        if self.coding_.named:
            return self.coding_.encode(X, as_of=as_of)
        if isinstance(X, pd.DataFrame):
            checked = validate_data(self, X, skip_check_array=True, reset=False)
            return self.coding_.encode(checked, as_of=as_of)
        array = validate_data(self, X, dtype=np.float64, ensure_all_finite="allow-nan", reset=False)
        return self.coding_.encode(array)

    def _recipe(self, rows: Rows) -> Recipe:
        positives = int(rows.y.sum())
        recipe = recipe_for(len(rows.y), min(positives, len(rows.y) - positives))
        chosen = recipe.with_given(
            learning_rate=self.learning_rate,
            num_leaves=self.num_leaves,
            min_data_in_leaf=self.min_data_in_leaf,
            max_trees=self.max_trees,
        )
        folds = number_of_folds(rows.y, rows.owner, self.n_folds)
        return replace(chosen, folds=folds, repeats=self.n_repeats or recipe.repeats)
