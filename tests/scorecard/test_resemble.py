"""Fit of wins and hours as it was said before, and whether the loop closes, by hand."""

from __future__ import annotations

import datetime as dt

import duckdb
import pandas as pd
import pytest

from salesml.scorecard.cells import cells_of, sums_of
from salesml.scorecard.checks.resemble import METRICS, OF_HOURS, OF_WINS, fit_classes, fit_loop
from salesml.scorecard.estimate import estimate
from salesml.scorecard.periods import periods

FIRST, UNTIL = dt.date(2023, 1, 1), dt.date(2025, 1, 1)


def company(stay: tuple[float, float], pay: tuple[float, float], each: int = 60) -> duckdb.DuckDBPyConnection:
    """Accounts of band A and of band D, so many of each, all won on 15 June 2023 after a score of the 1st.

    A score of July says the opposite, which nobody knew then.
    """
    con = duckdb.connect()
    con.execute('CREATE TABLE periods (kind TEXT, start DATE, "end" DATE, complete BOOLEAN)')
    con.executemany(
        "INSERT INTO periods VALUES (?, ?, ?, ?)",
        [[each_.kind, each_.start, each_.end, each_.complete] for each_ in periods(FIRST, UNTIL)],
    )
    people = pd.DataFrame(
        {
            "id": [f"{band}{number}" for band in "AD" for number in range(each)],
            "band": [band for band in "AD" for _ in range(each)],
            "place": [*range(each), *range(each)],
        }
    )
    con.register("people", people)
    con.execute("CREATE TABLE teams (rep TEXT, start DATE, team TEXT)")
    con.execute(
        "CREATE TABLE scored AS SELECT 'fit' AS task, id AS entity, DATE '2023-06-01' AS as_of, "
        "CASE band WHEN 'A' THEN 0.6 ELSE 0.1 END AS probability, band FROM people UNION ALL "
        "SELECT 'fit', id, DATE '2023-07-01', CASE band WHEN 'A' THEN 0.1 ELSE 0.6 END, "
        "CASE band WHEN 'A' THEN 'D' ELSE 'A' END FROM people"
    )
    con.execute(
        "CREATE TABLE wins AS SELECT id AS prospect, id AS account, 'r' AS rep, DATE '2023-06-15' AS day, "
        "DATE '2023-06-01' AS month, 100.0 AS amount FROM people"
    )
    con.execute(
        "CREATE TABLE prospects AS SELECT id, DATE '2023-06-15' AS won_at, NULL::DATE AS lost_at FROM people "
        "UNION ALL SELECT 'open', NULL, NULL"
    )
    con.execute("INSERT INTO scored VALUES ('fit', 'open', DATE '2023-06-01', 0.3, 'B')")
    con.execute(
        "CREATE TABLE work AS SELECT 'r' AS rep, DATE '2023-06-10' AS day, DATE '2023-06-01' AS month, "
        "id AS prospect, CASE band WHEN 'A' THEN 1.0 ELSE 3.0 END AS hours FROM people"
    )
    leaves = f"place >= {each} * CASE band WHEN 'A' THEN {stay[0]} ELSE {stay[1]} END"
    con.execute(
        "CREATE TABLE spells AS SELECT id AS account, DATE '2023-06-15' AS start, "
        f"CASE WHEN {leaves} THEN DATE '2024-02-01' END AS \"end\" FROM people"
    )
    con.execute(
        "CREATE TABLE money AS SELECT id AS account, DATE '2023-09-01' AS month, "
        f"CASE band WHEN 'A' THEN {pay[0]} ELSE {pay[1]} END * (0.5 + place / {each}) AS margin FROM people"
    )
    return con


def figure(con: duckdb.DuckDBPyConnection, name: str) -> float:
    metric = next(each for each in METRICS if each.name == name)
    cells = cells_of(con, metric.base, [metric])
    here = cells[(cells["kind"] == "all") & (cells["level"] == "company")]
    return float(estimate(metric.kind, sums_of(here)).value[0])


def test_wins_and_hours_count_with_what_was_said_before():
    con = company((0.9, 0.9), (100, 100))
    assert figure(con, "fit_of_wins") == pytest.approx(0.35)
    assert figure(con, "wins_of_high_fit") == pytest.approx(0.5)
    assert figure(con, "fit_of_hours") == pytest.approx((0.6 + 3 * 0.1) / 4)
    assert figure(con, "hours_of_high_fit") == pytest.approx(0.25)


def test_nothing_of_check_two_is_computed_without_scores():
    assert "scores.fit" in OF_WINS.needs
    assert "scores.fit" in OF_HOURS.needs


def test_classes_share_out_pipeline_wins_and_hours():
    table = fit_classes(company((0.9, 0.9), (100, 100))).set_index("band")
    assert table.loc["B", "share_of_open"] == 1
    assert table.loc["A", "share_of_won"] == table.loc["D", "share_of_won"] == 0.5
    assert table.loc["D", "share_of_hours"] == pytest.approx(0.75)
    assert table.loc["B", "words"] == "Band B: 100% of open prospects, 0% of those won, 0% of the hours"


def test_where_no_win_came_after_a_score_it_is_said_what_to_do():
    con = company((0.9, 0.9), (100, 100))
    con.execute("DELETE FROM wins")
    words = fit_classes(con).set_index("band").loc["B", "words"]
    assert words.startswith(
        "Band B: 100% of open prospects, 0% of the hours; no win came after a score: keep"
    )


def test_a_loop_that_closes_is_told():
    row = fit_loop(company((0.95, 0.5), (300, 100)), "GBP").set_index("band").loc["high"]
    assert row["kept"] == pytest.approx(0.95)
    assert row["verdict"] == "better"
    assert "stay more than" in row["words"]
    assert "pay more than" in row["words"]


def test_fit_that_tells_nothing_is_told():
    row = fit_loop(company((0.8, 0.8), (100, 100)), "GBP").set_index("band").loc["high"]
    assert row["verdict"] == "same"
    assert "stay no differently from" in row["words"]


def test_fit_that_is_wrong_is_told():
    assert (
        fit_loop(company((0.5, 0.95), (100, 100)), "GBP").set_index("band").loc["high", "verdict"] == "worse"
    )


def test_few_accounts_say_nothing():
    table = fit_loop(company((0.9, 0.1), (300, 100), each=5), "GBP").set_index("band")
    assert table.loc["high", "verdict"] == "too few"
    assert "too few" in table.loc["high", "words"]
