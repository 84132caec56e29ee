"""Pooling over dates, and tests of change that keep their level though horizons overlap."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import numpy as np
import pytest

from salesml.lifecycle.backtest.plan import Turn
from salesml.lifecycle.backtest.pooled import change, pool, season, trend
from salesml.lifecycle.backtest.replay import Played
from salesml.model import evaluate
from tests.lifecycle.backtest.made import played, series


def test_pooled_figures_are_means_over_the_dates() -> None:
    dates = series([0.8] * 4)
    pooled = pool(dates, reach_days=30, resamples=50)
    assert pooled is not None
    for name in ("auc", "log_loss", "lift_10", "drift"):
        mean = np.mean([each.evaluation.metrics[name].value for each in dates if each.evaluation])
        assert pooled.metrics[name].value == pytest.approx(mean)
    assert pooled.dates == 4
    assert pooled.rows == sum(len(each.p) for each in dates)
    assert pooled.accounts == 300
    assert pooled.gains["base rate"]["auc"].value == pytest.approx(pooled.metrics["auc"].value - 0.5)


def test_one_date_pooled_is_the_date() -> None:
    (one,) = series([0.8])
    pooled = pool([one], reach_days=30)
    assert pooled is not None
    assert one.evaluation is not None
    alone = evaluate(one.rows.y, one.p, groups=one.rows.entity)
    for name in ("auc", "log_loss", "calibration_slope"):
        assert pooled.metrics[name].value == pytest.approx(alone.metrics[name].value)
    # The AUC of few outcomes at one date is computed, over several it is resampled.
    for name in ("log_loss", "calibration_slope"):
        assert pooled.metrics[name].low == pytest.approx(alone.metrics[name].low)
    assert pooled.trends == {}


def test_nothing_tested_is_nothing_pooled() -> None:
    day = dt.date(2025, 1, 1)
    assert pool([played(Turn(day, (day,), False), 0.8, 1)], reach_days=30) is None


def test_a_fall_is_seen() -> None:
    pooled = pool(series([0.95, 0.92, 0.86, 0.83, 0.77, 0.73, 0.68, 0.62]), reach_days=30, resamples=100)
    assert pooled is not None
    auc = pooled.trends["auc"].change
    assert auc.high < 0
    assert auc.value == pytest.approx(-0.33, abs=0.1)


def overlapping(rng: np.random.Generator, dates: int, shared: int) -> np.ndarray:
    """Noise of dates whose horizons each cover the time of the next ``shared`` dates."""
    noise = rng.normal(size=dates + shared - 1)
    return np.convolve(noise, np.ones(shared) / shared, "valid")


@pytest.mark.parametrize(("dates", "shared"), [(4, 1), (12, 1), (7, 3), (12, 3), (24, 3)])
def test_no_change_is_called_one_rarely(dates: int, shared: int) -> None:
    """Three tests at a time at 5 % together: at most a thirtieth of each may be wrong."""
    rng = np.random.default_rng(0)
    days = 30.0 * np.arange(dates)
    wrong = 0
    for _ in range(2000):
        found = trend(days, overlapping(rng, dates, shared), sampled=0.0, reach_days=30 * shared, tests=3)
        wrong += found.change.low > 0 or found.change.high < 0
    assert wrong / 2000 < 1 / 30


def test_a_change_is_measured_from_the_first_date_to_the_last() -> None:
    days = np.array([0.0, 10.0, 30.0])
    assert change(days, 2 + days / 10) == pytest.approx(3.0)
    assert change(days, np.array([2 + days / 10, 5 - days / 30])) == pytest.approx([3.0, -1.0])


def test_the_accounts_widen_the_interval_of_dates_on_a_line() -> None:
    days, values = 30.0 * np.arange(6), np.linspace(0.8, 0.75, 6)
    exact = trend(days, values, sampled=0.0, reach_days=30)
    assert exact.change.high < 0
    assert trend(days, values, sampled=0.05, reach_days=30).change.high > 0
    assert trend(days, values, sampled=0.0, reach_days=90).overlap == pytest.approx(3.0)


def months(number: int) -> Sequence[dt.date]:
    return [dt.date(2020 + n // 12, n % 12 + 1, 1) for n in range(number)]


def test_a_season_needs_two_years() -> None:
    rng = np.random.default_rng(0)
    assert season(months(12), rng.normal(size=12)) is None
    assert season(months(20), rng.normal(size=20)) is None


def test_a_season_is_told_from_noise() -> None:
    rng = np.random.default_rng(0)
    noise = rng.normal(size=36)
    calm, strong = season(months(36), noise), season(months(36), noise + 5 * np.tile(np.arange(12) == 11, 3))
    assert calm is not None
    assert strong is not None
    assert strong < 0.01 < 0.05 < calm
    chances = [season(months(36), rng.normal(size=36)) for _ in range(300)]
    assert np.mean([chance < 0.05 for chance in chances if chance is not None]) < 0.1


def test_rows_of_no_model_are_left_out() -> None:
    dates = series([0.8] * 4)
    nobody = Played(turn=dates[0].turn, status="no model", rows=dates[0].rows, rep=dates[0].rep)
    pooled, alone = (pool(each, reach_days=30, resamples=20) for each in ([*dates, nobody], dates))
    assert pooled == alone
