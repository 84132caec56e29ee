"""Weights bite wherever rows count: a weight of two is a row that stands there twice, none a row that
is not there."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

from salesml.errors import DataError
from salesml.model import Calibration, Evaluation, PropensityClassifier, contribution_shares, evaluate
from salesml.model.baselines import Baselines, fit_baselines
from salesml.model.bundle import band_cutoffs
from tests.model.tables import customers

ROWS = 600
X, Y = customers(ROWS)
TIMES = np.random.default_rng(1).integers(0, 4, ROWS)
REPEATED = np.repeat(np.arange(ROWS), TIMES)
P = np.clip(0.3 + 0.3 * (Y - 0.5) + np.random.default_rng(2).normal(size=ROWS) * 0.2, 0.01, 0.99)
VALUE = np.random.default_rng(3).lognormal(3, 1, ROWS)


def evaluations(**more: Callable[[np.ndarray], np.ndarray]) -> tuple[Evaluation, Evaluation]:
    """The same rows by weights and repeated; an account's copies stay together."""
    beside = {name: make(np.arange(ROWS)) for name, make in more.items()}
    copies = {name: make(REPEATED) for name, make in more.items()}
    rate = np.full(ROWS, 0.3)
    weighted = evaluate(
        Y, P, groups=np.arange(ROWS), weight=TIMES, baselines={"rate": rate}, resamples=60, **beside
    )
    repeated = evaluate(
        Y[REPEATED],
        P[REPEATED],
        groups=REPEATED,
        baselines={"rate": rate[REPEATED]},
        resamples=60,
        **copies,
    )
    return weighted, repeated


def test_every_figure_of_an_evaluation() -> None:
    weighted, repeated = evaluations()
    assert weighted.rows == int((TIMES > 0).sum())
    assert weighted.accounts == repeated.accounts
    assert weighted.weighted
    assert not repeated.weighted
    assert weighted.observed == pytest.approx(repeated.observed)
    assert weighted.mean_p == pytest.approx(repeated.mean_p)
    for name, figure in repeated.metrics.items():
        same = 0.02 if name == "calibration_error" else 1e-9
        assert weighted.metrics[name].value == pytest.approx(figure.value, abs=same), name
        if name != "calibration_error":
            assert weighted.metrics[name].low == pytest.approx(figure.low, abs=1e-6), name
            assert weighted.metrics[name].high == pytest.approx(figure.high, abs=1e-6), name
    assert weighted.gains["rate"]["log_loss"].value == pytest.approx(repeated.gains["rate"]["log_loss"].value)
    np.testing.assert_allclose(weighted.curve, repeated.curve, atol=0.005)
    assert "Rows count by their weights." in weighted.text()
    assert "weights" not in repeated.text()


def test_the_figures_in_money() -> None:
    weighted, repeated = evaluations(value=lambda rows: VALUE[rows])
    for name in ("value_ratio", "value_auc", "value_gain_10", "value_share_A", "value_share_D"):
        assert weighted.metrics[name].value == pytest.approx(repeated.metrics[name].value), name


def test_a_row_of_weight_zero_is_not_there() -> None:
    weight = (TIMES > 0).astype(float)
    used = weight > 0
    kept = evaluate(Y, P, weight=weight, value=VALUE, resamples=50)
    assert kept == evaluate(Y[used], P[used], value=VALUE[used], resamples=50)


def test_reliability_knows_how_few_rows_carry_the_weight() -> None:
    even = evaluate(Y, P, resamples=10).reliability
    heavy = np.where(np.arange(ROWS) % 20 == 0, 100.0, 0.01)
    uneven = evaluate(Y, P, weight=heavy, resamples=10).reliability
    assert np.mean([line.high - line.low for line in uneven]) > 1.5 * np.mean(
        [line.high - line.low for line in even]
    )


def test_calibration() -> None:
    raw = np.log(P / (1 - P))
    weighted = Calibration.fit(raw, Y, TIMES.astype(float) * (len(REPEATED) / TIMES.sum()))
    repeated = Calibration.fit(raw[REPEATED], Y[REPEATED])
    assert weighted.a == pytest.approx(repeated.a, abs=0.05)
    assert weighted.b == pytest.approx(repeated.b, abs=0.05)
    assert abs(weighted.b - Calibration.fit(raw, Y).b) > 1e-3


def predictions(fitted: Baselines) -> pd.DataFrame:
    return pd.DataFrame(fitted.predict(X))


def test_baselines() -> None:
    plain = ["orders (90 days)", "size"]
    weighted = predictions(fit_baselines(X, Y, weight=TIMES.astype(float), plain=plain))
    there = TIMES > 0
    dropped = predictions(fit_baselines(X[there], Y[there], weight=TIMES[there].astype(float), plain=plain))
    pd.testing.assert_frame_equal(weighted, dropped)
    repeated = predictions(fit_baselines(X.iloc[REPEATED], Y[REPEATED], plain=plain))
    assert weighted["base rate"].iloc[0] == pytest.approx(Y[REPEATED].mean())
    np.testing.assert_allclose(weighted["logistic regression"], repeated["logistic regression"], atol=0.01)
    unweighted = predictions(fit_baselines(X, Y, plain=plain))
    for name in weighted:
        assert np.abs(weighted[name] - unweighted[name]).max() > 1e-3, name


def test_baselines_refuse_what_is_no_weight() -> None:
    with pytest.raises(DataError) as caught:
        fit_baselines(X, Y, weight=np.r_[-1.0, np.ones(ROWS - 1)])
    assert "sample_weight is negative in 1 rows" in str(caught.value)


def test_the_classifier_follows_the_heavy_rows() -> None:
    rng = np.random.default_rng(0)
    table = pd.DataFrame({"x": rng.normal(size=ROWS)})
    first = np.arange(ROWS) < ROWS // 2
    y = (rng.random(ROWS) < np.where((table["x"] > 0) == first, 0.8, 0.2)).astype(int)
    at = pd.DataFrame({"x": [2.0, -2.0]})
    heavy = PropensityClassifier().fit(table, y, sample_weight=np.where(first, 20.0, 1.0))
    light = PropensityClassifier().fit(table, y, sample_weight=np.where(first, 1.0, 20.0))
    up, down = heavy.predict_proba(at)[:, 1]
    assert up > 0.6 > 0.4 > down
    up, down = light.predict_proba(at)[:, 1]
    assert up < 0.4 < 0.6 < down
    assert heavy.evaluation_.weighted
    assert (
        heavy.evaluation_.baselines["base rate"]["log_loss"].value
        > heavy.evaluation_.metrics["log_loss"].value
    )


def test_early_stopping_watches_the_heavy_rows() -> None:
    table, y = customers(800)
    noise = np.where(np.arange(800) < 400, y, np.random.default_rng(0).permutation(y))
    signal = np.where(np.arange(800) < 400, 50.0, 1.0)
    trees = PropensityClassifier().fit(table, noise, sample_weight=signal).n_trees_
    assert trees > PropensityClassifier().fit(table, noise, sample_weight=1 / signal).n_trees_


def test_shares_and_cutoffs() -> None:
    contributions = np.array([[1.0, 0.0, 9.0], [0.0, 3.0, 9.0]])
    assert contribution_shares(contributions, ["a", "b"], np.array([1.0, 0.0])) == {"a": 1.0, "b": 0.0}
    raw = np.arange(100.0)
    assert band_cutoffs(raw, {"A": 0.1}) == {"A": 90.0}
    assert band_cutoffs(raw, {"A": 0.1}, np.where(raw >= 90, 0.1, 1.0))["A"] < 90
    assert band_cutoffs(raw, {"A": 0.5}, np.full(100, 7.0)) == band_cutoffs(raw, {"A": 0.5})


@pytest.mark.parametrize(
    ("weight", "words"),
    [
        (["heavy"] * ROWS, "sample_weight holds other things than numbers"),
        (np.r_[np.inf, np.ones(ROWS - 1)], "missing or infinite"),
        (np.ones((ROWS, 2)), f"shape ({ROWS}, 2) for {ROWS} rows"),
    ],
)
def test_weights_that_cannot_be(weight: object, words: str) -> None:
    with pytest.raises(DataError) as caught:
        evaluate(Y, P, weight=weight, resamples=10)  # type: ignore[arg-type]
    assert words in str(caught.value)
