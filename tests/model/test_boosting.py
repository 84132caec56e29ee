from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import lightgbm as lgb
import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from salesml.model import Coding, Recipe
from salesml.model.boosting import Rows, Trained, _others_rounds, train
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


def test_held_out_rows_have_no_say_in_when_their_booster_stops() -> None:
    losses = [[9.0, 9.0, 0.0], [3.0, 1.0, 2.0], [3.0, 2.0, 2.5], [0.0, 9.0, 9.0]]
    runs = [SimpleNamespace(losses=loss, weight=1.0) for loss in losses]
    rounds = [_others_rounds(runs, number, 2) for number in range(4)]  # type: ignore[arg-type]
    assert rounds == [2, 3, 1, 2]


def test_chance_looks_like_chance_on_held_out_rows() -> None:
    rng = np.random.default_rng(0)
    found = []
    for seed in range(10):
        rows, coding = rows_of(rng.normal(size=(150, 6)), np.arange(150) < 30)
        held_out = train(rows, coding, Recipe(max_trees=40), seed=seed, threads=1).held_out.mean(axis=0)
        found.append(roc_auc_score(rows.y, held_out))
    assert abs(np.mean(found) - 0.5) < 2 * np.std(found) / np.sqrt(len(found))
