from __future__ import annotations

import lightgbm as lgb
import numpy as np
import pytest

from salesml.explain import contributions
from salesml.model.merging import merge as merged_text
from salesml.model.merging import trees_of


def merge(texts: list[str]) -> str:
    """The mean of some models."""
    return merged_text(texts[0], [(trees_of(text), 1 / len(texts)) for text in texts])


@pytest.fixture(scope="module")
def boosters() -> tuple[np.ndarray, list[lgb.Booster]]:
    rng = np.random.default_rng(1)
    X = np.column_stack([rng.normal(size=600), rng.integers(0, 7, 600), rng.normal(size=600)])
    X[rng.random(600) < 0.1, 0] = np.nan
    y = (np.nan_to_num(X[:, 0]) + (X[:, 1] > 4) + rng.normal(size=600) > 0.5).astype(int)
    data = lgb.Dataset(X, y, categorical_feature=[1], free_raw_data=False)
    params = {"objective": "binary", "verbosity": -1, "num_leaves": 6, "min_data_in_leaf": 5}
    made = []
    for seed, rounds in enumerate([7, 12, 1]):
        rows = np.random.default_rng(seed).choice(600, 400, replace=False)
        made.append(lgb.train({**params, "seed": seed}, data.subset(np.sort(rows)), rounds))
    return X, made


def test_the_merged_score_is_the_mean_of_the_scores(
    boosters: tuple[np.ndarray, list[lgb.Booster]],
) -> None:
    X, made = boosters
    merged = lgb.Booster(model_str=merge([booster.model_to_string() for booster in made]))
    mean = np.mean([booster.predict(X, raw_score=True) for booster in made], axis=0)
    assert merged.num_trees() == 20
    np.testing.assert_allclose(merged.predict(X, raw_score=True), mean, rtol=0, atol=1e-12)


def test_the_merged_contributions_are_the_means_and_add_up(
    boosters: tuple[np.ndarray, list[lgb.Booster]],
) -> None:
    X, made = boosters
    merged = lgb.Booster(model_str=merge([booster.model_to_string() for booster in made]))
    found = contributions(merged, X)
    mean = np.mean([booster.predict(X, pred_contrib=True) for booster in made], axis=0)
    np.testing.assert_allclose(found, mean, rtol=0, atol=1e-10)
    np.testing.assert_allclose(found.sum(axis=1), merged.predict(X, raw_score=True), atol=1e-10)


def test_a_tree_without_a_split_is_merged_too() -> None:
    X, y = np.zeros((50, 1)), np.arange(50) % 2
    booster = lgb.train({"objective": "binary", "verbosity": -1}, lgb.Dataset(X, y), 1)
    text = booster.model_to_string()
    merged = lgb.Booster(model_str=merge([text, text]))
    assert merged.num_trees() == 2
    np.testing.assert_allclose(merged.predict(X, raw_score=True), booster.predict(X, raw_score=True))


def test_each_part_counts_by_its_factor(boosters: tuple[np.ndarray, list[lgb.Booster]]) -> None:
    X, made = boosters
    texts = [booster.model_to_string() for booster in made]
    text = merged_text(texts[0], [(trees_of(texts[0]), 0.25), (trees_of(texts[1]), 2.0)])
    one, two = (booster.predict(X, raw_score=True) for booster in made[:2])
    np.testing.assert_allclose(lgb.Booster(model_str=text).predict(X, raw_score=True), 0.25 * one + 2 * two)


def test_trees_are_found(boosters: tuple[np.ndarray, list[lgb.Booster]]) -> None:
    texts = [booster.model_to_string() for booster in boosters[1]]
    assert [len(trees_of(text)) for text in texts] == [7, 12, 1]
    assert len(trees_of(merge(texts))) == 20


def test_the_text_survives_lightgbm_writing_it_again(
    boosters: tuple[np.ndarray, list[lgb.Booster]],
) -> None:
    X, made = boosters
    merged = lgb.Booster(model_str=merge([booster.model_to_string() for booster in made]))
    again = lgb.Booster(model_str=merged.model_to_string())
    np.testing.assert_array_equal(again.predict(X, raw_score=True), merged.predict(X, raw_score=True))
