"""Even and uneven paces, seasons taken out, gaps and attainment, by hand."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import duckdb
import numpy as np
import pandas as pd
import pytest

from salesml.scorecard.checks.steadiness import steadiness
from salesml.scorecard.periods import months_later, periods

FIRST, UNTIL = dt.date(2022, 1, 1), dt.date(2025, 1, 1)
TABLES = frozenset({"accounts", "targets", "prospects.amount", "prospects.won_at"})


def told(pace: Callable[[int], int], have: frozenset[str] = TABLES) -> pd.Series:
    """The row of one rep who wins ``pace(month)`` accounts of 100 each, with a target of 900 a quarter."""
    con = duckdb.connect()
    wins = [
        (f"p{month}-{number}", "r", months_later(FIRST, month) + dt.timedelta(days=number % 28))
        for month in range(36)
        for number in range(pace(month))
    ]
    con.register("rows", pd.DataFrame(wins, columns=["prospect", "rep", "day"]))
    con.execute(
        "CREATE TABLE wins AS SELECT prospect, rep, day::DATE AS day, "
        "date_trunc('month', day)::DATE AS month, 100.0 AS amount FROM rows"
    )
    con.execute("CREATE TABLE work (rep TEXT, month DATE)")
    con.execute("INSERT INTO work VALUES ('r', ?), ('r', ?)", [FIRST, months_later(FIRST, 35)])
    con.execute("CREATE TABLE teams (rep TEXT, start DATE, team TEXT)")
    con.execute('CREATE TABLE periods (kind TEXT, start DATE, "end" DATE, complete BOOLEAN)')
    con.executemany(
        "INSERT INTO periods VALUES (?, ?, ?, ?)",
        [[each.kind, each.start, each.end, each.complete] for each in periods(FIRST, UNTIL)],
    )
    con.execute("CREATE TABLE targets (rep TEXT, period DATE, amount DOUBLE)")
    con.executemany(
        "INSERT INTO targets VALUES ('r', ?, 900)", [[months_later(FIRST, 3 * place)] for place in range(12)]
    )
    table = steadiness(con, have)
    return table[table["level"] == "rep"].iloc[0]


def test_an_even_pace_is_told_as_even():
    counts = np.random.default_rng(3).poisson(4, 36)
    row = told(lambda month: int(counts[month]))
    assert row["verdict"] == "even"
    assert row["dispersion_low"] < 1 < row["dispersion_high"]
    assert "no more than an even pace would give" in row["words"]


def test_feast_and_famine_is_told_as_uneven():
    row = told(lambda month: 12 if month % 5 == 0 else 1)
    assert row["verdict"] == "uneven"
    assert row["dispersion_low"] > 1


def test_a_summer_lull_of_every_year_is_season():
    row = told(lambda month: 30 if month % 12 in (6, 7) else 60)
    assert row["verdict"] == "even"


def test_the_same_lull_at_another_time_of_each_year_is_uneven():
    assert told(lambda month: 30 if month in (2, 3, 18, 19, 31, 32) else 60)["verdict"] == "uneven"


def test_a_pace_that_grows_evenly_is_even():
    assert told(lambda month: 1 + month // 3)["verdict"] == "even"


def test_gaps_and_months_of_nothing():
    row = told(lambda month: 0 if month in (10, 11, 12) else 1)
    assert row["months_without"] == 3
    assert row["longest_gap_days"] == (months_later(FIRST, 13) - months_later(FIRST, 9)).days


def test_attainment_is_a_geometric_mean_and_quarters_of_nothing_stand_apart():
    """Quarters of 300 (a third) and 2,700 (three times) in turn: 1 on average; one quarter of nothing."""
    row = told(lambda month: 0 if month < 3 else (1 if month // 3 % 2 == 0 else 9))
    assert row["quarters_without"] == 1
    ratios = [1 / 3] * 5 + [3.0] * 6
    assert row["attainment"] == pytest.approx(np.exp(np.log(ratios).mean()))


def test_without_targets_there_is_no_attainment():
    assert np.isnan(told(lambda month: 2, TABLES - {"targets"})["attainment"])


def test_few_wins_say_nothing():
    row = told(lambda month: int(month % 6 == 0))
    assert row["verdict"] == "too few"
    assert "too few to tell" in row["words"]
