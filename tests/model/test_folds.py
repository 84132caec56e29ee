from __future__ import annotations

import numpy as np
import pytest

from salesml.errors import DataError
from salesml.model.folds import deal, number_of_folds


def test_an_account_stands_in_one_fold_and_positives_are_even() -> None:
    rng = np.random.default_rng(0)
    owner = rng.integers(0, 300, 1500)
    owner = np.unique(owner, return_inverse=True)[1]
    y = (rng.random(1500) < 0.1).astype(np.int8)
    fold = deal(y, owner, 5, np.random.default_rng(1))
    for account in np.unique(owner):
        assert len(np.unique(fold[owner == account])) == 1
    positives = np.bincount(fold, weights=y, minlength=5)
    assert positives.max() - positives.min() <= 5
    assert np.bincount(fold).max() - np.bincount(fold).min() <= 25


def test_another_deal_is_another_partition_and_the_same_seed_the_same() -> None:
    y, owner = (np.arange(100) % 4 == 0).astype(np.int8), np.arange(100)
    first = deal(y, owner, 5, np.random.default_rng(1))
    np.testing.assert_array_equal(first, deal(y, owner, 5, np.random.default_rng(1)))
    assert (first != deal(y, owner, 5, np.random.default_rng(2))).any()


def test_every_fold_has_both_outcomes_when_there_are_enough() -> None:
    y, owner = np.r_[np.ones(5), np.zeros(40)].astype(np.int8), np.arange(45)
    fold = deal(y, owner, number_of_folds(y, owner, 5), np.random.default_rng(0))
    assert all(y[fold == number].sum() == 1 for number in range(5))


def test_fewer_positives_make_fewer_folds() -> None:
    y = np.r_[np.ones(3), np.zeros(40)].astype(np.int8)
    assert number_of_folds(y, np.arange(43), 5) == 3


def test_one_account_with_the_outcome_is_not_enough() -> None:
    y = np.r_[np.ones(6), np.zeros(40)].astype(np.int8)
    owner = np.r_[np.zeros(6, dtype=np.intp), np.arange(1, 41)]
    with pytest.raises(DataError) as caught:
        number_of_folds(y, owner, 5)
    assert "1 accounts have the outcome and 40 have not" in str(caught.value)
    assert "more as-of dates" in str(caught.value)


def test_the_rarer_outcome_is_spread_whichever_it_is() -> None:
    for common in range(20, 40):
        y = np.r_[np.ones(common), np.zeros(3)].astype(np.int8)
        fold = deal(y, np.arange(len(y)), 3, np.random.default_rng(0))
        assert sorted(fold[y == 0]) == [0, 1, 2], common


@pytest.mark.parametrize("seed", range(5))
def test_no_fold_holds_all_of_an_outcome(seed: int) -> None:
    # Account 0 has the outcome only, 1 both, 2 never.
    y = np.r_[np.ones(20), np.ones(15), np.zeros(5), np.zeros(9)].astype(np.int8)
    owner = np.r_[np.full(20, 0), np.full(20, 1), np.full(9, 2)]
    for outcome in (y, 1 - y):
        fold = deal(outcome, owner, 2, np.random.default_rng(seed))
        assert all(len(np.unique(fold[outcome == value])) == 2 for value in (0, 1))
