"""The forecast of new accounts: exact where the past repeats itself, honest about its error elsewhere."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import duckdb
import pandas as pd
import pytest

from salesml.scorecard.checks import ahead
from salesml.scorecard.periods import months_later, periods
from salesml.scorecard.scored import add_scores
from tests.scorecard.simulated import simulated

FIRST, UNTIL = dt.date(2022, 1, 1), dt.date(2024, 7, 1)


def company(until_created: dt.date = UNTIL) -> duckdb.DuckDBPyConnection:
    """100 prospects on each tenth; 20 of them are won 45 days later, the others lost after 200."""
    con = duckdb.connect()
    rows, day = [], months_later(FIRST, -12) + dt.timedelta(days=9)
    while day < until_created:
        for number in range(100):
            won = day + dt.timedelta(days=45) if number < 20 else None
            lost = None if number < 20 else day + dt.timedelta(days=200)
            past = [each if each and each < UNTIL else None for each in (won, lost)]
            rows.append((f"{day}-{number}", "r", day, *past))
        day = months_later(day, 1) + dt.timedelta(days=9)
    con.execute("CREATE TABLE prospects (id TEXT, rep TEXT, created_at DATE, won_at DATE, lost_at DATE)")
    con.register("rows", pd.DataFrame(rows, columns=["id", "rep", "created_at", "won_at", "lost_at"]))
    con.execute("INSERT INTO prospects SELECT * FROM rows")
    won = "SELECT id AS prospect, rep, won_at AS day FROM prospects WHERE won_at IS NOT NULL"
    con.execute(f"CREATE TABLE wins AS {won}")
    con.execute("CREATE TABLE teams AS SELECT 'r' AS rep, DATE '0001-01-01' AS start, 'one' AS team")
    con.execute('CREATE TABLE periods (kind TEXT, start DATE, "end" DATE, complete BOOLEAN)')
    con.executemany(
        "INSERT INTO periods VALUES (?, ?, ?, ?)",
        [[each.kind, each.start, each.end, each.complete] for each in periods(FIRST, UNTIL)],
    )
    add_scores(con, [])
    return con


def test_what_repeats_itself_is_foretold():
    """Open on the first: the month before brings 20; two cohorts to come bring 40."""
    table = ahead.ahead(company()).set_index(["level", "id"])
    row = table.loc[("company", "company")]
    assert row["expected_open"] == pytest.approx(20)
    assert row["expected_new"] == pytest.approx(40)
    assert row["needed"] == pytest.approx(240 * 90 / 365, rel=0.02)
    assert row["verdict"] == "unclear"
    assert table.loc[("rep", "r"), "expected"] == table.loc[("team", "one"), "expected"] == row["expected"]


def test_an_empty_pipeline_is_a_hole_ahead():
    row = ahead.ahead(company(until_created=dt.date(2024, 6, 1))).iloc[0]
    assert row["expected_open"] == pytest.approx(0)
    assert row["verdict"] == "hole"
    assert "a hole is ahead" in row["words"]


def test_scores_stand_in_the_place_of_the_rate_by_age():
    con = company()
    rows = "SELECT 'conversion', id, DATE '2024-07-01', rep, 0.5, 'A', 1, 1, 1, 1, 1 FROM prospects"
    con.execute(f"INSERT INTO facts.scored {rows}")
    row = ahead.ahead(con).iloc[0]
    assert row["expected_open"] == pytest.approx(0.5 * row["open"])


def test_less_than_a_year_gives_no_forecast():
    con = company()
    con.execute("DELETE FROM periods WHERE start < DATE '2023-10-01'")
    assert len(ahead.ahead(con)) == 0


def test_intervals_hold_what_came(tmp_path: Path):
    """Forecasts of each rep from the middle of the time, against what came: 90 % of them, give or take."""
    held = total = 0
    with simulated(tmp_path, seed=21) as (con, _):
        seen = con.execute(ahead.ORIGINS.format(days=ahead.DAYS, band=ahead.band())).df()
        teams = dict(con.execute("SELECT rep, team FROM teams").fetchall())
        origins = [
            each for each in sorted(seen["origin"].unique()) if seen[seen["origin"] == each]["ripe"].all()
        ]
        past = [
            (forecast, ahead.came(seen, each)) for each in origins if (forecast := ahead.forecast(seen, each))
        ]
        for place in range(len(past) // 2, len(past), 3):
            forecast, came = past[place]
            spread = ahead.spread("rep", past[: place - 2], teams)
            due = forecast.table["expected_open"] + forecast.table["expected_new"]
            for rep, count in came["came"].items():
                low, high = ahead.interval(float(due.get(rep, 0.0)), spread)
                held += low <= count <= high
                total += 1
    assert total >= 60
    assert 0.84 <= held / total <= 0.98
