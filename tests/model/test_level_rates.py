"""Categories of many levels: read as rates while learning, split as levels afterwards."""

from __future__ import annotations

import lightgbm as lgb
import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import roc_auc_score

from salesml.model import PropensityClassifier
from salesml.model.coding import Coding
from salesml.model.folds import deal
from salesml.model.level_rates import MANY, LevelRates
from salesml.model.merging import merge, trees_of
from salesml.model.part import Part, Rows

LEVELS = 150


def table(
    rows: int, *, levels: int = LEVELS, spread: float = 1.0, missing: float = 0.0, seed: int = 0
) -> tuple[pd.DataFrame, np.ndarray]:
    """A category whose levels differ by ``spread`` in log-odds, and two numbers that say little."""
    rng = np.random.default_rng(seed)
    effects = rng.normal(0, spread, levels)
    level = rng.integers(0, levels, rows)
    number = rng.normal(size=rows)
    y = (rng.random(rows) < 1 / (1 + np.exp(-effects[level] - 0.3 * number))).astype(np.int8)
    code = pd.Series([f"code {each}" for each in level], dtype=object)
    code[rng.random(rows) < missing] = None
    noise = rng.normal(size=rows)
    noise[rng.random(rows) < missing] = np.nan
    return pd.DataFrame({"number": number, "code": code, "noise": noise}), y


def rows_of(X: pd.DataFrame, y: np.ndarray) -> tuple[Rows, Coding]:
    coding = Coding.learn(X)
    number = len(y)
    everyone = np.arange(number)
    return Rows(coding.encode(X), y, np.ones(number), everyone, np.ones(number, dtype=bool)), coding


@pytest.mark.parametrize("missing", [0.0, 0.3])
def test_a_split_of_rates_is_the_same_split_of_levels(missing: float) -> None:
    X, y = table(6_000, missing=missing)
    rows, coding = rows_of(X, y)
    rates = LevelRates.learn(rows, coding)
    assert list(rates.of_level) == [1]
    at_scoring = rows.coded.copy()
    known = ~np.isnan(rows.coded[:, 1])
    at_scoring[known, 1] = rates.of_level[1][rows.coded[known, 1].astype(int)]
    params = {"objective": "binary", "verbosity": -1, "num_leaves": 31, "num_threads": 1}
    booster = lgb.train(params, lgb.Dataset(at_scoring, y), 30)
    text = booster.model_to_string()
    by_level = rates.part(Part("deep", trees_of(text), 1.0, np.zeros(len(y)), text))
    merged = lgb.Booster(model_str=merge(text, [(by_level.trees, 1.0)]))
    unseen = np.array([[0.0, np.nan, 0.5]])
    assert merged.predict(rows.coded, raw_score=True) == pytest.approx(
        booster.predict(at_scoring, raw_score=True), abs=1e-12
    )
    # Missing, and a level never seen, go where missing rates went: to the average where none was missing.
    read_as = np.array([[0.0, np.nan if missing else 0.0, 0.5]])
    assert merged.predict(unseen, raw_score=True) == pytest.approx(booster.predict(read_as, raw_score=True))
    assert booster.predict(at_scoring, raw_score=True).std() > 0.3


def test_a_rate_is_counted_without_the_rows_own_fold() -> None:
    X, y = table(4_000)
    rows, coding = rows_of(X, y)
    fold = deal(rows.y, rows.owner, 5, np.random.default_rng(0))
    rates = LevelRates.learn(rows, coding)
    before = rates.rows(rows, fold).coded
    turned = np.where(fold == 2, 1 - rows.y, rows.y).astype(np.int8)
    changed = Rows(rows.coded, turned, rows.weight, rows.owner, rows.watched)
    after = LevelRates.learn(changed, coding).rows(changed, fold).coded
    assert np.array_equal(before[fold == 2], after[fold == 2], equal_nan=True)
    assert not np.array_equal(before[fold != 2], after[fold != 2], equal_nan=True)


def test_many_levels_of_few_rows_tell_what_they_hold() -> None:
    X, y = table(24_000, levels=400)
    model = PropensityClassifier(random_state=0).fit(X[:12_000], y[:12_000])
    p = model.predict_proba(X[12_000:])[:, 1]
    seen = pd.DataFrame({"code": X["code"][:12_000], "y": y[:12_000]}).groupby("code")["y"]
    mean = y[:12_000].mean()
    plain = X["code"][12_000:].map((seen.sum() + 5 * mean) / (seen.count() + 5)).fillna(mean)
    assert roc_auc_score(y[12_000:], p) > roc_auc_score(y[12_000:], plain) - 0.01
    assert model.verdict_.kind == "usable"


@pytest.mark.parametrize("seed", range(5))
def test_many_levels_that_tell_nothing_give_no_signal(seed: int) -> None:
    X, y = table(6_000, levels=250, seed=seed)
    shuffled = np.random.default_rng(seed).permutation(y)
    model = PropensityClassifier(random_state=seed).fit(X, shuffled)
    assert model.verdict_.kind == "no usable signal"


def test_levels_that_do_not_differ_have_no_rate() -> None:
    X, y = table(3_000, spread=0.0)
    rows, coding = rows_of(X, np.random.default_rng(1).permutation(y))
    balanced = Rows(
        rows.coded, (np.arange(len(y)) % 2).astype(np.int8), rows.weight, rows.owner, rows.watched
    )
    assert np.abs(LevelRates.learn(balanced, coding).of_level[1]).max() < 0.4
    one = Rows(rows.coded, np.zeros(len(y), dtype=np.int8), rows.weight, rows.owner, rows.watched)
    assert not LevelRates.learn(one, coding).of_level[1].any()


def test_few_levels_stay_levels() -> None:
    X, y = table(3_000, levels=MANY - 1)
    rows, coding = rows_of(X, y)
    rates = LevelRates.learn(rows, coding)
    assert not rates.of_level
    assert rates.rows(rows, np.zeros(len(y), dtype=np.intp)) is rows
