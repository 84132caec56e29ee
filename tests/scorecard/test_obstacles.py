"""Reasons of loss and time in stages, by hand."""

from __future__ import annotations

import datetime as dt

import duckdb
import pandas as pd
import pytest

from salesml.scorecard.checks.obstacles import reasons_of_loss, time_in_stages
from salesml.scorecard.periods import periods

FIRST, UNTIL = dt.date(2023, 1, 1), dt.date(2025, 1, 1)


def company(now: dict[str, int], before: dict[str, int]) -> duckdb.DuckDBPyConnection:
    """Prospects lost in June of either year, each hoped to bring 100, 10 days in `new` and 30 in `offer`."""
    con = duckdb.connect()
    con.execute('CREATE TABLE periods (kind TEXT, start DATE, "end" DATE, complete BOOLEAN)')
    con.executemany(
        "INSERT INTO periods VALUES (?, ?, ?, ?)",
        [[each.kind, each.start, each.end, each.complete] for each in periods(FIRST, UNTIL)],
    )
    people = [
        (f"{year}-{reason}-{number}", dt.date(year, 6, 1), reason)
        for year, counts in ((2024, now), (2023, before))
        for reason, times in counts.items()
        for number in range(times)
    ]
    con.register("people", pd.DataFrame(people, columns=["id", "lost_at", "lost_reason"]))
    con.execute(
        "CREATE TABLE prospects AS SELECT id, 100.0 AS amount, NULL::DATE AS won_at, "
        "lost_at::DATE AS lost_at, lost_reason FROM people"
    )
    con.execute(
        "CREATE TABLE stages AS SELECT id AS prospect, 'new' AS stage, lost_at - 40 AS day FROM prospects "
        "UNION ALL SELECT id, 'offer', lost_at - 30 FROM prospects "
        "UNION ALL SELECT id, 'gone', lost_at FROM prospects"
    )
    return con


def test_a_reason_that_grew_is_told():
    table = reasons_of_loss(company({"price": 300, "other": 300}, {"price": 100, "other": 300}), "GBP")
    row = table.set_index("reason").loc["price"]
    assert (row["now"], row["before"], row["amount"]) == (300, 100, 30_000)
    assert row["verdict"] == "more"
    assert "more than the 25% of the year before, and not by luck" in row["words"]


def test_a_change_by_luck_is_called_that():
    table = reasons_of_loss(company({"price": 52, "other": 50}, {"price": 48, "other": 50}), "GBP")
    assert set(table["verdict"]) == {"same"}


def test_no_reason_is_a_reason_and_few_say_nothing():
    table = reasons_of_loss(company({"": 4, "price": 3}, {" ": 1}), "GBP").set_index("reason")
    assert table.loc["no reason given", "now"] == 4
    assert set(table["verdict"]) == {"too few"}


def test_days_in_stages_are_those_until_the_next_and_where_ways_end_nobody_stays():
    table = time_in_stages(company({"price": 20}, {"price": 20}), "GBP").set_index("stage")
    assert set(table.index) == {"new", "offer"}
    assert table.loc["new", "median_days"] == 10
    assert table.loc["offer", "share"] == pytest.approx(0.75)
    assert table.loc["offer", "waiting"] == 0


def test_who_is_open_waits_in_the_last_stage_it_entered():
    con = company({"price": 20}, {"price": 20})
    con.execute("UPDATE prospects SET lost_at = NULL WHERE id LIKE '2024%'")
    con.execute("DELETE FROM stages WHERE stage = 'gone' AND prospect LIKE '2024%'")
    table = time_in_stages(con, "GBP").set_index("stage")
    assert table.loc["offer", "waiting"] == 20
    assert table.loc["offer", "amount"] == 2000
    assert table.loc["new", "waiting"] == 0
