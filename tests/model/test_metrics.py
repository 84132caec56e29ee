from __future__ import annotations

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import average_precision_score, brier_score_loss, log_loss, roc_auc_score

from salesml.model.metrics import Scored, bins, measure, slope_and_intercept


@pytest.fixture
def scores() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(0)
    p = np.round(rng.beta(1, 3, 500), 2)
    y = (rng.random(500) < p).astype(np.int8)
    return y, p, rng.integers(0, 4, 500).astype(float)


def test_metrics_agree_with_scikit_learn_under_weights(
    scores: tuple[np.ndarray, np.ndarray, np.ndarray],
) -> None:
    y, p, weight = scores
    found = measure(Scored.of(y, p), np.vstack([np.ones(500), weight]))
    for row, sample_weight in enumerate([np.ones(500), weight]):
        expected = {
            "auc": roc_auc_score(y, p, sample_weight=sample_weight),
            "average_precision": average_precision_score(y, p, sample_weight=sample_weight),
            "log_loss": log_loss(y, np.clip(p, 1e-15, 1 - 1e-15), sample_weight=sample_weight),
            "brier": brier_score_loss(y, p, sample_weight=sample_weight),
        }
        for name, value in expected.items():
            assert found[name][row] == pytest.approx(value, abs=1e-12), name


def test_gain_and_lift_counted_by_hand() -> None:
    y = np.array([1, 1, 0, 1, 0, 0, 0, 0, 0, 0] * 2, dtype=np.int8)
    p = np.tile(np.linspace(0.9, 0.1, 10), 2)
    found = measure(Scored.of(y, p), np.ones((1, 20)))
    assert found["gain_10"][0] == pytest.approx(2 / 6)
    assert found["gain_20"][0] == pytest.approx(4 / 6)
    assert found["lift_20"][0] == pytest.approx(4 / 6 / 0.2)
    assert found["gain_5"][0] == pytest.approx(1 / 6)


def test_equal_scores_gain_no_more_than_chance() -> None:
    y = np.r_[np.ones(30), np.zeros(70)].astype(np.int8)
    found = measure(Scored.of(y, np.full(100, 0.3)), np.ones((1, 100)))
    assert found["auc"][0] == 0.5
    assert found["lift_10"][0] == pytest.approx(1.0)
    assert found["calibration_error"][0] == pytest.approx(0.0)


def test_calibration_error_by_hand() -> None:
    p = np.r_[np.full(50, 0.2), np.full(50, 0.6)]
    y = np.r_[np.ones(20), np.zeros(30), np.ones(25), np.zeros(25)].astype(np.int8)
    found = measure(Scored.of(y, p), np.ones((1, 100)))
    assert len(np.unique(bins(p))) == 2
    assert found["calibration_error"][0] == pytest.approx(0.5 * 0.2 + 0.5 * 0.1)
    assert found["drift"][0] == pytest.approx(0.4 - 0.45)


def test_one_outcome_only_gives_nan_not_a_warning() -> None:
    found = measure(Scored.of(np.zeros(5, dtype=np.int8), np.linspace(0, 1, 5)), np.ones((1, 5)))
    assert np.isnan(found["auc"][0])


def test_slope_agrees_with_logistic_regression() -> None:
    rng = np.random.default_rng(0)
    z = rng.normal(size=4000) * 2
    y = (rng.random(4000) < 1 / (1 + np.exp(-(0.5 * z - 0.3)))).astype(np.int8)
    p = 1 / (1 + np.exp(-z))
    found = slope_and_intercept(y, p, np.ones(4000), np.arange(4000))
    reference = LogisticRegression(C=np.inf, tol=1e-10, max_iter=1000).fit(z[:, None], y)
    assert found[0, 0] == pytest.approx(reference.coef_[0, 0], abs=1e-4)
    assert found[1, 0] == pytest.approx(reference.intercept_[0], abs=1e-4)
    assert found[0, 1] < 0.5 < found[0, 2]


def test_repeated_rows_of_an_account_do_not_narrow_the_slope() -> None:
    rng = np.random.default_rng(0)
    z = rng.normal(size=500)
    y = (rng.random(500) < 1 / (1 + np.exp(-z))).astype(np.int8)
    p, owner = 1 / (1 + np.exp(-z)), np.arange(500)
    once = slope_and_intercept(y, p, np.ones(500), owner)
    many = slope_and_intercept(np.tile(y, 4), np.tile(p, 4), np.ones(2000), np.tile(owner, 4))
    np.testing.assert_allclose(many, once, rtol=1e-6)
