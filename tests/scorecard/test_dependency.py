"""Books and hand-overs: shares by hand, and what followed against what was planted."""

from __future__ import annotations

import duckdb
import numpy as np
import pandas as pd
import pytest

from salesml.scorecard.checks.defection import make_classes
from salesml.scorecard.checks.dependency import dependency, followed
from tests.scorecard.test_cohorts import company


def handed_over(con: duckdb.DuckDBPyConnection, effect: float, seed: int = 1) -> None:
    """Every third account changes hands once; a share ``effect`` of those then leaves within two months."""
    spells = con.execute('SELECT account, start, "end" FROM spells').df()
    luck = np.random.default_rng(seed)
    day = spells["start"] + pd.to_timedelta(luck.integers(30, 700, len(spells)), unit="D")
    chosen = (luck.random(len(spells)) < 1 / 3) & (spells["end"].isna() | (day < spells["end"]))
    leaves = chosen & (luck.random(len(spells)) < effect) & (day < pd.Timestamp("2024-10-01"))
    soon = day + pd.to_timedelta(luck.integers(31, 120, len(spells)), unit="D")
    spells["end"] = spells["end"].where(~(leaves & (spells["end"].isna() | (soon < spells["end"]))), soon)
    con.register("changed", spells)
    con.execute(
        'CREATE OR REPLACE TABLE spells AS SELECT account, start::DATE AS start, "end"::DATE AS "end" '
        "FROM changed"
    )
    first = pd.DataFrame(
        {"account": spells["account"], "start": spells["start"], "rep": "old", "end": day.where(chosen)}
    )
    second = pd.DataFrame({"account": spells["account"], "start": day, "rep": "new"})[chosen]
    con.register("books", pd.concat([first, second]))
    con.execute(
        'CREATE TABLE owned AS SELECT account, start::DATE AS start, rep, "end"::DATE AS "end" FROM books'
    )
    con.execute("CREATE TABLE work AS SELECT 'new' AS rep, DATE '2024-12-20' AS day")
    con.execute("DROP TABLE panel")
    con.execute(
        "CREATE TABLE panel AS SELECT s.account, p.start AS month, NULL::VARCHAR AS rep, "
        'coalesce(s."end" < p."end", false)::INTEGER AS lost, 40.0 AS margin, false AS best '
        "FROM spells AS s JOIN periods AS p ON p.kind = 'month' AND p.complete AND p.start > s.start "
        'AND (s."end" IS NULL OR s."end" >= p.start)'
    )
    make_classes(con)


def test_nothing_followed_where_nothing_was_planted():
    held = []
    for seed in range(12):
        con = company(0.03, 1200, seed)
        handed_over(con, 0.0, seed)
        row = followed(con, risks=False).iloc[0]
        held.append(row["low"] <= 0 <= row["high"])
        assert row["handed_over"] > 100
    assert np.mean(held) >= 0.75


def test_what_followed_is_found():
    con = company(0.02, 3000)
    handed_over(con, 0.3)
    row = followed(con, risks=False).iloc[0]
    assert row["low"] > 0.1
    assert row["difference"] == pytest.approx(0.3, abs=0.1)
    assert row["revenue_difference"] < -0.1
    assert "though hand-overs may have other causes" in row["words"]


def test_risks_of_a_backtest_make_strata():
    con = company(0.03, 1500)
    handed_over(con, 0.0)
    con.execute(
        "CREATE TABLE losses AS SELECT month AS day, account, 0.1 + (hash(account) % 2) * 0.3 AS p "
        "FROM classes"
    )
    row = followed(con, risks=True).iloc[0]
    assert row["low"] <= 0 <= row["high"]


def test_few_hand_overs_say_nothing():
    con = company(0.03, 20)
    handed_over(con, 0.0)
    table = followed(con, risks=False)
    everyone, left = table["words"]
    assert "accounts that changed hands: too few to say what followed" in everyone
    assert left == "No account of reps who left can be held against one like it"
    assert table["difference"].isna().all()


def test_shares_of_books():
    con = company(0.03, 40)
    con.execute("UPDATE money SET rep = CASE WHEN hash(account) % 4 > 0 THEN 'big' END")
    table = dependency(con, "GBP").set_index("id")
    assert table["revenue_share"].sum() == pytest.approx(1)
    assert table.loc["big", "place"] == 1
    assert "1 of 2 books hold half of all revenue" in table.loc["big", "words"]
    assert table.loc["(nobody)", "words"].startswith("Accounts that nobody is named for")
    assert table.loc["(nobody)", "up_to_here"] == pytest.approx(1)
