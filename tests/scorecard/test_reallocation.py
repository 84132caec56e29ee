"""Hours below their best alternative, and what the same hours could bring, by hand."""

from __future__ import annotations

import datetime as dt

import duckdb
import numpy as np
import pandas as pd
import pytest

from salesml.scorecard.checks.reallocation import plan, reallocation

AS_OF = dt.date(2025, 1, 1)


def test_the_plan_fills_the_highest_value_first():
    planned, last = plan(np.array([10.0, 50.0, 30.0]), np.array([4.0, 2.0, 3.0]), 4.0)
    assert planned.tolist() == [0.0, 2.0, 2.0]
    assert last == 30.0


def test_the_plan_spends_what_there_is_and_no_more():
    planned, last = plan(np.array([10.0, 50.0]), np.array([4.0, 2.0]), 10.0)
    assert planned.tolist() == [4.0, 2.0]
    assert last == 10.0


def told(
    scored: list[tuple[object, ...]], work: list[tuple[object, ...]], until: str = "2025-06-01"
) -> pd.DataFrame:
    """Scores (entity, rep, expected, low, high, hours) and activities (rep, day, prospect, hours)."""
    con = duckdb.connect()
    con.execute(
        "CREATE TABLE scored (task VARCHAR, entity VARCHAR, as_of DATE, rep VARCHAR, expected DOUBLE, "
        "low DOUBLE, high DOUBLE, hours DOUBLE)"
    )
    con.executemany("INSERT INTO scored VALUES ('conversion', ?, '2025-01-01', ?, ?, ?, ?, ?)", scored)
    con.execute("CREATE TABLE work (rep VARCHAR, day DATE, prospect VARCHAR, hours DOUBLE)")
    con.executemany("INSERT INTO work VALUES (?, ?, ?, ?)", work)
    con.execute('CREATE TABLE periods (kind VARCHAR, start DATE, "end" DATE, complete BOOLEAN)')
    con.execute("INSERT INTO periods VALUES ('month', '2024-01-01', ?, true)", [until])
    return reallocation(con, 90, "GBP")


SURE = [("good", "r", 400.0, 400.0, 400.0, 4.0), ("poor", "r", 40.0, 40.0, 40.0, 4.0)]


def test_hours_on_the_poor_one_had_a_better_alternative():
    row = told(SURE, [("r", "2025-01-10", "poor", 3.0), ("r", "2025-02-10", "good", 1.0)]).iloc[0]
    assert (row["hours"], row["hours_below"]) == (4, 3)
    assert row["expected_as_spent"] == pytest.approx(3 * 10 + 100)
    assert row["expected_best"] == pytest.approx(400)
    assert row["gain"] == pytest.approx(270)
    assert row["opportunity_cost"] == pytest.approx(3 * 90)
    assert "3 of 4 hours" in row["words"]
    assert "£270" in row["words"]
    assert "if one more hour on a prospect brings what its hours bring on average" in row["words"]


def test_hours_well_spent_are_said_to_be():
    row = told(SURE, [("r", "2025-01-10", "good", 4.0)]).iloc[0]
    assert (row["gain"], row["hours_below"]) == (0, 0)
    assert "as far as can be told" in row["words"]


def test_uncertain_values_are_drawn_together_and_promise_less():
    unsure = [("good", "r", 400.0, -400.0, 1200.0, 4.0), ("poor", "r", 40.0, -760.0, 840.0, 4.0)]
    row = told(unsure, [("r", "2025-01-10", "poor", 4.0)]).iloc[0]
    assert row["gain"] < 100
    assert row["low"] <= 0
    assert "as far as can be told" in row["words"]


def test_hours_after_the_scores_are_taken_where_they_are_recorded():
    work = [("r", "2025-01-10", "good", 1.0), ("r", "2024-12-10", "poor", 3.0)]
    assert told(SURE, work)["hours"].tolist() == [1.0]
    assert told(SURE, work, until="2025-02-01")["hours"].tolist() == [3.0]


def test_a_rep_without_hours_has_no_row():
    assert len(told(SURE, [("r", "2023-01-10", "good", 1.0)])) == 0


def test_a_prospect_of_two_reps_counts_once():
    work = [
        ("r", "2025-01-10", "good", 1.0),
        ("s", "2025-01-11", "good", 3.0),
        ("r", "2025-01-12", "poor", 1.0),
    ]
    found = told(SURE, work).set_index("rep")
    assert found["prospects"].to_dict() == {"r": 1.25, "s": 0.75}
    assert found["hours"].sum() == 5
    # Of the four hours that the good one is to have, a quarter is for r, who has spent it.
    assert found.loc["r", "expected_best"] == pytest.approx(1 * 100 + 1 * 10)
    assert found.loc["s", "expected_best"] == pytest.approx(3 * 100)


def test_hours_that_no_rep_is_named_for_take_no_prospect_from_anyone():
    work = [("r", "2025-01-10", "good", 1.0), (None, "2025-01-11", "good", 3.0)]
    found = told(SURE, work).set_index("rep")
    assert found["prospects"].to_dict() == {"r": 2.0}
