"""Whether two models score for the same reasons."""

from __future__ import annotations

import math
from itertools import permutations

import pytest

from salesml.lifecycle.promotion.attributions import grouped, kept, ndcg, new_share
from salesml.snapshots.feature import Feature


def test_the_same_order_is_one_whatever_the_shares() -> None:
    assert ndcg({"a": 0.6, "b": 0.3, "c": 0.1}, {"a": 0.4, "b": 0.35, "c": 0.25}) == pytest.approx(1)


def test_a_worked_example() -> None:
    found = ndcg({"a": 0.6, "b": 0.3, "c": 0.1}, {"b": 0.5, "c": 0.3, "a": 0.2})
    gained = 0.3 / math.log2(2) + 0.1 / math.log2(3) + 0.6 / math.log2(4)
    ideal = 0.6 / math.log2(2) + 0.3 / math.log2(3) + 0.1 / math.log2(4)
    assert found == pytest.approx(gained / ideal)
    assert found < 0.9


def test_a_new_feature_does_not_push_down_the_others() -> None:
    ours, theirs = {"a": 0.6, "b": 0.4}, {"new": 0.9, "a": 0.06, "b": 0.04}
    assert ndcg(ours, theirs) == pytest.approx(1)
    assert new_share(ours, theirs) == pytest.approx(0.9)


def test_a_feature_that_is_gone_stands_last() -> None:
    assert ndcg({"a": 0.9, "b": 0.1}, {"b": 1.0}) == pytest.approx(
        ndcg({"a": 0.9, "b": 0.1}, {"b": 1, "a": 0})
    )


def test_a_model_that_nothing_moves_is_like_any_other() -> None:
    assert ndcg({"a": 0.0}, {"a": 1.0}) == 1.0
    assert ndcg({}, {"a": 1.0}) == 1.0


@pytest.mark.parametrize("shares", [(0.6, 0.3, 0.1), (0.9, 0.05, 0.03, 0.02), (0.3, 0.3, 0.2, 0.1, 0.1)])
def test_of_all_orders_lots_keep_nothing_on_average(shares: tuple[float, ...]) -> None:
    """However many and however unequal they are."""
    ours = {str(place): share for place, share in enumerate(shares)}
    every = [kept(ours, dict(zip(ours, each, strict=True))) for each in permutations(range(len(ours)))]
    assert sum(every) / len(every) == pytest.approx(0, abs=1e-12)
    assert max(every) == pytest.approx(1)
    assert kept(ours, ours) == 1


def test_where_any_order_is_as_good_nothing_is_lost() -> None:
    assert kept({"a": 0.5, "b": 0.5}, {"b": 1.0}) == 1.0
    assert kept({"a": 1.0}, {"a": 0.2}) == 1.0
    assert kept({}, {"a": 1.0}) == 1.0


def test_features_that_say_the_same_count_as_one() -> None:
    features = [Feature(name="a", group="both"), Feature(name="b", group="both"), Feature(name="c")]
    assert grouped({"a": 0.3, "c": 0.4, "b": 0.2, "new": 0.1}, features) == pytest.approx(
        {"both": 0.5, "c": 0.4, "new": 0.1}
    )
    assert next(iter(grouped({"a": 0.3, "c": 0.4, "b": 0.2}, features))) == "both"
