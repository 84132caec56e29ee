"""Who does what, by hand; and whether better reps do it more."""

from __future__ import annotations

import datetime as dt

import duckdb
import numpy as np
import pandas as pd
import pytest

from salesml.scorecard.checks.adoption import adoption, better_reps
from salesml.scorecard.checks.practices import known_practices
from salesml.scorecard.periods import periods

FIRST, UNTIL = dt.date(2024, 1, 1), dt.date(2025, 1, 1)
BORN = dt.date(2024, 3, 4)


def company() -> duckdb.DuckDBPyConnection:
    """Ten prospects of rep a: four were called the day after, four after a week, one was won on its first
    day, and one came on the last day, when it was too soon to tell."""
    con = duckdb.connect()
    con.execute('CREATE TABLE periods (kind TEXT, start DATE, "end" DATE, complete BOOLEAN)')
    con.executemany(
        "INSERT INTO periods VALUES (?, ?, ?, ?)",
        [[each.kind, each.start, each.end, each.complete] for each in periods(FIRST, UNTIL)],
    )
    con.execute("CREATE TABLE prospects (id TEXT, rep TEXT, created_at DATE, won_at DATE, lost_at DATE)")
    con.execute("CREATE TABLE work (prospect TEXT, day DATE, kind TEXT)")
    for number in range(10):
        born = dt.date(2024, 12, 31) if number == 9 else BORN
        con.execute(
            "INSERT INTO prospects VALUES (?, 'a', ?, ?, NULL)",
            [f"p{number}", born, born if number == 8 else None],
        )
        if number < 8:
            called = born + dt.timedelta(days=1 if number < 4 else 7)
            con.execute("INSERT INTO work VALUES (?, ?, 'call')", [f"p{number}", called])
    return con


def test_only_prospects_that_were_open_at_the_landmark_count():
    con = company()
    found = adoption(con, known_practices(con, frozenset({"activities.kind"}))).set_index("key")
    prompt = found.loc["prompt answer"]
    assert (prompt["rep"], prompt["prospects"], prompt["done"], prompt["share"]) == ("a", 8, 4, 0.5)
    assert found.loc["first contact by call", "share"] == 1.0


def rates(above: list[float], verdict: str = "same") -> pd.DataFrame:
    """Win rates of reps r0, r1, …"""
    return pd.DataFrame(
        {
            "metric": "win_rate",
            "kind": "all",
            "level": "rep",
            "id": [f"r{number}" for number in range(len(above))],
            "above": above,
            "verdict": verdict,
        }
    )


def shares(of_better: float, of_others: float, *, reps: int = 20, prospects: int = 50) -> pd.DataFrame:
    """The first half of reps are better; shares vary from rep to rep."""
    luck = np.random.default_rng(3)
    share = np.where(np.arange(reps) < reps // 2, of_better, of_others) + luck.normal(0, 0.05, reps)
    return pd.DataFrame(
        {
            "key": "prompt answer",
            "practice": "a prompt answer",
            "rep": [f"r{number}" for number in range(reps)],
            "prospects": float(prospects),
            "done": share * prospects,
            "share": share,
        }
    )


ABOVE = [0.95] * 10 + [0.3] * 10


def judged(verdict: str) -> pd.DataFrame:
    return pd.DataFrame({"practice": ["a prompt answer"], "verdict": [verdict]})


@pytest.mark.parametrize(
    ("works", "words"),
    [
        ("helps", "it goes with more wins, too"),
        ("luck", "nothing shows that it works"),
        ("too few", "cannot"),
    ],
)
def test_what_better_reps_do_more_is_told_beside_whether_it_works(works, words):
    row = better_reps(rates(ABOVE), shares(0.6, 0.3), judged(works)).iloc[0]
    assert (row["verdict"], row["better_reps"], row["other_reps"]) == ("more", 10, 10)
    assert row["low"] < 0.3 < row["high"]
    assert words in row["words"]


def test_less_and_no_difference():
    assert better_reps(rates(ABOVE), shares(0.3, 0.6), judged("luck")).loc[0, "verdict"] == "less"
    assert better_reps(rates(ABOVE), shares(0.4, 0.4), judged("luck")).loc[0, "verdict"] == "luck"


def test_where_reps_differ_by_luck_nobody_is_better():
    row = better_reps(rates(ABOVE, "luck"), shares(0.6, 0.3), judged("helps")).iloc[0]
    assert row["verdict"] == "nobody better"
    assert row["better_reps"] == 0


def test_reps_with_few_prospects_or_an_unknown_rate_are_on_neither_side():
    row = better_reps(rates(ABOVE), shares(0.6, 0.3, prospects=19), judged("helps")).iloc[0]
    assert (row["verdict"], row["better_reps"], row["other_reps"]) == ("too few", 0, 0)
    some = rates(ABOVE)
    some.loc[12:, "verdict"] = "too few"
    row = better_reps(some, shares(0.6, 0.3), judged("helps")).iloc[0]
    assert (row["verdict"], row["other_reps"]) == ("too few", 2)


def test_what_no_table_tells_of_is_said_last():
    row = better_reps(rates(ABOVE), shares(0.6, 0.3), judged("helps")).iloc[-1]
    assert (row["key"], row["verdict"]) == ("stakeholders", "missing")
    assert "no table" in row["words"]
