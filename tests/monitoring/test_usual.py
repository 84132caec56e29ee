"""What is usual, and what the year's false alarms leave for each test."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import t as student

from salesml.monitoring.family import A_YEAR, LOOKS, SHARES, holm, of_a_look
from salesml.monitoring.usual import usual_of


def test_the_prediction_interval_is_that_of_student() -> None:
    values = np.array([1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0])
    usual = usual_of(values)
    assert usual is not None
    half = student.ppf(0.975, 8) * values.std(ddof=1) * np.sqrt(1 + 1 / 9)
    assert usual.interval == pytest.approx((5 - half, 5 + half))
    assert usual.p_above(5.0) == pytest.approx(0.5)
    assert usual.p_away(usual.interval[1]) == pytest.approx(0.05)
    assert usual.p_above(usual.above(1e-4)) == pytest.approx(1e-4)


def test_too_short_a_past_tells_nothing() -> None:
    assert usual_of(np.arange(7.0)) is None
    assert usual_of([1.0] * 7 + [float("nan")]) is None


def test_a_past_without_movement_is_no_promise() -> None:
    usual = usual_of([0.2] * 12, least_sd=0.05)
    assert usual is not None
    assert usual.p_above(0.25) > 0.15


def test_new_values_of_the_same_kind_fall_beyond_the_limit_as_often_as_it_says() -> None:
    rng = np.random.default_rng(3)
    beyond = 0
    for _ in range(2000):
        usual = usual_of(rng.normal(size=12))
        assert usual is not None
        beyond += usual.p_above(float(rng.normal())) <= 0.05
    assert 0.035 <= beyond / 2000 <= 0.065


def test_the_year_is_dealt_out_whole() -> None:
    assert sum(SHARES.values()) == pytest.approx(1.0)
    for looks in LOOKS.values():
        assert sum(of_a_look(check, looks) * looks for check in SHARES) == pytest.approx(A_YEAR)


def test_holm_steps_down_and_stops() -> None:
    assert holm([0.012, 0.02, None, 0.9], 0.05) == [True, True, False, False]
    assert holm([0.02, 0.026, 0.9], 0.05) == [False, False, False]
    assert holm([], 0.05) == []
