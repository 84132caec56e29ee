from __future__ import annotations

from dataclasses import replace

import lightgbm as lgb
import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from salesml.explain import contributions
from salesml.model import Coding, Recipe, booster_text
from salesml.model.ensemble import Trained, train
from salesml.model.part import Rows
from tests.model.tables import customers
from tests.model.test_boosting import rows_of


@pytest.fixture(scope="module")
def trained() -> tuple[Rows, Coding, Trained]:
    X, y = customers(900)
    bent = np.where(X["orders (90 days)"] % 2 == 0, y, 1 - y)
    rows, coding = rows_of(X, bent)
    return rows, coding, train(rows, coding, Recipe(), seed=0, threads=2)


def test_the_text_is_one_that_is_safe_to_load(trained: tuple[Rows, Coding, Trained]) -> None:
    rows, _, found = trained
    count = lgb.Booster(model_str=found.text).num_trees()
    assert booster_text.check(booster_text.lean(found.text), rows.coded.shape[1]) == count


def test_contributions_add_up_to_the_score_of_all_parts(trained: tuple[Rows, Coding, Trained]) -> None:
    rows, _, found = trained
    booster = lgb.Booster(model_str=found.text)
    scores = booster.predict(rows.coded, raw_score=True)
    np.testing.assert_allclose(contributions(booster, rows.coded).sum(axis=1), scores, atol=1e-9)
    assert np.corrcoef(scores, found.held_out)[0, 1] > 0.8


def test_the_weights_sum_to_one_and_name_the_parts(trained: tuple[Rows, Coding, Trained]) -> None:
    weights = trained[2].weights
    assert set(weights) == {"shallow", "deep", "linear"}
    assert sum(weights.values()) == pytest.approx(1.0)


def test_where_a_straight_line_is_the_truth_the_linear_part_counts_most() -> None:
    rng = np.random.default_rng(0)
    X = rng.normal(size=(3000, 6))
    y = rng.random(3000) < 1 / (1 + np.exp(-X @ [1.0, -1.0, 0.5, 0.5, 0.0, 0.0]))
    found = train(*rows_of(X, y), Recipe(), seed=0, threads=2)
    assert max(found.weights, key=found.weights.__getitem__) == "linear"


def test_where_columns_only_matter_together_the_deep_part_counts_most() -> None:
    rng = np.random.default_rng(0)
    X = rng.normal(size=(3000, 4))
    y = rng.random(3000) < np.where((X[:, 0] > 0) ^ (X[:, 1] > 0) ^ (X[:, 2] > 0), 0.85, 0.15)
    found = train(*rows_of(X, y), Recipe(), seed=0, threads=2)
    assert max(found.weights, key=found.weights.__getitem__) == "deep"
    assert found.weights["linear"] == 0


def test_monotone_constraints_leave_the_linear_part_out_and_hold() -> None:
    rng = np.random.default_rng(0)
    X = rng.normal(size=(900, 2))
    y = rng.random(900) < 1 / (1 + np.exp(-2 * X[:, 0]))
    rows, coding = rows_of(X, y)
    found = train(rows, coding, Recipe(), seed=0, threads=2, monotone=[1, 0])
    assert "linear" not in found.weights
    asked = np.column_stack([np.linspace(-3, 3, 200), np.zeros(200)])
    scores = lgb.Booster(model_str=found.text).predict(asked, raw_score=True)
    assert (np.diff(scores) >= 0).all()


def test_threads_change_no_letter_of_the_text() -> None:
    rows, coding = rows_of(*customers(700))
    recipe = replace(Recipe(), repeats=2)
    one, four = (train(rows, coding, recipe, seed=3, threads=threads) for threads in (1, 4))
    assert one.text == four.text
    np.testing.assert_array_equal(one.unseen, four.unseen)


def test_weighing_the_parts_tells_nothing_of_noise() -> None:
    rng = np.random.default_rng(0)
    found = []
    for seed in range(8):
        rows, coding = rows_of(rng.normal(size=(150, 6)), np.arange(150) < 40)
        found.append(roc_auc_score(rows.y, train(rows, coding, Recipe(), seed=seed, threads=2).unseen))
    assert abs(np.mean(found) - 0.5) < 2.5 * np.std(found) / np.sqrt(len(found))
