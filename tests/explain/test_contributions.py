"""SHAP values against Shapley's own definition, written out."""

from __future__ import annotations

import itertools
import math
import sys
from typing import Any

import lightgbm as lgb
import numpy as np
import pytest

from salesml.explain import contributions


@pytest.fixture(scope="module")
def model() -> tuple[np.ndarray, lgb.Booster]:
    rng = np.random.default_rng(0)
    X = rng.normal(size=(300, 4))
    X[rng.random(300) < 0.2, 1] = np.nan
    y = X[:, 0] + np.nan_to_num(X[:, 1]) * X[:, 2] + rng.normal(size=300) > 0
    params = {"objective": "binary", "verbosity": -1, "num_leaves": 6, "min_data_in_leaf": 5}
    return X, lgb.train(params, lgb.Dataset(X, y), 4)


def expectation(node: dict[str, Any], row: np.ndarray, known: frozenset[int]) -> float:
    """A tree's value when only some features are known, the others followed by training counts."""
    if "leaf_value" in node:
        return float(node["leaf_value"])
    left, right = node["left_child"], node["right_child"]
    if node["split_feature"] not in known:
        counts = [child.get("internal_count", child.get("leaf_count")) for child in (left, right)]
        values = [expectation(child, row, known) for child in (left, right)]
        return float(np.average(values, weights=counts))
    return expectation(left if goes_left(node, row[node["split_feature"]]) else right, row, known)


def goes_left(node: dict[str, Any], value: float) -> bool:
    """Where a split sends a value, as LightGBM documents its missing types and sets of categories."""
    if node["decision_type"] == "==":
        return not np.isnan(value) and str(int(value)) in node["threshold"].split("||")
    missing = {"None": False, "Zero": np.isnan(value) or value == 0, "NaN": np.isnan(value)}
    if missing[node["missing_type"]]:
        return bool(node["default_left"])
    return bool(np.nan_to_num(value) <= node["threshold"])


def shapley(trees: list[dict[str, Any]], row: np.ndarray, feature: int, features: int) -> float:
    others = [other for other in range(features) if other != feature]
    total = 0.0
    for size in range(features):
        share = math.factorial(size) * math.factorial(features - size - 1) / math.factorial(features)
        for known in map(frozenset, itertools.combinations(others, size)):
            total += share * sum(
                expectation(tree, row, known | {feature}) - expectation(tree, row, known) for tree in trees
            )
    return total


def test_they_are_shapley_values(model: tuple[np.ndarray, lgb.Booster]) -> None:
    X, booster = model
    trees = [tree["tree_structure"] for tree in booster.dump_model()["tree_info"]]
    found = contributions(booster, X[:10])
    expected = [[shapley(trees, row, feature, 4) for feature in range(4)] for row in X[:10]]
    np.testing.assert_allclose(found[:, :-1], expected, atol=1e-5)


def test_they_add_up_to_the_raw_score(model: tuple[np.ndarray, lgb.Booster]) -> None:
    X, booster = model
    np.testing.assert_allclose(contributions(booster, X).sum(axis=1), booster.predict(X, raw_score=True))


def test_blocks_and_threads_change_nothing(
    model: tuple[np.ndarray, lgb.Booster], monkeypatch: pytest.MonkeyPatch
) -> None:
    X, booster = model
    whole = contributions(booster, X)
    monkeypatch.setattr(sys.modules["salesml.explain.contributions"], "BLOCK", 7)
    np.testing.assert_array_equal(contributions(booster, X, threads=1), whole)


def test_no_rows_give_no_rows(model: tuple[np.ndarray, lgb.Booster]) -> None:
    assert contributions(model[1], np.empty((0, 4))).shape == (0, 5)
