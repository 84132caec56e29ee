"""Differences of two models, against the figures of one model and against what must be so."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.special import expit

from salesml.lifecycle.promotion.paired import TOP_VALUE, _Side, compare
from salesml.model.metrics import Scored, measure
from salesml.model.value import Valued

Floats = NDArray[np.float64]


def sample(rows: int = 600, seed: int = 0) -> tuple[NDArray[np.int8], Floats, Floats, Floats]:
    """Outcomes, probabilities of a good model and of a noisy one, values of which some are missing."""
    rng = np.random.default_rng(seed)
    known = rng.normal(size=rows)
    y = (rng.random(rows) < expit(known)).astype(np.int8)
    value = np.round(rng.gamma(2, 100, rows))
    value[rng.random(rows) < 0.1] = np.nan
    value[rng.random(rows) < 0.1] *= -1
    return y, np.round(expit(known), 2), expit(known + rng.normal(size=rows)), value


@pytest.mark.parametrize("which", [1, 2])
def test_each_side_measures_what_the_evaluation_of_one_model_does(which: int) -> None:
    y, good, noisy, value = sample()
    p = (good, noisy)[which - 1]  # the first has ties
    rng = np.random.default_rng(1)
    weight = rng.integers(0, 4, (7, len(y))).astype(float)
    even = np.ones(len(y))
    found = _Side.of(y, p, value, even).measure(weight)
    expected = {
        **measure(Scored.of(y, p), weight),
        **Valued.of(y, p, value, even, {"A": 0.2}).measure(weight),
    }
    for name in ("log_loss", "auc", "calibration_error", TOP_VALUE):
        np.testing.assert_allclose(found[name], expected[name], rtol=1e-12, err_msg=name)


def test_the_better_model_is_found_better_in_everything() -> None:
    y, good, noisy, value = sample(3000)
    found = compare(y, noisy, good, value=value, resamples=300)
    assert all(each.gain > 0 for each in found.values())
    assert found["log_loss"].low > 0
    turned = compare(y, good, noisy, value=value, resamples=300)
    for name, each in found.items():
        assert turned[name].gain == pytest.approx(-each.gain)
        assert (turned[name].low, turned[name].high) == pytest.approx((-each.high, -each.low))


def test_a_model_against_itself_differs_in_nothing() -> None:
    y, good, _, value = sample()
    for each in compare(y, good, good, value=value, resamples=50).values():
        assert (each.gain, each.low, each.high) == (0.0, 0.0, 0.0)


def test_more_confidence_asks_for_wider_bounds() -> None:
    y, good, noisy, _ = sample()
    narrow, wide = (
        compare(y, noisy, good, confidence=level, resamples=500)["log_loss"] for level in (0.9, 0.99)
    )
    assert wide.low < narrow.low < narrow.gain < narrow.high < wide.high


def test_rows_of_one_account_are_drawn_together() -> None:
    y, good, noisy, _ = sample(400)
    four = [np.repeat(each, 4) for each in (y, noisy, good)]
    single = compare(*four, resamples=500)["log_loss"]
    together = compare(*four, groups=np.repeat(np.arange(400), 4), resamples=500)["log_loss"]
    alone = compare(y, noisy, good, resamples=500)["log_loss"]
    assert together.low == pytest.approx(alone.low)
    assert together.high - together.low > 1.5 * (single.high - single.low)


def test_without_values_nothing_is_said_of_them() -> None:
    y, good, noisy, _ = sample()
    assert TOP_VALUE not in compare(y, good, noisy, value=np.zeros(len(y)), resamples=10)


def test_the_bounds_hold_the_truth_as_often_as_they_say() -> None:
    """The true difference of two fixed models, over many test periods."""
    rng = np.random.default_rng(5)
    known = rng.normal(size=40_000)
    truth, other = expit(known), expit(0.7 * known + 0.3 * rng.normal(size=len(known)))
    loss = [-(truth * np.log(p) + (1 - truth) * np.log1p(-p)).mean() for p in (other, truth)]
    true, above = loss[0] - loss[1], 0
    for _ in range(200):
        at = rng.integers(0, len(known), 500)
        y = (rng.random(500) < truth[at]).astype(np.int8)
        above += compare(y, other[at], truth[at], confidence=0.9, resamples=100)["log_loss"].low > true
    assert 8 <= above <= 34, "20 are expected; 200 tries of 10 % lie there in 99.8 of 100 cases"
