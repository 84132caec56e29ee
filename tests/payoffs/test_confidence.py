"""Intervals against their closed forms, and intervals that have no end."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats

from salesml.payoffs.confidence import Test as Asked
from salesml.payoffs.confidence import estimate
from salesml.payoffs.contrast import Contrast, Floats


def _of(y: float, x: float, yy: float, xy: float, xx: float) -> Contrast:
    made: list[Floats] = [np.asarray(each, dtype=np.float64) for each in (y, x, yy, xy, xx)]
    return Contrast(*made)


def test_without_lots_it_is_students_interval() -> None:
    found = estimate(Asked(_of(0.05, 1.0, 0.0004, 0.0, 0.0), None, 19))
    reach = float(stats.t.ppf(0.975, 19)) * 0.02
    assert (found.low, found.high) == (pytest.approx(0.05 - reach), pytest.approx(0.05 + reach))
    assert found.p_value == pytest.approx(2 * stats.t.sf(2.5, 19))
    assert found.clear


def test_of_a_ratio_it_is_fiellers_interval() -> None:
    y, x, yy, xy, xx = 0.06, 0.4, 0.0004, 0.0001, 0.002
    found = estimate(Asked(_of(y, x, yy, xy, xx), None, 30))
    t2 = float(stats.t.ppf(0.975, 30)) ** 2
    a, b, c = x * x - t2 * xx, -2 * (x * y - t2 * xy), y * y - t2 * yy
    root = math.sqrt(b * b - 4 * a * c)
    assert found.value == pytest.approx(0.15)
    assert (found.low, found.high) == (
        pytest.approx((-b - root) / (2 * a)),
        pytest.approx((-b + root) / (2 * a)),
    )


def test_where_listing_changes_nothing_the_interval_has_no_end() -> None:
    found = estimate(Asked(_of(0.06, 0.02, 0.0004, 0.0, 0.002), None, 30))
    assert not found.bounded
    assert not found.clear
    assert (found.low, found.high) == (-math.inf, math.inf)


def test_without_degrees_of_freedom_nothing_is_known() -> None:
    assert not estimate(Asked(_of(0.5, 1.0, 1e-6, 0.0, 0.0), None, 0)).bounded


def test_draws_decide_where_there_are_any() -> None:
    """Draws with a spread of 1 in standard errors make the interval that of the normal distribution."""
    rng = np.random.default_rng(0)
    size = 20_000
    draws = Contrast(
        0.02 * rng.normal(size=size),
        np.zeros(size),
        np.full(size, 0.0004),
        np.zeros(size),
        np.full(size, 1e-9),
    )
    found = estimate(Asked(_of(0.05, 1.0, 0.0004, 0.0, 0.0), draws, 0))
    assert found.low == pytest.approx(0.05 - 1.96 * 0.02, abs=0.002)
    assert found.high == pytest.approx(0.05 + 1.96 * 0.02, abs=0.002)


def test_a_p_value_is_never_zero() -> None:
    draws = Contrast(*(np.zeros(99), np.zeros(99), np.ones(99), np.zeros(99), np.ones(99)))
    assert Asked(_of(5.0, 1.0, 0.01, 0.0, 0.0), draws, 0).p(0.0) == pytest.approx(1 / 100)
