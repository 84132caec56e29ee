from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from salesml.model import Coding, Recipe
from salesml.model.boosting import Team, _others_rounds, boost, dataset
from salesml.model.defaults import DEEP, SHALLOW, Shape
from salesml.model.folds import deal
from salesml.model.part import Part, Rows
from tests.model.tables import customers


def rows_of(X: np.ndarray, y: np.ndarray, owner: np.ndarray | None = None) -> tuple[Rows, Coding]:
    coding = Coding.learn(X)
    owner = np.arange(len(y)) if owner is None else owner
    whole = np.ones(len(y))
    return Rows(coding.encode(X), np.asarray(y).astype(np.int8), whole, owner, whole > 0), coding


def boosted(rows: Rows, coding: Coding, shape: Shape = SHALLOW, *, patience: int = 15, seed: int = 0) -> Part:
    recipe = replace(Recipe(), patience=patience)
    fold = deal(rows.y, rows.owner, 5, np.random.default_rng(seed))
    data = dataset(rows, coding, recipe.params(shape, seed=seed))
    with Team(2) as team:
        return boost(rows, data, fold, recipe, shape, seed=seed, team=team)


EAGER = replace(DEEP, min_data_in_leaf=2, max_trees=20)


def test_every_row_is_held_out_once_and_every_fold_has_as_many_trees() -> None:
    X, y = customers(500)
    part = boosted(*rows_of(X, y))
    assert part.held_out.shape == (500,)
    assert (part.held_out != 0).all()
    assert len(part.trees) % 5 == 0
    assert part.factor == pytest.approx(1 / 5)


def test_held_out_scores_of_noise_know_nothing() -> None:
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(600, 5)), rng.integers(0, 2, 600)
    assert abs(roc_auc_score(y, boosted(*rows_of(X, y), EAGER, patience=100).held_out) - 0.5) < 0.07


def test_copies_of_an_account_never_help_to_guess_it() -> None:
    rng = np.random.default_rng(0)
    X, y = np.repeat(rng.normal(size=(150, 5)), 4, axis=0), np.repeat(rng.integers(0, 2, 150), 4)
    apart = boosted(*rows_of(X, y), EAGER, patience=100)
    together = boosted(*rows_of(X, y, np.repeat(np.arange(150), 4)), EAGER, patience=100)
    assert roc_auc_score(y, apart.held_out) > 0.8
    assert roc_auc_score(y, together.held_out) < 0.65


def test_training_stops_early_where_there_is_nothing_to_learn() -> None:
    rng = np.random.default_rng(0)
    part = boosted(*rows_of(rng.normal(size=(800, 3)), rng.integers(0, 2, 800)))
    assert len(part.trees) < 5 * 20


def test_the_number_of_threads_is_not_in_the_text() -> None:
    assert "[num_threads: 1]" in boosted(*rows_of(*customers(200))).text


def test_held_out_rows_have_no_say_in_when_their_booster_stops() -> None:
    losses = [[9.0, 9.0, 0.0], [3.0, 1.0, 2.0], [1.0, 8.0, 8.0]]
    runs = [SimpleNamespace(losses=loss, weight=1.0) for loss in losses]
    rounds = [_others_rounds(runs, number) for number in range(3)]  # type: ignore[arg-type]
    assert rounds == [1, 3, 3]


def test_chance_looks_like_chance_on_held_out_rows() -> None:
    rng = np.random.default_rng(0)
    found = []
    for seed in range(10):
        rows, coding = rows_of(rng.normal(size=(150, 6)), np.arange(150) < 30)
        part = boosted(rows, coding, replace(SHALLOW, max_trees=40), seed=seed)
        found.append(roc_auc_score(rows.y, part.held_out))
    assert abs(np.mean(found) - 0.5) < 2 * np.std(found) / np.sqrt(len(found))
