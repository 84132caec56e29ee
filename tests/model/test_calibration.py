from __future__ import annotations

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from salesml.model import Calibration
from salesml.model.calibration import LEAST_SLOPE, log_loss, log_loss_of_scores


def sample(rows: int, slope: float, shift: float, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    raw = rng.normal(size=rows)
    return raw, (rng.random(rows) < 1 / (1 + np.exp(-(slope * raw + shift)))).astype(np.int8)


def test_it_finds_what_logistic_regression_finds_on_many_rows() -> None:
    raw, y = sample(20_000, 0.6, -1.5)
    weight = np.random.default_rng(1).random(20_000)
    found = Calibration.fit(raw, y, weight)
    reference = LogisticRegression(C=np.inf).fit(raw[:, None], y, sample_weight=weight)
    assert found.a == pytest.approx(reference.coef_[0, 0], abs=0.01)
    assert found.b == pytest.approx(reference.intercept_[0], abs=0.01)
    assert found.probability(raw).mean() == pytest.approx(y.mean(), abs=0.01)


def test_the_mean_probability_is_the_rate() -> None:
    raw, y = sample(500, 1.0, -2.0)
    assert Calibration.fit(raw, y).probability(raw).mean() == pytest.approx(y.mean(), abs=1e-5)


def test_the_slope_is_always_above_zero() -> None:
    raw, y = sample(5000, -1.0, 0.0)
    found = Calibration.fit(raw, y)
    assert found.a == LEAST_SLOPE
    assert (np.diff(found.logit(np.array([0.0, 1e-9]))) > 0).all()


def test_few_rows_keep_the_slope_near_one() -> None:
    raw, y = np.array([-1.0, -0.5, 0.5, 1.0]), np.array([0, 0, 1, 1], dtype=np.int8)
    assert 0.8 < Calibration.fit(raw, y).a < 1.5


def test_scores_that_hardly_differ_stay_finite() -> None:
    y = (np.arange(100) % 5 == 0).astype(np.int8)
    found = Calibration.fit(np.full(100, 3.0), y)
    assert found.probability(np.array([3.0]))[0] == pytest.approx(0.2, abs=1e-4)


def test_scaling_all_weights_changes_nothing() -> None:
    raw, y = sample(300, 0.7, 0.3)
    small, large = (Calibration.fit(raw, y, np.full(300, w)) for w in (1e-3, 1e3))
    assert small.a == pytest.approx(large.a)


def test_losses_of_scores_are_those_of_their_probabilities() -> None:
    raw, y = sample(50, 1.0, 0.0)
    expected = log_loss(y, 1 / (1 + np.exp(-raw)))
    np.testing.assert_allclose(log_loss_of_scores(y, raw), expected)


def test_it_survives_as_plain_data() -> None:
    assert Calibration.from_dict(Calibration(0.7, -1.0).as_dict()) == Calibration(0.7, -1.0)
