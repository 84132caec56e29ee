"""Rank correlation, overlap of the first tenth and agreement of features, against second opinions."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import spearmanr
from sklearn.metrics import ndcg_score

from salesml.lifecycle.backtest.replay import Explained
from salesml.lifecycle.backtest.stability import agreement, compare, ndcg


def scores(rows: int = 400, noise: float = 0.5, seed: int = 3) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    one = rng.normal(size=rows)
    return one, one + noise * rng.normal(size=rows)


def explained(size: np.ndarray, names: tuple[str, ...] = ("a", "b", "c"), first: int = 0) -> Explained:
    entity = np.array([f"c{first + n}" for n in range(len(size))], dtype=object)
    return Explained(names=names, size=size.astype(np.float32), entity=entity)


def test_the_order_is_spearmans_correlation() -> None:
    one, other = scores()
    order, _ = compare(one, np.round(other, 1))
    assert order is not None
    assert order.value == pytest.approx(spearmanr(one, np.round(other, 1)).statistic, abs=1e-12)
    assert order.low < order.value < order.high


def test_the_first_tenth_is_counted() -> None:
    one, other = scores()
    _, top = compare(one, other)
    assert top is not None
    tops = [set(np.argsort(-each)[:40]) for each in (one, other)]
    assert top.value == pytest.approx(len(tops[0] & tops[1]) / 40)
    assert top.low < top.value < top.high


def test_the_same_ranking_is_kept_whole_and_the_reverse_not_at_all() -> None:
    one, _ = scores()
    for other, order, top in ((2 * one + 1, 1.0, 1.0), (-one, -1.0, 0.0)):
        found = compare(one, other)
        assert found[0] is not None
        assert found[1] is not None
        assert found[0].value == pytest.approx(order)
        assert found[1].value == pytest.approx(top)


def test_intervals_cover_the_truth_as_often_as_they_say() -> None:
    truth = spearmanr(*scores(200_000)).statistic
    inside = 0
    for seed in range(100):
        order, _ = compare(*scores(300, seed=seed))
        assert order is not None
        inside += order.low <= truth <= order.high
    assert 88 <= inside <= 100


def test_nothing_is_said_of_few_accounts_or_of_equal_scores() -> None:
    assert compare(*scores(19)) == (None, None)
    assert compare(np.full(100, 0.3), scores(100)[1]) == (None, None)


def test_the_gain_is_that_of_scikit_learn() -> None:
    rng = np.random.default_rng(1)
    gains, shown = rng.random((5, 8)), rng.random((5, 8))
    expected = [ndcg_score([g], [s]) for g, s in zip(gains, shown, strict=True)]
    assert ndcg(gains, shown) == pytest.approx(np.array(expected))


def test_features_in_the_same_order_agree_wholly() -> None:
    rng = np.random.default_rng(2)
    size = rng.random((200, 3)) * [9, 3, 1]
    same = agreement(explained(size), explained(0.5 * size, first=100))
    turned = agreement(explained(size), explained(size[:, ::-1], first=100))
    assert same.value == pytest.approx(1.0)
    assert turned.value < 0.8
    assert turned.low <= turned.value <= turned.high


def test_a_group_that_only_one_model_has_counts() -> None:
    size = np.ones((50, 2)) * [4, 1]
    missing = agreement(explained(size, ("a", "b")), explained(size, ("new", "b")))
    # Shown: new, b, a. Worth: nothing, 1, 4.
    assert missing.value == pytest.approx((1 / np.log2(3) + 4 / np.log2(4)) / (4 + 1 / np.log2(3)))
