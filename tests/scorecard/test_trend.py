"""A change on the year before: its interval, and how seldom mere chance is called one."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from salesml.scorecard.trend import Z, changed, with_trend


def two_years(now: np.ndarray, before: np.ndarray, error: float, complete: bool = True) -> pd.DataFrame:
    """A company's figures of 2023 and 2024, a metric for each pair."""
    rows = []
    for year, values in ((2023, before), (2024, now)):
        for number, value in enumerate(values):
            rows.append((f"m{number}", "year", pd.Timestamp(year, 1, 1), "company", "company", value, year))
    table = pd.DataFrame(rows, columns=["metric", "kind", "start", "level", "id", "value", "year"])
    table["low"], table["high"] = table["value"] - Z * error, table["value"] + Z * error
    table["lasting"] = 1.0
    table["complete"] = complete | (table.pop("year") < 2024)
    return table


@pytest.mark.parametrize("together", [0.0, 0.6, -0.5])
def test_intervals_of_changes(together: float) -> None:
    luck = np.random.default_rng(1)
    one, other = luck.standard_normal((2, 4000))
    now = together * one + np.sqrt(1 - together**2) * other
    pairs = {(f"m{number}", "company", "year"): together for number in range(4000)}
    found = with_trend(two_years(3 + now, 1 + one, 1.0), pairs).dropna(subset="trend")
    assert len(found) == 4000
    assert np.mean((found["trend_low"] <= 2) & (found["trend_high"] >= 2)) == pytest.approx(0.9, abs=0.02)


def test_what_goes_together_in_the_company_is_not_assumed_of_a_rep() -> None:
    table = two_years(np.array([2.0]), np.array([1.0]), 1.0).assign(level="rep")
    wide = with_trend(table, {("m0", "company", "year"): 0.9, ("m0", "rep", "year"): 0.5})
    assert (wide["trend_high"] - wide["trend"]).max() == pytest.approx(Z)


def test_chance_that_does_not_last_goes_together_with_nothing() -> None:
    table = two_years(np.array([2.0]), np.array([1.0]), 1.0).assign(lasting=0.0)
    wide = with_trend(table, {("m0", "company", "year"): 0.9})
    assert (wide["trend_high"] - wide["trend"]).max() == pytest.approx(Z * np.sqrt(2))


def test_no_change_is_called_one_in_at_most_a_twentieth_of_companies() -> None:
    luck = np.random.default_rng(2)
    companies = [
        two_years(*luck.standard_normal((2, 20)), 1.0).assign(kind=f"company {number}")
        for number in range(300)
    ]
    table = with_trend(pd.concat(companies, ignore_index=True), {})
    called = pd.Series(changed(table, table["value"].notna()) != 0).groupby(table["kind"]).any()
    assert 0.01 <= called.mean() <= 0.08


def test_changes_among_many_that_are_none() -> None:
    now, before = np.zeros(50), np.zeros(50)
    now[:3] = (9, -9, 2.4)
    table = with_trend(two_years(now, before, 1.0), {})
    said = dict(zip(table["metric"], changed(table, table["value"].notna()), strict=True))
    assert (said["m0"], said["m1"]) == (1, -1)
    assert said["m2"] == 0


def test_a_year_that_is_not_over_is_not_compared() -> None:
    table = with_trend(two_years(np.array([1.0]), np.array([9.0]), 0.1, complete=False), {})
    assert table["trend"].isna().all()
