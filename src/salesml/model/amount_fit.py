"""Learning the mean of an amount: parts on folds, weighted, merged, calibrated, or one mean for all."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, cast

import numpy as np
from numpy.typing import ArrayLike, NDArray

from salesml.model.amount import AmountModel
from salesml.model.amount_calibration import Curve, calibrate
from salesml.model.amount_input import read_amount
from salesml.model.amount_ridge import regress_amount
from salesml.model.boosting import Team, boost, dataset
from salesml.model.coding import Coding
from salesml.model.defaults import Recipe, Shape
from salesml.model.folds import deal
from salesml.model.merging import merge
from salesml.model.part import Part, Rows
from salesml.model.tweedie import blend, deviance
from salesml.model.uncertainty import Uncertainty, beyond_chance, of_line, tenths

Floats = NDArray[np.float64]

FOLDS = 5
DEALS = 2
"""How often the folds are dealt: two deals also tell how much the rows learned from decide."""
FEWEST = 30
"""Accounts with an amount above zero below which one mean is all that can be said."""
CERTAIN = 1.645
"""Standard errors by which the parts must beat one mean for all: one chance in twenty."""
CAPPED = 0.5
"""Amounts capped, in square roots of the number above zero."""
SHAPE = Shape(
    name="trees", learning_rate=0.1, num_leaves=5, max_trees=200, min_data_in_leaf=40,
    feature_fraction=0.5, bagging_fraction=0.8, lambda_l2=1.0,
)  # fmt: skip
"""Chosen by deviance on rows held apart over seven tables; see ``docs/decisions``."""


@dataclass(frozen=True, kw_only=True)
class AmountRecipe(Recipe):
    """As for two classes, with the deviance of an amount."""

    def params(self, shape: Shape, *, seed: int, monotone: list[int] | None = None) -> dict[str, Any]:
        """LightGBM's parameters for a booster of the given shape."""
        ours = {"objective": "tweedie", "metric": "tweedie", "tweedie_variance_power": 1.5}
        return super().params(shape, seed=seed, monotone=monotone) | ours


@dataclass(frozen=True, kw_only=True)
class FittedAmount:
    """A model of an amount, and the mean it gave each training row without having seen it."""

    model: AmountModel
    out_of_fold: Floats


def fit_amount(
    coded: Floats,
    amount: ArrayLike,
    coding: Coding,
    *,
    sample_weight: ArrayLike | None = None,
    groups: ArrayLike | None = None,
    as_of: ArrayLike | None = None,
    floor: float = 0.0,
    seed: int = 0,
    threads: int | None = None,
) -> FittedAmount:
    """Learn the mean of an amount from coded rows.

    Parameters
    ----------
    coded : ndarray of shape (rows, features)
        As ``coding`` encodes them.
    amount : array of shape (rows,)
        Finite, not below zero, above zero somewhere. Any unit: predictions are in it too.
    sample_weight, groups : array of shape (rows,), optional
        As in ``PropensityClassifier.fit``.
    as_of : array of shape (rows,), optional
        The as-of date of each row: what dates differ in beyond chance widens the intervals.
    floor : float
        No mean is given below it.
    threads : int, optional
        Boosters trained at once; it never changes the result.

    Raises
    ------
    InputError
        ``bad-amount``, ``all-zero``, ``too-few``, ``wrong-length``, ``bad-weight``, ``missing-group``.
    """
    found, weight, owner = read_amount(amount, len(coded), sample_weight, groups)
    used = np.flatnonzero(weight > 0)
    owner = np.unique(owner[used], return_inverse=True)[1]
    data = _Data.of(coded[used], found[used], weight[used], owner)
    parts = _parts(data, coding, seed, threads or os.cpu_count() or 1)
    dates = None if as_of is None else np.unique(np.asarray(as_of)[used], return_inverse=True)[1]
    if parts is None:
        return _constant(data, dates, coded.shape[1], floor, "too few")
    weights = blend(np.array([part.held_out for part in parts.means]), data.capped, data.rows.weight)
    return _calibrated(data, parts, weights, dates, floor)


@dataclass(frozen=True)
class _Data:
    """Rows with amounts scaled to a mean of 1 and capped: no setting depends on the currency."""

    rows: Rows
    amount: Floats
    capped: Floats
    unit: float

    @classmethod
    def of(cls, coded: Floats, amount: Floats, weight: Floats, owner: NDArray[np.intp]) -> _Data:
        cap = _cap(amount)
        capped = np.minimum(amount, cap)
        unit = float(np.average(capped, weights=weight))
        everything = np.ones(len(amount), dtype=np.bool_)
        target = cast(NDArray[np.int8], cast(Any, capped / unit))
        return cls(Rows(coded, target, weight, owner, everything), amount / unit, capped / unit, unit)


@dataclass(frozen=True)
class _Parts:
    means: Sequence[Part]
    dealt: Sequence[Sequence[Part]]

    def held_out(self, weights: Floats, number: int) -> Floats:
        """Raw scores of one deal of the folds."""
        scores = [weight * part[number].held_out for weight, part in zip(weights, self.dealt, strict=True)]
        return np.asarray(np.sum(scores, axis=0))


def _cap(amount: Floats) -> float:
    """The amount above which the few largest are capped: half the square root of their number."""
    above = np.sort(amount[amount > 0])[::-1]
    return float(above[min(int(np.ceil(CAPPED * np.sqrt(len(above)))), len(above) - 1)])


def _parts(data: _Data, coding: Coding, seed: int, threads: int) -> _Parts | None:
    positive = (data.amount > 0).astype(np.int8)
    if len(np.unique(data.rows.owner[positive == 1])) < FEWEST:
        return None
    leaf = max(2, min(40, int(positive.sum()) // 20, len(positive) // 20))
    shape = replace(SHAPE, min_data_in_leaf=leaf)
    recipe = AmountRecipe(shapes=(shape,), folds=FOLDS)
    folds = [deal(positive, data.rows.owner, FOLDS, np.random.default_rng([seed, n])) for n in range(DEALS)]
    lgb_data = dataset(data.rows, coding, recipe.params(shape, seed=seed))
    with Team(max(1, min(threads, FOLDS))) as team:
        trees = [
            boost(data.rows, lgb_data, fold, recipe, shape, seed=seed + 1_000 * n, team=team)
            for n, fold in enumerate(folds)
        ]
    lines = [regress_amount(data.rows, coding, fold, seed=seed + n) for n, fold in enumerate(folds)]
    dealt = [trees, [line for line in lines if line]]
    dealt = [each for each in dealt if each]
    return _Parts([_mean(each) for each in dealt], dealt)


def _mean(dealt: Sequence[Part]) -> Part:
    trees = [tree for part in dealt for tree in part.trees]
    held_out = np.mean([part.held_out for part in dealt], axis=0)
    return replace(dealt[0], trees=trees, factor=dealt[0].factor / len(dealt), held_out=held_out)


def _calibrated(
    data: _Data, parts: _Parts, weights: Floats, dates: NDArray[np.intp] | None, floor: float
) -> FittedAmount:
    raw = weights @ np.array([part.held_out for part in parts.means])
    curve = calibrate(raw, data.capped, data.rows.weight)
    if curve is None or not _beats_one_mean(data, np.exp(curve(raw))):
        return _constant(data, dates, data.rows.coded.shape[1], floor, "no gain")
    curve = curve.moved(float(np.log(data.rows.weight @ data.amount / (data.rows.weight @ data.capped))))
    z = curve(raw)
    disagree = curve(parts.held_out(weights, 0)) - curve(parts.held_out(weights, 1))
    # Models that lack another fifth of the rows: a jackknife over groups of that size.
    folds = (FOLDS - 1) * float(np.average(disagree**2, weights=data.rows.weight)) / 2
    used = [(part.trees, part.factor * w) for part, w in zip(parts.means, weights, strict=True) if w]
    positive, move = int((data.amount > 0).sum()), float(np.log(data.unit))
    model = AmountModel(
        booster=merge(parts.means[0].text, used),
        features=data.rows.coded.shape[1],
        curve=curve.moved(move),
        floor=floor,
        uncertainty=_uncertainty(data, z, dates, folds),
        rows=len(z),
        says=f"Learned from {len(z):,} rows, {positive:,} of them with an amount above zero",
    )
    return FittedAmount(model=model, out_of_fold=np.maximum(np.exp(z + move), floor))


def _beats_one_mean(data: _Data, said: Floats) -> bool:
    one = float(np.average(data.capped, weights=data.rows.weight))
    gain = data.rows.weight * (deviance(data.capped, np.full(len(said), one)) - deviance(data.capped, said))
    by_owner = np.bincount(data.rows.owner, gain)
    return float(by_owner.sum()) > CERTAIN * float(np.sqrt((by_owner**2).sum()))


def _constant(
    data: _Data, dates: NDArray[np.intp] | None, features: int, floor: float, why: str
) -> FittedAmount:
    mean = float(np.average(data.amount, weights=data.rows.weight))
    z = np.full(len(data.amount), np.log(mean))
    b = float(np.log(mean * data.unit))
    positive = int((data.amount > 0).sum())
    reason = (
        f"only {positive} of the {len(z):,} rows have an amount above zero, and at least {FEWEST} accounts "
        "with one are needed to tell more"
        if why == "too few"
        else "no column tells more from less beyond chance"
    )
    model = AmountModel(
        booster="", features=features, curve=Curve((0.0,), (b,)), floor=floor,
        uncertainty=_uncertainty(data, z, dates, 0.0), rows=len(z),
        says=f"One mean for all, {mean * data.unit:,.4g}: {reason}",
    )  # fmt: skip
    return FittedAmount(model=model, out_of_fold=np.maximum(np.full(len(z), mean * data.unit), floor))


def _uncertainty(data: _Data, z: Floats, dates: NDArray[np.intp] | None, folds: float) -> Uncertainty:
    weight, owner = data.rows.weight, data.rows.owner
    said = weight * np.exp(z)
    centre, level, slope, cross = of_line(z, weight * data.amount - said, said, owner)
    cells = [tenths(z), *([] if dates is None else [dates])]
    between = beyond_chance(weight * data.amount, said, owner, cells)
    return Uncertainty(
        centre=centre + float(np.log(data.unit)), level=level, slope=slope, cross=cross, between=between,
        folds=folds,
    )  # fmt: skip
