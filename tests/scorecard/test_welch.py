"""Two groups of reps: Welch's test with equal weights, and intervals that hold with others."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from salesml.scorecard.welch import compare


def test_with_equal_weights_it_is_the_test_of_welch():
    luck = np.random.default_rng(1)
    first, second = luck.normal(1.0, 3.0, 7), luck.normal(0.0, 1.0, 30)
    found, usual = compare(first, second), stats.ttest_ind(first, second, equal_var=False)
    ends = usual.confidence_interval(0.9)
    assert found.chance == pytest.approx(usual.pvalue)
    assert (found.low, found.high) == pytest.approx((ends.low, ends.high))


def test_weights_count_as_often_as_they_say_in_the_means():
    found = compare(
        np.array([1.0, 2.0, 3.0]), np.array([0.0, 1.0, 0.0]), (np.array([1.0, 1.0, 2.0]), np.ones(3))
    )
    assert (found.first, found.second) == pytest.approx((2.25, 1 / 3))


def test_intervals_hold_the_truth_where_sizes_and_spreads_differ():
    held = 0
    for seed in range(400):
        luck = np.random.default_rng(seed)
        sizes = luck.integers(10, 60, 8), luck.integers(10, 60, 25)
        values = [luck.normal(mean, 2 / np.sqrt(size)) for mean, size in zip((1.0, 0.5), sizes, strict=True)]
        found = compare(values[0], values[1], (sizes[0].astype(float), sizes[1].astype(float)))
        held += found.low <= 0.5 <= found.high
    assert 0.87 <= held / 400 <= 0.955


def test_a_small_group_and_values_all_alike_say_nothing():
    assert np.isnan(compare(np.array([1.0, 2.0]), np.arange(9.0)).chance)
    assert np.isnan(compare(np.ones(4), np.zeros(4)).chance)
    assert np.isnan(compare(np.array([]), np.arange(9.0)).first)
