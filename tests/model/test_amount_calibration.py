"""The curve from scores to means: it rises, gives the total, and bends only where the amounts do."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from salesml.model.amount_calibration import Curve, calibrate, straight

Floats = NDArray[np.float64]


def amounts(log_mean: Floats, seed: int = 0) -> Floats:
    rng = np.random.default_rng(seed)
    return np.exp(log_mean) * rng.exponential(size=len(log_mean))


def test_a_straight_truth_stays_straight() -> None:
    raw = np.random.default_rng(1).normal(size=4_000)
    curve = calibrate(raw, amounts(0.7 * raw - 0.2), np.ones(4_000))
    assert curve is not None
    inner = np.linspace(*np.quantile(raw, [0.05, 0.95]), 20)
    assert curve(inner) == pytest.approx(0.7 * inner - 0.2, abs=0.15)


def test_a_bent_truth_is_followed() -> None:
    raw = np.random.default_rng(2).normal(size=4_000)
    truth = np.where(raw > 0, 0.1 * raw, 1.5 * raw)
    curve = calibrate(raw, amounts(truth), np.ones(4_000))
    assert curve is not None
    assert np.abs(curve(raw) - truth).mean() < 0.12
    line = np.polynomial.Polynomial.fit(raw, truth, 1)(raw)
    assert np.abs(curve(raw) - truth).mean() < 0.5 * np.abs(line - truth).mean()


def test_the_weighted_total_is_that_of_the_amounts() -> None:
    rng = np.random.default_rng(3)
    raw, weight = rng.normal(size=500), rng.uniform(0.5, 2, 500)
    amount = amounts(raw, 3) * (rng.random(500) < 0.3)
    curve = calibrate(raw, amount, weight)
    assert curve is not None
    assert weight @ np.exp(curve(raw)) == pytest.approx(weight @ amount)


def test_it_rises_even_where_the_amounts_fall() -> None:
    raw = np.random.default_rng(4).normal(size=3_000)
    curve = calibrate(raw, amounts(np.where(np.abs(raw) < 1, -0.5 * raw, 2 * raw), 4), np.ones(3_000))
    assert curve is not None
    assert (np.diff(curve.log_mean) > 0).all()


def test_scores_that_say_the_contrary_give_none() -> None:
    raw = np.random.default_rng(5).normal(size=1_000)
    assert calibrate(raw, amounts(-raw, 5), np.ones(1_000)) is None
    assert calibrate(np.zeros(1_000), amounts(raw, 5), np.ones(1_000)) is None


def test_the_slope_is_the_true_one() -> None:
    raw = np.random.default_rng(6).normal(size=8_000)
    assert straight(raw, amounts(0.6 * raw, 6), np.ones(8_000)) == pytest.approx(0.6, abs=0.05)


def test_beyond_the_ends_it_is_level() -> None:
    curve = Curve((0.0, 1.0), (2.0, 3.0))
    assert curve(np.array([-9.0, 0.5, 9.0])).tolist() == [2.0, 2.5, 3.0]
    assert curve.moved(1.0).log_mean == (3.0, 4.0)


@pytest.mark.parametrize(
    "curve",
    [
        Curve((), ()), Curve((0.0,), (1.0, 2.0)), Curve((0.0, 0.0), (1.0, 2.0)),
        Curve((0.0, 1.0), (2.0, 1.0)), Curve((0.0, np.inf), (1.0, 2.0)),
    ],
)  # fmt: skip
def test_what_cannot_be_a_curve_is_known(curve: Curve) -> None:
    assert not curve.sound
