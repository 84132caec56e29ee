"""Market conditions of the simulated company: the planted delay and size are found, chance is not."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from salesml.crm.sample import laws
from salesml.scorecard.checks.conditions import _against, conditions
from tests.scorecard.simulated import simulated


@pytest.fixture(scope="module")
def found(tmp_path_factory) -> list[tuple[pd.Series, float]]:
    """What is said of three companies, and how far the index moves in units of the market."""
    rows = []
    for seed in (4, 5, 7):
        with simulated(tmp_path_factory.mktemp("company"), size=4000, seed=seed) as (con, _):
            spread = con.execute("SELECT stddev(a_orders_index) / 5 FROM market").fetchone()
            rows.append((conditions(con).iloc[0], float(spread[0])))
    return rows


def test_the_planted_delay_and_size_are_found(found):
    """One of the companies has too little to tell by: it says so instead of naming another delay."""
    told = [(row, spread) for row, spread in found if row["verdict"] == "goes with"]
    assert told
    for row, spread in told:
        assert row["delay"] == 4
        assert row["low"] < laws.WIN_MARKET * spread < row["high"]
        assert "4 months before goes with" in row["words"]
    assert all("by more than luck" in row["words"] for row, _ in found if row["verdict"] == "luck")


def test_an_indicator_of_nothing_goes_with_nothing():
    months = pd.date_range("2022-01-01", periods=36, freq="MS")
    chances = []
    for seed in range(200):
        luck = np.random.default_rng(seed)
        rate, indicator = pd.Series(luck.normal(0, 0.1, 36), months), pd.Series(luck.normal(0, 1, 36), months)
        chances.append(_against(rate, indicator, 0)["chance"])
    assert 0.01 <= np.mean(np.array(chances) < 0.05) <= 0.085


def test_two_years_are_needed():
    months = pd.date_range("2022-01-01", periods=20, freq="MS")
    series = pd.Series(np.arange(20.0), months)
    assert np.isnan(_against(series, series**2, 0)["chance"])


def test_of_an_indicator_that_is_a_line_nothing_is_said():
    months = pd.date_range("2022-01-01", periods=36, freq="MS")
    rate = pd.Series(np.random.default_rng(3).normal(size=36), months)
    found = _against(rate, pd.Series(np.arange(36.0), months), 0)
    assert np.isnan(found["chance"])
    assert found["months"] == 36
