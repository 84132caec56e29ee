"""Simple ways that the model has to beat, fitted on the same rows."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import xlogy

from salesml.errors import Fault
from salesml.model.coding import Coding
from salesml.model.faults import InputError
from salesml.model.metrics import edges
from salesml.model.target import read_weight

Floats = NDArray[np.float64]

BINS = 20
"""Equal-mass bins into which a single column's numbers are cut."""
SMOOTHING = 10.0
"""Rows of average rate that are added to each bin or level."""
FOLDS = 5
"""Folds across which the best single column is chosen."""


@dataclass(frozen=True)
class Baselines:
    """Fitted baselines.

    Parameters
    ----------
    coding : Coding
    scorers : dict of str to callable
        From coded rows to probabilities.
    best_column : str
        The column behind ``best single column``.
    """

    coding: Coding
    scorers: dict[str, Callable[[Floats], Floats]]
    best_column: str

    def predict(self, X: Any) -> dict[str, Floats]:
        """The probabilities of each baseline, by name."""
        return self.predict_coded(self.coding.encode(X))

    def predict_coded(self, coded: Floats) -> dict[str, Floats]:
        """The same for rows that are already coded."""
        return {name: scorer(coded) for name, scorer in self.scorers.items()}


def fit_baselines(
    X: Any,
    y: ArrayLike,
    *,
    weight: ArrayLike | None = None,
    groups: ArrayLike | None = None,
    recency: str = "",
    plain: Sequence[str] = (),
    logistic: bool = True,
) -> Baselines:
    """Fit the base rate, the best single column, recency, logistic regression, and a plain LightGBM.

    Parameters
    ----------
    X : DataFrame, pyarrow.Table or array of shape (rows, features)
    y : array of shape (rows,)
        0 or 1.
    weight, groups : array of shape (rows,), optional
        How much each row counts, 0 leaving it out; and its account.
    recency : str
        The column that says how long ago the last event was; left out when empty.
    plain : sequence of str
        Columns of a LightGBM with its own defaults, such as recency, frequency and money; left out
        when empty.

    Raises
    ------
    InputError
        ``missing-column`` when a named column is not there.
    """
    coding = Coding.learn(X, groups=groups)
    faults = [
        Fault(
            code="missing-column",
            found=f"There is no column {name!r} for a baseline",
            allowed=f"Columns are {', '.join(coding.names[:8])}{', …' if len(coding.names) > 8 else ''}",
            do="Name one of them",
            column=name,
        )
        for name in (recency, *plain)
        if name and name not in coding.names
    ]
    if faults:
        raise InputError(faults)
    outcome = np.asarray(y, dtype=np.int8)
    weights = read_weight(weight, len(outcome))
    return fit_coded(
        coding, coding.encode(X), outcome, weights, recency=recency, plain=plain, logistic=logistic
    )


def fit_coded(
    coding: Coding,
    coded: Floats,
    y: NDArray[np.int8],
    weight: Floats,
    *,
    recency: str = "",
    plain: Sequence[str] = (),
    logistic: bool = True,
) -> Baselines:
    """As ``fit_baselines``, for rows that are already coded."""
    if not weight.all():
        used = weight > 0
        coded, y, weight = coded[used], y[used], weight[used]
    rate = float(np.average(y, weights=weight))
    best, rule = _best_column(coding, coded, y, weight)
    scorers: dict[str, Callable[[Floats], Floats]] = {
        "base rate": lambda rows: np.full(len(rows), rate),
        "best single column": rule,
    }
    if recency:
        scorers["recency"] = _rule(coding, coding.names.index(recency), coded, y, weight)
    if logistic:
        scorers["logistic regression"] = _logistic(coding, coded, y, weight)
    if plain:
        scorers["plain LightGBM"] = _plain(coding, plain, coded, y, weight)
    return Baselines(coding, scorers, coding.names[best])


class _Cutter:
    """A column's bins: equal mass for numbers, levels for categories; the last is missing."""

    def __init__(self, coding: Coding, place: int, coded: Floats, weight: Floats) -> None:
        self.place = place
        self.category = coding.columns[place].kind == "category"
        values = coded[:, place]
        there = ~np.isnan(values)
        if self.category:
            self.size = len(coding.columns[place].levels) + 1
        else:
            self.edges = edges(values[there], BINS, weight[there]) if there.any() else np.empty(0)
            self.size = len(self.edges) + 2

    def cut(self, coded: Floats) -> NDArray[np.intp]:
        """The bin of each row."""
        values = coded[:, self.place]
        missing = np.isnan(values)
        filled = np.where(missing, 0.0, values)
        codes = filled if self.category else np.searchsorted(self.edges, filled, side="left")
        return np.where(missing, self.size - 1, codes).astype(np.intp)


def _rates(codes: NDArray[np.intp], size: int, y: NDArray[np.int8], weight: Floats) -> Floats:
    """The rate of each bin, drawn towards the average."""
    sums = np.stack([np.bincount(codes, weight * y, size), np.bincount(codes, weight, size)])
    return _drawn(*sums.astype(np.float64))


def _drawn(hits: Floats, total: Floats) -> Floats:
    """Rates along the last axis, each drawn towards the average of all."""
    rate = hits.sum(axis=-1, keepdims=True) / total.sum(axis=-1, keepdims=True)
    return np.asarray((hits + SMOOTHING * rate) / (total + SMOOTHING))


def _rule(
    coding: Coding, place: int, coded: Floats, y: NDArray[np.int8], weight: Floats
) -> Callable[[Floats], Floats]:
    cutter = _Cutter(coding, place, coded, weight)
    rates = _rates(cutter.cut(coded), cutter.size, y, weight)
    return lambda rows: rates[cutter.cut(rows)]


def _best_column(
    coding: Coding, coded: Floats, y: NDArray[np.int8], weight: Floats
) -> tuple[int, Callable[[Floats], Floats]]:
    """The column whose bins' rates predict best across folds."""
    fold = np.random.default_rng(0).permutation(len(y)) % FOLDS
    losses = [
        np.inf
        if column.kind == "empty"
        else _crossed_loss(_Cutter(coding, place, coded, weight), coded, y, weight, fold)
        for place, column in enumerate(coding.columns)
    ]
    best = int(np.argmin(losses))
    return best, _rule(coding, best, coded, y, weight)


def _crossed_loss(
    cutter: _Cutter, coded: Floats, y: NDArray[np.int8], weight: Floats, fold: NDArray[np.intp]
) -> float:
    """The log loss of rates from the other folds, from each bin's sums alone."""
    codes = cutter.cut(coded) + fold * cutter.size
    shape, size = (FOLDS, cutter.size), FOLDS * cutter.size
    hits = np.bincount(codes, weight * y, size).reshape(shape)
    total = np.bincount(codes, weight, size).reshape(shape)
    others = total.sum() - total.sum(axis=1) > 0
    if not others.any():
        return np.inf
    p = _drawn((hits.sum(axis=0) - hits)[others], (total.sum(axis=0) - total)[others])
    p = np.clip(p, 1e-15, 1 - 1e-15)
    loss = xlogy(hits[others], p) + xlogy((total - hits)[others], 1 - p)
    return float(-loss.sum() / total[others].sum())


def _logistic(
    coding: Coding, coded: Floats, y: NDArray[np.int8], weight: Floats
) -> Callable[[Floats], Floats]:
    """Scaled numbers with medians and marks for missing ones, one column per level."""
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.linear_model import LogisticRegression

    design = _Design(coding, coded, weight)
    model = LogisticRegression(max_iter=1000)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        model.fit(design.matrix(coded), y, sample_weight=weight)
    return lambda rows: np.asarray(model.predict_proba(design.matrix(rows))[:, 1], dtype=np.float64)


class _Design:
    """The matrix of a linear model."""

    def __init__(self, coding: Coding, coded: Floats, weight: Floats) -> None:
        self.numbers = [p for p, column in enumerate(coding.columns) if column.kind == "number"]
        self.levels = [(p, len(coding.columns[p].levels)) for p in coding.categories]
        numbers = self._numbers(coded)
        self.median = (
            np.array([np.median(v[~np.isnan(v)]) for v in numbers.T]) if self.numbers else np.empty(0)
        )
        filled = np.where(np.isnan(numbers), self.median, numbers)
        self.mean = np.average(filled, axis=0, weights=weight)
        spread = np.sqrt(np.average((filled - self.mean) ** 2, axis=0, weights=weight))
        self.spread = np.where(spread > 0, spread, 1.0)
        self.marked = np.isnan(numbers).any(axis=0)

    def _numbers(self, coded: Floats) -> Floats:
        """The numbers, kept where their squares are finite."""
        return np.clip(coded[:, self.numbers], -1e100, 1e100)

    def matrix(self, coded: Floats) -> Floats:
        """Rows of the linear model, numbers within ten standard deviations."""
        numbers = self._numbers(coded)
        missing = np.isnan(numbers)
        scaled = (np.where(missing, self.median, numbers) - self.mean) / self.spread
        levels = [coded[:, [place]] == np.arange(size) for place, size in self.levels]
        return np.hstack([np.clip(scaled, -10, 10), missing[:, self.marked], *levels]).astype(np.float64)


def _plain(
    coding: Coding, columns: Sequence[str], coded: Floats, y: NDArray[np.int8], weight: Floats
) -> Callable[[Floats], Floats]:
    """LightGBM with its own defaults, a hundred trees."""
    import lightgbm as lgb

    places = [coding.names.index(name) for name in columns]
    categories = [number for number, place in enumerate(places) if place in coding.categories]
    data = lgb.Dataset(coded[:, places], y, weight=weight, categorical_feature=categories)
    params = {
        "objective": "binary",
        "verbosity": -1,
        "deterministic": True,
        "force_row_wise": True,
        "seed": 0,
        "num_threads": 1,
    }
    booster = lgb.train(params, data, 100)
    return lambda rows: np.asarray(booster.predict(rows[:, places]), dtype=np.float64)
