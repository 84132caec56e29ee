from __future__ import annotations

import lightgbm as lgb
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from salesml.explain import contributions
from salesml.model import booster_text
from salesml.model.merging import merge
from salesml.model.steps import Steps, constant


def head(categories: list[int]) -> str:
    """A model text over two columns, for its header."""
    rng = np.random.default_rng(0)
    X = np.column_stack([rng.normal(size=80), rng.integers(0, 3, 80)])
    data = lgb.Dataset(X, rng.integers(0, 2, 80), feature_name=["f0", "f1"], categorical_feature=categories)
    return lgb.train({"objective": "binary", "verbosity": -1}, data, 1).model_to_string()


def score(tree: str, X: np.ndarray, categories: list[int]) -> tuple[lgb.Booster, np.ndarray]:
    text = merge(head(categories), [([tree], 1.0)])
    booster_text.check(booster_text.lean(text), 2)
    booster = lgb.Booster(model_str=text)
    return booster, np.asarray(booster.predict(X, raw_score=True))


@settings(max_examples=40, deadline=None)
@given(st.integers(1, 70), st.booleans(), st.integers(0, 10_000))
def test_a_number_scores_as_its_bins_say(edges: int, missing: bool, seed: int) -> None:
    rng = np.random.default_rng(seed)
    column = rng.normal(size=300).round(2)
    if missing:
        column[:9] = np.nan
    cuts = np.unique(rng.choice(column[9:], edges))
    blank = Steps(0, cuts, np.zeros(len(cuts) + 2, dtype=np.intp))
    steps = Steps(0, cuts, np.bincount(blank.bins(column), minlength=len(cuts) + 2))
    values = rng.normal(size=len(cuts) + 2)
    X = np.column_stack([column, np.zeros(300)])
    _, found = score(steps.tree(values), X, [])
    np.testing.assert_array_equal(found, values[steps.bins(column)])


@settings(max_examples=40, deadline=None)
@given(st.integers(1, 100), st.integers(0, 10_000))
def test_a_category_scores_as_its_levels_say_and_what_is_unknown_as_missing(levels: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    codes = rng.integers(0, levels, 300).astype(np.float64)
    codes[:5] = np.nan
    blank = Steps(1, None, np.zeros(levels + 1, dtype=np.intp))
    steps = Steps(1, None, np.bincount(blank.bins(codes), minlength=levels + 1))
    values = rng.normal(size=levels + 1)
    X = np.column_stack([np.zeros(301), np.append(codes, levels + 40.0)])
    _, found = score(steps.tree(values), X, [1])
    np.testing.assert_array_equal(found[:300], values[steps.bins(codes)])
    assert found[300] == values[-1]


def test_all_of_a_trees_contribution_belongs_to_its_column() -> None:
    column = np.array([0.0, 1.0, 1.0, 2.0, np.nan])
    steps = Steps(0, np.array([0.5, 1.5]), np.array([1, 2, 1, 1]))
    values = np.array([1.0, 2.0, 4.0, -3.0])
    booster, found = score(steps.tree(values), np.column_stack([column, np.zeros(5)]), [])
    parts = contributions(booster, np.column_stack([column, np.zeros(5)]))
    mean = (1.0 + 2 * 2.0 + 4.0 - 3.0) / 5
    np.testing.assert_allclose(parts[:, 2], mean)
    np.testing.assert_allclose(parts[:, 0], found - mean)
    np.testing.assert_array_equal(parts[:, 1], 0)


def test_a_level_without_rows_keeps_contributions_finite() -> None:
    steps = Steps(1, None, np.array([5, 0, 5, 0]))
    booster, _ = score(steps.tree(np.array([1.0, 2.0, 3.0, 4.0])), np.zeros((1, 2)), [1])
    asked = np.column_stack([np.zeros(5), [0.0, 1.0, 2.0, 9.0, np.nan]])
    assert np.isfinite(contributions(booster, asked)).all()


def test_one_bin_is_a_constant() -> None:
    steps = Steps(0, np.empty(0), np.array([7, 0]))
    assert steps.tree(np.array([2.5, 9.0])) == constant(2.5)
    _, found = score(constant(2.5), np.zeros((3, 2)), [])
    assert found == pytest.approx([2.5, 2.5, 2.5])


def test_levels_that_are_worth_the_same_share_a_leaf() -> None:
    levels = 10_000
    values = np.append(np.arange(levels) % 3, 7.0)
    steps = Steps(1, None, np.ones(levels + 1, dtype=np.intp))
    tree = steps.tree(values)
    assert "num_leaves=4\n" in tree
    X = np.column_stack([np.zeros(levels + 1), np.append(np.arange(levels), np.nan)])
    np.testing.assert_array_equal(score(tree, X, [1])[1], values)
