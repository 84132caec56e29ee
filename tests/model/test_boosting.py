from __future__ import annotations

from dataclasses import replace

import lightgbm as lgb
import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from salesml.model import Coding, Recipe
from salesml.model.boosting import Rows, Trained, train
from salesml.model.merging import count_trees
from tests.model.tables import customers


def rows_of(X: np.ndarray, y: np.ndarray, owner: np.ndarray | None = None) -> tuple[Rows, Coding]:
    coding = Coding.learn(X)
    owner = np.arange(len(y)) if owner is None else owner
    whole = np.ones(len(y))
    return Rows(coding.encode(X), y.astype(np.int8), whole, owner, whole > 0), coding


@pytest.fixture(scope="module")
def trained() -> tuple[Rows, Trained, Recipe]:
    X, y = customers(500)
    coding = Coding.learn(X)
    whole = np.ones(500)
    rows, recipe = Rows(coding.encode(X), y, whole, np.arange(500), whole > 0), Recipe(folds=4)
    return rows, train(rows, coding, recipe, seed=0, threads=2), recipe


def test_the_merged_model_has_all_the_trees(trained: tuple[Rows, Trained, Recipe]) -> None:
    _, found, recipe = trained
    assert count_trees(found.text) == recipe.folds * sum(found.rounds)
    assert len(found.rounds) == recipe.repeats


def test_every_row_is_held_out_once_in_each_deal(trained: tuple[Rows, Trained, Recipe]) -> None:
    rows, found, recipe = trained
    assert found.held_out.shape == (recipe.repeats, len(rows.y))
    assert (found.held_out != 0).all()
    merged = lgb.Booster(model_str=found.text).predict(rows.coded, raw_score=True)
    assert np.corrcoef(merged, found.held_out.mean(axis=0))[0, 1] > 0.8


def test_held_out_scores_of_noise_know_nothing() -> None:
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(600, 5)), rng.integers(0, 2, 600)
    rows, coding = rows_of(X, y)
    recipe = replace(Recipe(), num_leaves=31, min_data_in_leaf=2, patience=100, max_trees=20)
    found = train(rows, coding, recipe, seed=0, threads=1)
    assert abs(roc_auc_score(y, found.held_out[0]) - 0.5) < 0.07


def test_copies_of_an_account_never_help_to_guess_it() -> None:
    rng = np.random.default_rng(0)
    X, y = np.repeat(rng.normal(size=(150, 5)), 4, axis=0), np.repeat(rng.integers(0, 2, 150), 4)
    recipe = replace(Recipe(), num_leaves=31, min_data_in_leaf=2, patience=100, max_trees=20)
    apart = train(*rows_of(X, y), recipe, seed=0, threads=1)
    together = train(*rows_of(X, y, np.repeat(np.arange(150), 4)), recipe, seed=0, threads=1)
    assert roc_auc_score(y, apart.held_out[0]) > 0.8
    assert roc_auc_score(y, together.held_out[0]) < 0.65


def test_training_stops_early_where_there_is_nothing_to_learn() -> None:
    rng = np.random.default_rng(0)
    rows, coding = rows_of(rng.normal(size=(800, 3)), rng.integers(0, 2, 800))
    assert max(train(rows, coding, Recipe(), seed=0, threads=1).rounds) < 20


def test_the_number_of_threads_is_not_in_the_text(trained: tuple[Rows, Trained, Recipe]) -> None:
    assert "[num_threads: 1]" in trained[1].text
