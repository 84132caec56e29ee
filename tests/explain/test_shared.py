"""What rows share, against sums written out pair by pair."""

from __future__ import annotations

import functools

import numpy as np
import pytest

from salesml.explain import Groups
from salesml.explain.shared import Sharing, Telling
from salesml.explain.similar import Crowd

from . import models
from .brute import Brute

text = functools.cache(models.text)
GROUPS = ["size", "size", "industry", "", ""]
SAME = [False, False, True, True, False]
NONE = [False] * models.FEATURES


def found_by_hand(
    brute: Brute, row: np.ndarray, account: np.ndarray, similarity: float, withheld: list[bool]
) -> list[int]:
    """The rule as it is written, for one pair."""
    common = brute.common(row, account)
    own = [brute.common(one, one) for one in (row, account)]
    told: list[tuple[float, int, int]] = []
    for number, members in enumerate(Groups.of(GROUPS).members):
        net = common[list(members)].sum()
        most = max(abs(each[list(members)].sum()) for each in own)
        if np.round(abs(net), 4) == 0 or abs(net) < np.clip(similarity, 0.25, 0.5) * most - 1e-6:
            continue
        able = [
            feature
            for feature in members
            if common[feature] * net > 0
            and not withheld[feature]
            and np.isnan(row[feature]) == np.isnan(account[feature])
            and (not SAME[feature] or np.isnan(row[feature]) or row[feature] == account[feature])
        ]
        if able:
            best = max(able, key=lambda feature: abs(common[feature]))
            told.append((-float(np.round(abs(net), 4)), number, best))
    return [feature for _, _, feature in sorted(told)][:3]


@pytest.mark.parametrize("withheld", [NONE, [True, False, False, True, False]])
def test_they_are_told_by_the_written_rule(withheld: list[bool]) -> None:
    X, Y = models.rows(1, 25), models.rows(2, 60)
    crowd, brute = Crowd(text(1), Y), Brute(text(1), models.FEATURES)
    near = crowd.nearest(X, 6)
    found = Sharing(crowd, Y, Telling(GROUPS, withheld, SAME)).shared(near, X)
    assert found.shape == (25, 6, 3)
    same, pairs = 0, 0
    for row, place in zip(*np.nonzero(near.index >= 0), strict=True):
        expected = found_by_hand(
            brute, X[row], Y[near.index[row, place]], near.similarity[row, place], withheld
        )
        pairs += 1
        same += found[row, place][found[row, place] >= 0].tolist() == expected
    assert pairs > 100
    # Rounding of sums may settle a tie or a limit otherwise, once in a long while.
    assert same >= pairs - 1
    assert (found >= 0).any(axis=2).mean() > 0.3


def test_what_is_withheld_is_never_told() -> None:
    Y = models.rows(2, 60)
    crowd = Crowd(text(1), Y)
    near = crowd.nearest(Y)
    everything = Sharing(crowd, Y, Telling([""] * 5, NONE, SAME)).shared(near, Y, top=5)
    assert set(np.unique(everything)) == {-1, 0, 1, 2, 3}
    for hidden in range(4):
        withheld = [feature == hidden for feature in range(5)]
        found = Sharing(crowd, Y, Telling([""] * 5, withheld, SAME)).shared(near, Y, top=5)
        assert hidden not in found
    nothing = Sharing(crowd, Y, Telling([""] * 5, [True] * 5, SAME)).shared(near, Y)
    assert (nothing == -1).all()


def test_categories_are_told_where_they_are_the_same_and_numbers_where_both_are_known() -> None:
    X, Y = models.rows(1, 80), models.rows(2, 80)
    crowd = Crowd(text(4), Y)
    near = crowd.nearest(X)
    found = Sharing(crowd, Y, Telling([""] * 5, NONE, SAME)).shared(near, X, top=5)
    rows, places, at = np.nonzero(found >= 0)
    features = found[rows, places, at]
    one, other = X[rows, features], Y[near.index[rows, places], features]
    assert (np.isnan(one) == np.isnan(other)).all()
    known = ~np.isnan(one) & np.array(SAME)[features]
    assert known.any()
    assert (one[known] == other[known]).all()
    for row, place in zip(rows, places, strict=True):
        listed = found[row, place][found[row, place] >= 0]
        assert len(set(listed)) == len(listed)


def test_threads_and_a_row_alone_change_nothing() -> None:
    X, Y = models.rows(1, 300), models.rows(2, 100)
    telling = Telling(GROUPS, NONE, SAME)
    crowd = Crowd(text(2), Y, threads=1)
    one = Sharing(crowd, Y, telling).shared(crowd.nearest(X), X)
    crowd.threads = 3
    np.testing.assert_array_equal(Sharing(crowd, Y, telling).shared(crowd.nearest(X), X), one)
    alone = Sharing(crowd, Y, telling).shared(crowd.nearest(X[200:201]), X[200:201])
    np.testing.assert_array_equal(alone[0], one[200])


def test_no_accounts_share_nothing() -> None:
    nobody = np.empty((0, models.FEATURES))
    crowd = Crowd(text(0), nobody)
    X = models.rows(1, 3)
    found = Sharing(crowd, nobody, Telling(GROUPS, NONE, SAME)).shared(crowd.nearest(X), X)
    assert (found == -1).all()
