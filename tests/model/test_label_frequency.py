"""The region in which seeds are densest, against scores whose truth is known."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.stats import binomtest

from salesml.model.label_frequency import densest_region, wilson

Made = tuple[NDArray[np.float64], NDArray[np.int8], NDArray[np.bool_]]


def scores(
    rng: np.random.Generator, rows: int, prior: float, frequency: float, pure: float, apart: float = 1.5
) -> Made:
    """Scores of which a part of the positives stands above every negative, and the rest overlaps."""
    positive = rng.random(rows) < prior
    high = rng.random(rows) < pure
    own = np.where(high, rng.normal(7, 0.3, rows), rng.normal(apart, 1, rows))
    score = np.where(positive, own, rng.normal(0, 1, rows)) + rng.normal(0, 0.3, rows)
    seed = positive & (rng.random(rows) < frequency)
    return score, seed.astype(np.int8), positive


@pytest.mark.parametrize("prior", [0.02, 0.1, 0.5])
@pytest.mark.parametrize("frequency", [0.1, 0.5, 0.9])
def test_the_frequency_is_covered_where_a_region_is_pure(prior: float, frequency: float) -> None:
    rng = np.random.default_rng(int(1000 * prior + 10 * frequency))
    inside = []
    for _ in range(100):
        score, seed, _ = scores(rng, 20_000, prior, frequency, pure=0.3)
        share = densest_region(seed, score).share
        inside.append(share.low <= frequency <= share.high)
    assert np.mean(inside) >= 0.9


@pytest.mark.parametrize("steep", [0.5, 1.0, 2.0])
def test_the_frequency_is_hardly_ever_below_the_interval_even_without_one(steep: float) -> None:
    rng = np.random.default_rng(int(10 * steep))
    below = []
    for _ in range(100):
        score = rng.normal(0, 1, 5_000)
        positive = rng.random(5_000) < 1 / (1 + np.exp(2 - steep * score))
        seed = (positive & (rng.random(5_000) < 0.3)).astype(np.int8)
        below.append(densest_region(seed, score).share.low > 0.3)
    assert np.mean(below) <= 0.05


def test_the_region_is_pure_where_one_is() -> None:
    score, seed, positive = scores(np.random.default_rng(1), 20_000, 0.3, 0.4, pure=0.3)
    region = densest_region(seed, score)
    assert positive[score >= region.threshold].mean() > 0.98
    assert region.rows == (score >= region.threshold).sum()
    assert region.seeds == seed[score >= region.threshold].sum()


def test_equal_scores_stay_together() -> None:
    score = np.repeat([2.0, 1.0, 0.0], [20, 30, 50])
    seed = np.zeros(100, dtype=np.int8)
    seed[[0, 1, 3, 5, 7, 9, 11, 13, 15, 17, 19, 32, 40]] = 1
    region = densest_region(seed, score)
    assert (region.rows, region.seeds, region.threshold) == (20, 11, 2.0)


def test_order_of_rows_does_not_matter() -> None:
    rng = np.random.default_rng(3)
    score, seed, _ = scores(rng, 3_000, 0.2, 0.3, pure=0.3)
    score = score.round(1)
    shuffled = rng.permutation(len(score))
    assert densest_region(seed, score) == densest_region(seed[shuffled], score[shuffled])


def test_wilson_as_scipy_has_it() -> None:
    counts, rows = np.array([0, 3, 50, 99, 100]), np.full(5, 100)
    found = np.column_stack(wilson(counts / rows, rows, 1.959963984540054))
    theirs = [binomtest(int(count), 100).proportion_ci(method="wilson") for count in counts]
    np.testing.assert_allclose(found, theirs, atol=1e-12)
