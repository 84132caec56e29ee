from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import norm
from sklearn.metrics import roc_auc_score

from salesml.model import evaluate
from salesml.model.auc_interval import auc_interval, crossing, newcombe


def firm(
    rng: np.random.Generator, positives: int, negatives: int, auc: float
) -> tuple[np.ndarray, np.ndarray]:
    """Two normal scores of a known AUC, as probabilities."""
    apart = np.sqrt(2) * norm.ppf(auc)
    z = np.r_[rng.normal(apart, 1, positives), rng.normal(0, 1, negatives)]
    return np.r_[np.ones(positives), np.zeros(negatives)].astype(np.int8), norm.cdf(z)


@pytest.mark.parametrize(("positives", "negatives"), [(10, 50), (12, 388), (30, 170)])
@pytest.mark.parametrize("auc", [0.5, 0.65, 0.8, 0.92])
def test_the_interval_holds_the_truth_as_often_as_it_says(positives: int, negatives: int, auc: float) -> None:
    rng = np.random.default_rng(0)
    held = below = 0
    for _ in range(400):
        y, p = firm(rng, positives, negatives, auc)
        found = auc_interval(y, p, np.ones(len(y)), np.arange(len(y)))
        held += found.low <= auc <= found.high
        below += found.low > auc
    assert 0.92 < held / 400 <= 0.99
    assert below / 400 < 0.05


def test_it_is_the_auc_of_ranks_with_ties_and_weights() -> None:
    rng = np.random.default_rng(1)
    y, p = firm(rng, 20, 60, 0.7)
    p, weight = np.round(p, 1), rng.random(80) + 0.1
    found = auc_interval(y, p, weight, np.arange(80))
    assert found.value == pytest.approx(roc_auc_score(y, p, sample_weight=weight))
    assert found.low < found.value < found.high


def test_copies_of_an_account_tell_nothing_new() -> None:
    y, p = firm(np.random.default_rng(2), 20, 80, 0.7)
    once = auc_interval(y, p, np.ones(100), np.arange(100))
    four = auc_interval(np.tile(y, 4), np.tile(p, 4), np.ones(400), np.tile(np.arange(100), 4))
    assert four.value == pytest.approx(once.value)
    assert four.high - four.low == pytest.approx(once.high - once.low, rel=0.02)


def test_weight_on_few_rows_widens_it() -> None:
    y, p = firm(np.random.default_rng(3), 30, 170, 0.7)
    heavy = np.where(np.arange(200) % 10 == 0, 20.0, 0.1)
    even, uneven = (auc_interval(y, p, weight, np.arange(200)) for weight in (np.ones(200), heavy))
    assert uneven.high - uneven.low > 1.5 * (even.high - even.low)


def test_ten_of_ten_ranked_right_is_no_certainty() -> None:
    y, p = np.r_[np.ones(10), np.zeros(50)].astype(np.int8), np.linspace(1, 0, 60)
    found = auc_interval(y, p, np.ones(60), np.arange(60))
    assert found.value == found.high == 1.0
    assert 0.85 < found.low < 0.97
    assert newcombe(0.0, 10, 50)[1] == pytest.approx(1 - found.low, abs=0.001)


def test_an_evaluation_of_few_outcomes_uses_it_and_one_of_many_resamples() -> None:
    rng = np.random.default_rng(4)
    y, p = firm(rng, 30, 170, 0.7)
    expected = auc_interval(y, p, np.ones(200), np.arange(200))
    assert evaluate(y, p, resamples=50).metrics["auc"] == expected
    y, p = firm(rng, 200, 800, 0.7)
    assert evaluate(y, p, resamples=50).metrics["auc"] != auc_interval(y, p, np.ones(1000), np.arange(1000))


def test_figures_that_come_from_folds_are_known_less_well() -> None:
    y, p = firm(np.random.default_rng(5), 30, 170, 0.7)
    rate = {"rate": np.full(200, 0.15)}
    one = evaluate(y, p, baselines=rate, resamples=100)
    five = evaluate(y, p, baselines=rate, resamples=100, folds=5)
    assert crossing(5) == pytest.approx(1.5**2)
    for name in ("auc", "log_loss", "lift_20", "calibration_slope"):
        wide = five.metrics[name].high - five.metrics[name].low
        assert wide == pytest.approx(1.5 * (one.metrics[name].high - one.metrics[name].low), rel=0.06), name
        assert five.metrics[name].value == one.metrics[name].value
    gain, wider = one.gains["rate"]["log_loss"], five.gains["rate"]["log_loss"]
    assert wider.high - wider.low == pytest.approx(1.5 * (gain.high - gain.low))
    y, p = firm(np.random.default_rng(6), 150, 850, 0.7)
    assert evaluate(y, p, resamples=50, folds=5) == evaluate(y, p, resamples=50)
