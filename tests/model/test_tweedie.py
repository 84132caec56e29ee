"""The deviance against scikit-learn's, and weights of parts."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import mean_tweedie_deviance

from salesml.model.tweedie import POWER, blend, deviance, slope


def test_the_deviance_is_scikit_learns() -> None:
    rng = np.random.default_rng(0)
    amount = rng.lognormal(size=200) * (rng.random(200) < 0.5)
    mean = rng.lognormal(size=200)
    ours = deviance(amount, mean)
    assert ours.mean() == pytest.approx(mean_tweedie_deviance(amount, mean, power=POWER))
    assert deviance(mean, mean) == pytest.approx(0, abs=1e-12)


def test_the_slope_is_that_of_half_the_deviance() -> None:
    amount, score, step = np.array([0.0, 1.0, 5.0]), np.array([0.3, -0.2, 1.0]), 1e-6
    change = deviance(amount, np.exp(score + step)) - deviance(amount, np.exp(score - step))
    assert slope(amount, score) == pytest.approx(change / (4 * step), abs=1e-6)


def test_a_part_of_noise_is_left_out() -> None:
    rng = np.random.default_rng(1)
    score = rng.normal(size=2_000)
    amount = np.exp(score + rng.normal(size=2_000) - 0.5)
    weights = blend(np.array([score, rng.normal(size=2_000)]), amount, np.ones(2_000))
    assert weights.tolist() == [1.0, 0.0]


def test_parts_that_know_different_things_are_both_kept() -> None:
    rng = np.random.default_rng(2)
    left, right = rng.normal(size=(2, 2_000))
    amount = np.exp(left + right + rng.normal(size=2_000) - 0.5)
    weights = blend(np.array([left, right]), amount, np.ones(2_000))
    assert weights.sum() == pytest.approx(1)
    assert weights.min() > 0.3
