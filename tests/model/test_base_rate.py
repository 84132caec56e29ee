from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy.special import expit, logit

from salesml.errors import UsageError
from salesml.model import Calibration, PropensityClassifier
from salesml.model.base_rate import Sampling
from salesml.model.metrics import slope_and_intercept

RATE = 0.02


def population(rows: int, seed: int, strength: float) -> tuple[pd.DataFrame, np.ndarray]:
    """Rows of which about two in a hundred have the outcome."""
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame({f"x{place}": rng.normal(size=rows) for place in range(5)})
    frame["plan"] = rng.choice(["a", "b", "c"], rows)
    chance = strength * (frame["x0"] + 0.6 * frame["x1"] * (frame["x2"] > 0) + (frame["plan"] == "a"))
    middle = np.quantile(chance, 0.5)
    low, high = -15.0, 5.0
    for _ in range(50):
        at = (low + high) / 2
        low, high = (at, high) if expit(chance - middle + at).mean() < RATE else (low, at)
    y = rng.random(rows) < expit(chance - middle + at)
    return frame, y.to_numpy().astype(np.int8)


def half_and_half(y: np.ndarray, rows: np.ndarray) -> np.ndarray:
    positive, negative = rows[y[rows] == 1], rows[y[rows] == 0]
    return np.r_[positive, negative[: len(positive)]]


def figures(model: PropensityClassifier, X: pd.DataFrame, y: np.ndarray) -> tuple[float, float]:
    """Mean probability as a multiple of the observed rate, and calibration slope."""
    p = model.predict_proba(X)[:, 1]
    slope = slope_and_intercept(y, p, np.ones(len(y)), np.arange(len(y)))[0, 0]
    return float(p.mean() / y.mean()), float(slope)


@pytest.mark.parametrize(("strength", "seed"), [(1.0, 0), (1.5, 1), (2.0, 2)])
def test_trained_at_half_and_deployed_at_two_in_a_hundred(strength: float, seed: int) -> None:
    X, y = population(300_000, seed, strength)
    whole = np.arange(200_000)
    train = half_and_half(y, whole)
    model = PropensityClassifier(base_rate=float(y[whole].mean())).fit(X.iloc[train], y[train])
    ratio, slope = figures(model, X.iloc[200_000:], y[200_000:])
    assert 0.9 < ratio < 1.1
    assert 0.9 < slope < 1.1
    found = model.evaluation_
    assert found.observed == pytest.approx(y[whole].mean())
    assert found.mean_p == pytest.approx(found.observed, rel=0.1)
    assert abs(found.metrics["calibration_error"].value) < 0.01
    rate = found.baselines["base rate"]["log_loss"].value
    assert rate == pytest.approx(-(RATE * np.log(RATE) + (1 - RATE) * np.log(1 - RATE)), rel=0.1)


def test_real_visits_trained_at_half_and_deployed_at_fifteen_in_a_hundred(data: Path) -> None:
    table = pd.read_parquet(data / "email_test" / "email_test.parquet")
    y = table["visit"].to_numpy(np.int8)
    X = table.drop(columns=["visit", "conversion", "spend"])
    found = []
    for seed in range(4):
        order = np.random.default_rng(seed).permutation(len(y))
        whole, test = order[:32_000], order[32_000:]
        train = half_and_half(y, whole)
        model = PropensityClassifier(base_rate=float(y[whole].mean())).fit(X.iloc[train], y[train])
        found.append(figures(model, X.iloc[test], y[test]))
    ratios, slopes = np.array(found).T
    assert ratios == pytest.approx(1.0, abs=0.1)
    # One sample of so faint a signal has a slope of ±.05 by chance alone.
    assert 0.9 < slopes.mean() < 1.1


def test_the_rate_of_the_sample_changes_nothing() -> None:
    X, y = population(20_000, 0, 1.0)
    train = half_and_half(y, np.arange(20_000))
    plain = PropensityClassifier().fit(X.iloc[train], y[train])
    stated = PropensityClassifier(base_rate=0.5).fit(X.iloc[train], y[train])
    np.testing.assert_allclose(stated.predict_proba(X), plain.predict_proba(X))
    assert stated.evaluation_.metrics["log_loss"] == plain.evaluation_.metrics["log_loss"]


def test_only_the_base_value_moves() -> None:
    X, y = population(20_000, 0, 1.0)
    train = half_and_half(y, np.arange(20_000))
    plain = PropensityClassifier().fit(X.iloc[train], y[train])
    stated = PropensityClassifier(base_rate=RATE).fit(X.iloc[train], y[train])
    moved = stated.contributions(X[:50]) - plain.contributions(X[:50])
    np.testing.assert_allclose(moved[:, :-1], 0.0, atol=1e-12)
    np.testing.assert_allclose(moved[:, -1], logit(RATE) - logit(0.5))


def test_weights_make_the_sample_stand_for_the_whole() -> None:
    y = np.r_[np.ones(50), np.zeros(50)].astype(np.int8)
    sampling = Sampling.of(y, np.ones(100), 0.02)
    assert np.average(y, weights=sampling.weights(y)) == pytest.approx(0.02)
    assert sampling.weights(y).mean() == pytest.approx(1.0)
    assert sampling.corrected(Calibration()).probability(np.zeros(1))[0] == pytest.approx(0.02)
    assert "50.0% have the outcome, and 2.0% are stated" in sampling.text()


def test_weights_that_undo_the_sampling_leave_nothing_to_correct() -> None:
    y = np.r_[np.ones(50), np.zeros(50)].astype(np.int8)
    weight = np.where(y == 1, 0.04, 1.96)
    assert Sampling.of(y, weight, 0.02).offset == pytest.approx(0.0)


@pytest.mark.parametrize("rate", [0, 1, 1.0, -0.1, 2.0, True, "2%", np.nan])
def test_a_base_rate_that_cannot_be(rate: object) -> None:
    X, y = population(2_000, 0, 1.0)
    with pytest.raises(UsageError) as caught:
        PropensityClassifier(base_rate=rate).fit(X, y)  # type: ignore[arg-type]
    assert f"base_rate is {rate!r}" in str(caught.value)
    assert "above 0 and below 1, such as 0.02" in str(caught.value)


@pytest.mark.parametrize(
    ("stated", "words"), [(0.0002, "0.02% are stated"), (1e-9, "1e-07% are"), (0.9999, "99.99% are")]
)
def test_a_rate_next_to_zero_or_one_is_not_told_as_such(stated: float, words: str) -> None:
    assert words in Sampling(0.5, stated).text()
