"""The nearest accounts against every pair compared tree by tree."""

from __future__ import annotations

import functools
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from salesml.explain import similar
from salesml.explain.similar import Crowd, Neighbours
from salesml.model.merging import merge, trees_of
from salesml.model.steps import Steps, constant

from . import models
from .brute import Brute

text = functools.cache(models.text)


def expected(whole: np.ndarray, most: int) -> tuple[np.ndarray, np.ndarray]:
    """The nearest of all, by similarity and then by order; those with nothing in common left out."""
    whole = np.round(whole, 7)
    order = np.argsort(-whole, axis=1, kind="stable")[:, :most]
    best = np.take_along_axis(whole, order, axis=1)
    return np.where(best > 0, order, -1), best


def check(found: Neighbours, whole: np.ndarray, most: int) -> None:
    """The same accounts; where rounding may have settled a tie of sums, the same similarity."""
    index, best = expected(whole, most)
    size = index.shape[1]
    np.testing.assert_allclose(found.similarity[:, :size], best, atol=2e-7)
    np.testing.assert_array_equal(found.index[:, :size] >= 0, index >= 0)
    assert (found.index[:, size:] == -1).all()
    other = found.index[:, :size] != index
    rows, places = np.nonzero(other)
    here = whole[rows, found.index[rows, places]]
    np.testing.assert_allclose(here, best[rows, places], atol=2e-7)
    assert other.sum() <= 1 + 0.01 * other.size


@settings(max_examples=60, deadline=None)
@given(
    seed=st.integers(0, 5),
    rows=st.integers(0, 40),
    accounts=st.integers(0, 200),
    most=st.integers(1, 25),
    light=st.sampled_from([0.0, 0.12, 0.6, 1.0]),
)
def test_they_are_the_nearest_of_all(seed: int, rows: int, accounts: int, most: int, light: float) -> None:
    X, Y = models.rows(seed + 100, rows), models.rows(seed + 200, accounts)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(similar, "LIGHT", light)
        found = Crowd(text(seed), Y).nearest(X, most)
    assert found.index.shape == (rows, most)
    check(found, Brute(text(seed), models.FEATURES).similarity(X, Y), most)


@pytest.mark.parametrize("accounts", [2047, 2048, 5000])
def test_many_accounts_are_all_looked_at(accounts: int) -> None:
    X, Y = models.rows(1, 30), models.rows(2, accounts)
    found = Crowd(text(3), Y).nearest(X)
    check(found, Brute(text(3), models.FEATURES).similarity(X, Y), similar.MOST)


def test_leaves_beyond_a_byte_are_told_apart() -> None:
    edges = np.arange(599.0)
    stair = Steps(0, edges, np.append(np.ones(600, dtype=int), 0)).tree(np.linspace(-1, 1, 601))
    made = merge(text(0), [([stair], 1.0)])
    Y = np.zeros((600, models.FEATURES))
    Y[:, 0] = np.arange(600)
    found = Crowd(made, Y).nearest(Y[[3, 259, 515]], 2)
    assert found.index.tolist() == [[3, -1], [259, -1], [515, -1]]


def test_threads_and_blocks_change_nothing() -> None:
    X, Y = models.rows(1, 500), models.rows(2, 300)
    one = Crowd(text(1), Y, threads=1).nearest(X)
    for threads in (2, 3, 0):
        more = Crowd(text(1), Y, threads=threads).nearest(X)
        np.testing.assert_array_equal(more.index, one.index)
        np.testing.assert_array_equal(more.similarity, one.similarity)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys.modules["salesml.explain.side_by_side"], "BLOCK", 7)
        again = Crowd(text(1), Y, threads=2).nearest(X)
    np.testing.assert_array_equal(again.index, one.index)
    apart = Crowd(text(1), Y).nearest(X[17:18])
    np.testing.assert_array_equal(apart.similarity[0], one.similarity[17])


def test_a_row_is_wholly_like_its_own_copy() -> None:
    Y = models.rows(2, 100)
    found = Crowd(text(2), Y).nearest(Y)
    assert (found.similarity[:, 0] == 1.0).all()
    assert (found.index[:, 0] <= np.arange(100)).all()
    assert ((found.similarity >= 0) & (found.similarity <= 1)).all()
    assert (np.diff(found.similarity, axis=1) <= 0).all()


def test_of_equally_near_accounts_the_first_comes_first() -> None:
    Y = np.repeat(models.rows(2, 3), 10, axis=0)
    found = Crowd(text(2), Y).nearest(models.rows(1, 20))
    for row in range(20):
        for value in np.unique(found.similarity[row][found.index[row] >= 0]):
            same = found.index[row][found.similarity[row] == value]
            assert (np.diff(same) > 0).all()
    copies = Crowd(text(2), Y).nearest(Y[10:11])
    assert copies.index[0, :10].tolist() == list(range(10, 20))


def test_fewer_accounts_than_places_and_none() -> None:
    few = Crowd(text(0), models.rows(2, 4)).nearest(models.rows(1, 10))
    assert (few.index[:, 4:] == -1).all()
    assert (few.similarity[:, 4:] == 0).all()
    assert (few.index[:, 0] >= 0).all()
    none = Crowd(text(0), np.empty((0, models.FEATURES))).nearest(models.rows(1, 10))
    assert (none.index == -1).all()
    assert Crowd(text(0), models.rows(2, 4)).nearest(np.empty((0, models.FEATURES))).index.shape == (0, 20)


def test_a_feature_that_no_tree_asks_for_changes_nothing() -> None:
    X, Y = models.rows(1, 50), models.rows(2, 80)
    before = Crowd(text(1), Y).nearest(X)
    X[:, 4], Y[:, 4] = 1e9, np.nan
    after = Crowd(text(1), Y).nearest(X)
    np.testing.assert_array_equal(before.index, after.index)
    np.testing.assert_array_equal(before.similarity, after.similarity)


def test_a_model_that_tells_nobody_apart_finds_nobody_alike() -> None:
    flat = merge(text(0), [([constant(0.5), constant(-1.0)], 1.0)])
    assert len(trees_of(flat)) == 2
    found = Crowd(flat, models.rows(2, 5)).nearest(models.rows(1, 5))
    assert (found.index == -1).all()
    assert (found.similarity == 0).all()


def test_constant_trees_count_nothing() -> None:
    X, Y = models.rows(1, 40), models.rows(2, 60)
    with_one = Crowd(models.text(1), Y).nearest(X)
    without = Crowd(models.text(1, constants=False), Y).nearest(X)
    np.testing.assert_array_equal(with_one.index, without.index)
    np.testing.assert_allclose(with_one.similarity, without.similarity, atol=1e-8)


def stairs(*heights: float) -> str:
    """A model of one stair for each feature, up and down by its height."""
    trees = [
        Steps(place, np.array([0.0]), np.array([50, 50, 0])).tree(np.array([-height, height, 0.0]))
        for place, height in enumerate(heights)
    ]
    return merge(text(0), [(trees, 1.0)])


def wide(*rows: tuple[float, ...]) -> np.ndarray:
    return np.array([[*row, *[0.0] * (models.FEATURES - len(row))] for row in rows])


def test_heavier_leaves_decide() -> None:
    row = wide((1, 1))
    accounts = wide((-1, 1), (1, -1), (-1, -1))
    found = Crowd(stairs(3.0, 1.0), accounts).nearest(row, 3)
    assert found.index[0].tolist() == [1, 0, -1]
    np.testing.assert_allclose(found.similarity[0], [0.75, 0.25, 0.0], atol=1e-8)


def test_a_tie_by_light_trees_goes_to_the_first_account(monkeypatch: pytest.MonkeyPatch) -> None:
    """The first account has as much in common as the second, but part of it in a tree looked at last."""
    monkeypatch.setattr(similar, "LIGHT", 0.2)
    accounts = wide((-1, 1, 1), (1, -1, -1), (-1, -1, 1))
    found = Crowd(stairs(3.0, 2.0, 1.0), accounts).nearest(wide((1, 1, 1)), 1)
    assert found.index.tolist() == [[0]]
    np.testing.assert_allclose(found.similarity, [[0.5]], atol=1e-8)
