from __future__ import annotations

import numpy as np
import pytest

from salesml.model import evaluate
from salesml.model.bootstrap import estimates, resampled_weights


def mean_of(values: np.ndarray):  # type: ignore[no-untyped-def]
    return lambda weight: {"mean": weight @ values / weight.sum(axis=1)}


def test_the_interval_of_a_mean_has_the_width_of_theory() -> None:
    values = np.random.default_rng(0).normal(size=900)
    found = estimates(mean_of(values), np.ones(900), np.arange(900), resamples=2000, seed=0)["mean"]
    assert found.value == pytest.approx(values.mean())
    assert found.high - found.low == pytest.approx(2 * 1.96 * values.std() / 30, rel=0.08)


def test_intervals_hold_the_truth_as_often_as_they_say() -> None:
    held = 0
    for seed in range(200):
        values = np.random.default_rng(seed).normal(size=200)
        found = estimates(mean_of(values), np.ones(200), np.arange(200), resamples=200, seed=seed)["mean"]
        held += found.low <= 0 <= found.high
    assert 178 <= held <= 199


def test_copies_of_an_account_do_not_narrow_the_interval() -> None:
    values, owner = np.random.default_rng(0).normal(size=300), np.arange(300)
    once = estimates(mean_of(values), np.ones(300), owner, resamples=300, seed=1)["mean"]
    copies = np.tile(values, 5)
    many = estimates(mean_of(copies), np.ones(1500), np.tile(owner, 5), resamples=300, seed=1)["mean"]
    assert many.low == pytest.approx(once.low)
    assert many.high == pytest.approx(once.high)


def test_every_account_is_drawn_as_often_as_the_next() -> None:
    blocks = list(resampled_weights(np.ones(10), np.arange(10) // 2, 4000, seed=0))
    weights = np.concatenate(blocks)
    assert weights.shape == (4000, 10)
    assert (weights[:, ::2] == weights[:, 1::2]).all()
    assert (weights.sum(axis=1) == 10).all()
    np.testing.assert_allclose(weights.mean(axis=0), 1.0, atol=0.06)


def test_the_interval_holds_the_figure_where_resampling_makes_it_larger() -> None:
    def distinct(weight: np.ndarray) -> dict[str, np.ndarray]:
        return {"twice drawn": (weight > 1).mean(axis=1)}

    found = estimates(distinct, np.ones(100), np.arange(100), resamples=100, seed=0)["twice drawn"]
    assert found.value == found.low == 0
    assert found.high > 0.2


def test_the_calibration_error_lies_in_its_interval() -> None:
    rng = np.random.default_rng(0)
    p = rng.uniform(0.05, 0.5, 4000)
    found = evaluate((rng.random(4000) < p).astype(int), p, resamples=200).metrics["calibration_error"]
    assert found.low <= found.value <= found.high
