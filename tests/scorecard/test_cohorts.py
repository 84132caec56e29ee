"""Survival of cohorts with customers still there, against lives that are known; defection by class."""

from __future__ import annotations

import datetime as dt

import duckdb
import numpy as np
import pandas as pd
import pytest

from salesml.scorecard.checks.cohorts import cohorts
from salesml.scorecard.checks.defection import defection, make_classes
from salesml.scorecard.periods import periods

FIRST, UNTIL = dt.date(2022, 1, 1), dt.date(2025, 1, 1)


def company(hazard: float, customers: int = 1500, seed: int = 1) -> duckdb.DuckDBPyConnection:
    """Customers won at even pace who leave at an even rate, and bring 100 in each whole month."""
    luck = np.random.default_rng(seed)
    start = pd.Timestamp(FIRST) + pd.to_timedelta(luck.integers(0, 1096, customers), unit="D")
    end = start + pd.to_timedelta(luck.exponential(365.25 / 12 / hazard, customers).astype(int), unit="D")
    spells = pd.DataFrame({"account": [f"A{number}" for number in range(customers)], "start": start})
    spells["end"] = pd.Series(end).where(end < pd.Timestamp(UNTIL))
    con = duckdb.connect()
    con.register("s", spells)
    con.execute('CREATE TABLE spells AS SELECT account, start::DATE AS start, "end"::DATE AS "end" FROM s')
    con.execute(
        "CREATE TABLE wins AS SELECT account, NULL::VARCHAR AS rep, NULL::VARCHAR AS prospect, start AS day, "
        "date_trunc('month', start)::DATE AS month, 100.0 * (1 + hash(account) % 10) AS amount FROM spells"
    )
    con.execute('CREATE TABLE periods (kind TEXT, start DATE, "end" DATE, complete BOOLEAN)')
    rows = [[each.kind, each.start, each.end, each.complete] for each in periods(FIRST, UNTIL)]
    con.executemany("INSERT INTO periods VALUES (?, ?, ?, ?)", rows)
    con.execute(
        "CREATE TABLE money AS SELECT s.account, p.start AS month, NULL::VARCHAR AS rep, 100.0 AS revenue, "
        "40.0 AS margin "
        "FROM spells AS s JOIN periods AS p ON p.kind = 'month' AND p.start > s.start "
        'AND (s."end" IS NULL OR p.start < s."end")'
    )
    con.execute(
        "CREATE TABLE panel AS SELECT s.account, p.start AS month, NULL::VARCHAR AS rep, "
        'coalesce(s."end" < p."end", false)::INTEGER AS lost, 40.0 AS margin, '
        "hash(s.account) % 5 = 0 AS best "
        "FROM spells AS s JOIN periods AS p ON p.kind = 'month' AND p.start > s.start "
        'AND (s."end" IS NULL OR s."end" >= p.start)'
    )
    return con


def test_customers_still_there_do_not_make_it_look_better_or_worse():
    table = cohorts(company(0.05), 0.2, revenue=True)
    whole = table[table["by"] == "all"].set_index("months")
    for months, row in whole.iterrows():
        true = float(np.exp(-0.05 * months))
        assert row["kept"] == pytest.approx(true, abs=0.035)
        assert row["low"] < row["kept"] < row["high"]
    assert whole.loc[24, "revenue_kept"] == pytest.approx(np.exp(-0.05 * 24), abs=0.05)
    assert "were still there after 1 month (" in whole.loc[1, "words"]
    # A lost customer's share of those who were lost already is what ignoring the others would say.
    assert whole.loc[24, "at_risk"] < whole.loc[1, "at_risk"]


def test_intervals_cover():
    held = []
    for seed in range(15):
        table = cohorts(company(0.05, 250, seed), 0.2, revenue=False)
        whole = table[(table["by"] == "all") & table["months"].isin([3, 12])]
        true = np.exp(-0.05 * whole["months"])
        held += list((whole["low"] <= true) & (whole["high"] >= true))
    assert 0.8 <= np.mean(held) <= 0.97


def test_quarters_are_told_as_far_as_they_were_seen():
    table = cohorts(company(0.05), 0.2, revenue=True)
    by_quarter = table[table["by"] == "quarter won"].groupby("group")["months"].max()
    assert by_quarter["2022 Q1"] == 24
    assert by_quarter["2024 Q3"] == 3
    assert set(table.loc[table["by"] == "value hoped for", "group"]) == {"best", "middle", "rest"}


def test_defection_by_class_and_tenure():
    con = company(0.04, 3000)
    make_classes(con)
    table = defection(con)
    whole = table[table["kind"] == "all"].set_index("group")
    assert set(whole.index) == {"best", "middle", "new", "old"}
    monthly = 1 - np.exp(-0.04)
    for _, row in whole.iterrows():
        assert row["low"] - 0.004 < monthly < row["high"] + 0.004
    lost = con.execute("SELECT sum(lost), count(*) FROM panel").fetchone()
    assert (
        whole.loc[["new", "old"], "lost"].sum(),
        whole.loc[["new", "old"], "customer_months"].sum(),
    ) == lost
    assert whole.loc["new", "words"].startswith("Customers of less than a year: ")
    by_kind = table.groupby("kind")[["lost", "customer_months"]].sum()
    assert set(by_kind.index) == {"all", "year", "quarter", "month"}
    assert (by_kind == by_kind.loc["all"]).all(axis=None)
    said = table[(table["start"] == "2024-04-01") & (table["group"] == "old")].set_index("kind")["words"]
    assert "were lost in April 2024 (" in said["month"]
    assert "were lost in 2024 Q2 (" in said["quarter"]


def test_nobody_won():
    con = company(0.05, 5)
    con.execute("DELETE FROM wins")
    assert cohorts(con, 0.2, revenue=True).empty


def test_fewer_than_ten_customers_won_say_nothing():
    assert cohorts(company(0.05, 5), 0.2, revenue=True).empty
