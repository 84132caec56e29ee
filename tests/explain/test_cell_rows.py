"""Cell tables against LightGBM's own SHAP values, and against Shapley's definition."""

from __future__ import annotations

from typing import Any

import lightgbm as lgb
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from salesml.explain import Groups, cell_kernels, cell_rows, cells, strongest
from salesml.explain.cell_model import CellModel
from salesml.explain.cell_rows import CellRows
from salesml.explain.checks import checked_trees
from tests.explain.random_models import (
    DEEP,
    FEATURES,
    deep,
    grown,
    learned,
    odd_rows,
    rows,
    written,
)
from tests.explain.test_contributions import shapley

NEAR = 1e-5
"""Of the largest contribution."""

seeds = st.integers(0, 2**32 - 1)


def examples(number: int) -> Any:
    return settings(max_examples=number, deadline=None, suppress_health_check=list(HealthCheck))


def tables(text: str, features: int = FEATURES) -> CellRows:
    return CellRows(CellModel.build(checked_trees(text)), features)


def agrees(text: str, X: np.ndarray) -> None:
    booster = lgb.Booster(model_str=text)
    expected = np.asarray(booster.predict(X, pred_contrib=True, num_threads=1))
    made = tables(text, X.shape[1])
    found = made.contributions(X, threads=1)
    largest = np.abs(expected[:, :-1]).max(initial=1e-12)
    np.testing.assert_allclose(found, expected, atol=NEAR * largest, rtol=0)
    raw, expected_raw = np.zeros(len(X)), np.asarray(booster.predict(X, raw_score=True, num_threads=1))
    made.reasons(X, Groups.of([""] * X.shape[1]), 1, threads=1, raw=raw)
    np.testing.assert_array_equal(raw, expected_raw)
    near = NEAR * max(largest, np.abs(raw).max())
    np.testing.assert_allclose(found.sum(axis=1), raw, atol=near, rtol=0)


@examples(450)
@given(learned(), seeds)
def test_models_as_they_are_learned(text: str, seed: int) -> None:
    agrees(text, odd_rows(np.random.default_rng(seed), 40))


@examples(450)
@given(written(), seeds)
def test_models_of_any_shape(text: str, seed: int) -> None:
    agrees(text, odd_rows(np.random.default_rng(seed), 40))


@examples(100)
@given(deep(), seeds)
def test_models_with_long_ways(text: str, seed: int) -> None:
    agrees(text, odd_rows(np.random.default_rng(seed), 40, DEEP))


@pytest.mark.parametrize("seed", range(4))
def test_they_are_shapley_values_by_definition(seed: int) -> None:
    text = grown(seed, trees=3, leaves=7)
    X = rows(np.random.default_rng(seed), 8)
    found = tables(text).contributions(X)
    trees = [tree["tree_structure"] for tree in lgb.Booster(model_str=text).dump_model()["tree_info"]]
    expected = [[shapley(trees, row, feature, FEATURES) for feature in range(FEATURES)] for row in X]
    np.testing.assert_allclose(found[:, :-1], expected, atol=1e-6)


@pytest.mark.parametrize("per_byte", [10.0, 0.0])
def test_any_way_to_group_the_leaves_gives_the_same(per_byte: float, monkeypatch: pytest.MonkeyPatch) -> None:
    text, X = grown(3, 4, 30, DEEP), odd_rows(np.random.default_rng(5), 30, DEEP)
    before = tables(text, DEEP)
    assert len(before.model.tables.start), "some leaves are in tables"
    monkeypatch.setattr(cells, "PER_BYTE", per_byte)
    monkeypatch.setattr(cells, "HALVED", 3 if per_byte else 17)
    after = tables(text, DEEP)
    assert len(after.model.halves.start) > 0 if per_byte else len(after.model.tables.start) > 0
    assert len(after.model.tables.start) != len(before.model.tables.start)
    np.testing.assert_allclose(after.contributions(X), before.contributions(X), atol=NEAR)


def test_leaves_in_two_halves_add_the_same_bits_row_by_row_and_by_combination(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(cells, "HALVED", 3)
    monkeypatch.setattr(cells, "PER_BYTE", 10.0)
    made = tables(grown(3, 4, 30, DEEP), DEEP)
    assert len(made.model.halves.start) > 0
    X = odd_rows(np.random.default_rng(5), cell_kernels.ROWS + 70, DEEP)
    groups, combined = Groups.of([""] * DEEP), np.zeros(len(X))
    one = made.reasons(X, groups, 3, threads=1, raw=combined)
    monkeypatch.setattr(cell_rows, "COMBINATIONS", 0)
    alone = np.zeros(len(X))
    other = made.reasons(X, groups, 3, threads=1, raw=alone)
    np.testing.assert_array_equal(combined, alone)
    for part in ("index", "contribution", "share", "other", "members", "raw"):
        np.testing.assert_array_equal(getattr(one, part), getattr(other, part))
    assert len(np.unique(alone)) > 100


def test_threads_and_blocks_change_no_bit(monkeypatch: pytest.MonkeyPatch) -> None:
    made = tables(grown(1, 6, 24, DEEP), DEEP)
    X = odd_rows(np.random.default_rng(1), 3 * cell_kernels.ROWS + 5, DEEP)
    groups = Groups.of(["a", "b"] * (DEEP // 2))
    whole, one = made.contributions(X, threads=3), made.contributions(X, threads=1)
    np.testing.assert_array_equal(whole, one)
    np.testing.assert_array_equal(made.contributions(X[-1:]), one[-1:])
    np.testing.assert_array_equal(made.contributions(X[17:40]), one[17:40])
    np.testing.assert_array_equal(made.contributions(np.asfortranarray(X), threads=2), one)
    many, few = made.reasons(X, groups, 2, threads=3), made.reasons(X, groups, 2, threads=1)
    for part in ("index", "contribution", "share", "other", "members", "raw"):
        np.testing.assert_array_equal(getattr(many, part), getattr(few, part))


@examples(60)
@given(written(), seeds, st.integers(0, FEATURES + 1))
def test_the_strongest_are_those_of_the_reference(text: str, seed: int, top: int) -> None:
    rng = np.random.default_rng(seed)
    names = [str(name) for name in rng.choice(["", "a", "b", "c"], FEATURES)]
    made = CellRows(CellModel.build(checked_trees(text)), FEATURES, scale=0.7, shift=-1.5)
    X = odd_rows(rng, 30)
    parts = made.contributions(X)
    expected, found = strongest(parts, names, top), made.reasons(X, Groups.of(names), top)
    np.testing.assert_array_equal(found.index, expected.index)
    for part in ("contribution", "share", "other", "base", "members", "raw"):
        np.testing.assert_allclose(getattr(found, part), getattr(expected, part), atol=1e-12)


def test_ties_go_by_feature_order() -> None:
    text = grown(2, 1, 1)
    found = tables(text).reasons(np.zeros((2, FEATURES)), Groups.of([""] * FEATURES), 3)
    assert found.index.tolist() == [[0, 1, 2]] * 2
    assert not found.share.any()


def test_no_rows_give_no_rows() -> None:
    made = tables(grown(0, 2, 5))
    assert made.contributions(np.empty((0, FEATURES))).shape == (0, FEATURES + 1)
    assert made.reasons(np.empty((0, FEATURES)), Groups.of([""] * FEATURES), 2).members.shape == (0, 2, 1)


def test_rows_may_lie_in_memory_in_any_order() -> None:
    made = tables(grown(4, 3, 9))
    X = odd_rows(np.random.default_rng(2), 50)
    np.testing.assert_array_equal(made.contributions(np.asfortranarray(X)), made.contributions(X))
