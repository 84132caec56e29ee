"""Figures from rows: verdicts of reps, metrics that cannot be compared, trends of customers who stay."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import duckdb
import numpy as np
import pandas as pd
import pytest

from salesml.scorecard.cells import cells_of
from salesml.scorecard.figures import figures
from salesml.scorecard.metric import Base, Kind, Metric
from salesml.scorecard.overlap import correlations
from salesml.scorecard.periods import months_later, periods

FIRST, UNTIL = dt.date(2023, 1, 1), dt.date(2025, 1, 1)

BASE = Base(name="rows", sql="SELECT month, rep, unit, n, d FROM rows")


def metric(kind: Kind, **given: object) -> Metric:
    named = {"name": "m", "check": 1, "title": "M", "how": "", "unit": "share", "good": "up", "base": BASE}
    return Metric(**{**named, "kind": kind, "numerator": "n", "denominator": "d", **given})


def world(rows: pd.DataFrame, until: dt.date = UNTIL) -> duckdb.DuckDBPyConnection:
    """A connection with the rows, and reps of two teams."""
    con = duckdb.connect()
    con.register("given", rows)
    con.execute("CREATE TABLE rows AS SELECT month::DATE AS month, rep, unit, n, d FROM given")
    con.execute("CREATE TABLE teams AS SELECT DISTINCT rep, DATE '0001-01-01' AS start, "
                "CASE WHEN rep < 'r5' THEN 'east' ELSE 'west' END AS team FROM rows")  # fmt: skip
    con.execute('CREATE TABLE periods (kind TEXT, start DATE, "end" DATE, complete BOOLEAN)')
    days = [[each.kind, each.start, each.end, each.complete] for each in periods(FIRST, until)]
    con.executemany("INSERT INTO periods VALUES (?, ?, ?, ?)", days)
    return con


def trials(rates: np.ndarray, seed: int = 1, each: int = 15) -> pd.DataFrame:
    """Prospects of ten reps in each month, won at the rep's rate."""
    luck = np.random.default_rng(seed)
    rows = pd.DataFrame(
        [(months_later(FIRST, month), f"r{rep}", f"p{month}-{rep}-{number}", rate)
         for month in range(24) for rep, rate in enumerate(rates) for number in range(each)],
        columns=["month", "rep", "unit", "rate"],
    )  # fmt: skip
    return rows.assign(n=(luck.random(len(rows)) < rows.pop("rate")).astype(float), d=1.0)


def test_reps_who_differ_and_reps_who_do_not():
    rates = np.where(np.arange(10) < 2, 0.5, 0.3)
    table = figures(world(trials(rates)), [metric("rate")])
    found = table[(table["kind"] == "all") & (table["level"] == "rep")].set_index("id")
    assert set(found.loc[["r0", "r1"], "verdict"]) == {"better"}
    assert "worse" not in set(found.loc[["r0", "r1"], "verdict"])
    alike = figures(world(trials(np.full(10, 0.3))), [metric("rate")])
    assert set(alike.loc[alike["level"].isin(["rep", "team"]), "verdict"]) == {"luck"}


def test_months_of_a_rep_and_amounts_are_not_compared():
    rows = trials(np.where(np.arange(10) < 2, 0.6, 0.3))
    con = world(rows)
    alone = replace(BASE, independent=False)
    table = figures(con, [metric("ratio", base=alone), metric("sum", name="s", denominator="")])
    reps = table[table["level"] == "rep"]
    assert set(reps.loc[reps["count"] >= 10, "verdict"]) == {"not compared"}


def test_a_year_that_is_not_over_has_no_trend():
    table = figures(world(trials(np.full(10, 0.3)), dt.date(2024, 9, 15)), [metric("sum", denominator="")])
    company = table[(table["level"] == "company") & (table["start"] == pd.Timestamp(2024, 1, 1))]
    by_kind = company.set_index("kind")
    assert not by_kind.loc["year", "complete"]
    assert by_kind.loc["year", "verdict"] == "no year before"
    assert by_kind.loc["quarter", "verdict"] == "same"


def test_a_unit_with_two_reps_is_one_unit_of_the_company():
    half = pd.DataFrame(
        {"month": FIRST, "rep": ["r1", "r7"] * 50, "unit": np.repeat(np.arange(50), 2).astype(str)}
    )
    size = np.repeat(np.random.default_rng(1).exponential(10, 50), 2)
    con = world(half.assign(n=size, d=1.0))
    cells = cells_of(con, BASE, [metric("ratio")])
    company = cells[(cells["level"] == "company") & (cells["kind"] == "year")].iloc[0]
    assert company["units"] == 50
    assert company["nn"] == pytest.approx((size.reshape(50, 2).sum(axis=1) ** 2).sum())
    assert cells.loc[(cells["level"] == "rep") & (cells["kind"] == "year"), "units"].tolist() == [50, 50]


@pytest.mark.parametrize(("kind", "expected"), [("sum", 0.8), ("ratio", -0.5)])
def test_years_go_together_as_their_customers_do(kind: Kind, expected: float):
    """The same customers buy much in both years; growth on the year before is followed by less of it."""
    luck = np.random.default_rng(2)
    size, noise = np.exp(luck.standard_normal(4000)), 0.3 * luck.standard_normal((3, 4000))
    level = np.exp(noise) if kind == "ratio" else np.exp(0.02 * noise)
    frames = [
        pd.DataFrame({"month": dt.date(2022 + year, 1, 1), "rep": "r1", "unit": np.arange(4000).astype(str),
                      "n": size * level[year], "d": level[year - 1] * size})
        for year in (1, 2)
    ]  # fmt: skip
    con = world(pd.concat(frames))
    given = metric(kind, denominator="d" if kind == "ratio" else "")
    cells_of(con, BASE, [given])
    found = correlations(con, [given])
    assert found["m", "company", "year"] == pytest.approx(expected, abs=0.25)
    assert found["m", "rep", "month"] == found["m", "rep", "quarter"]
    # One rep has all of them.
    assert found["m", "rep", "year"] == pytest.approx(found["m", "company", "year"])


def test_longer_periods_are_summed_from_months_and_a_rep_who_moved_counts_for_both_teams():
    """Against pandas, which sums every period from the rows."""
    rng = np.random.default_rng(3)
    rows = pd.DataFrame(
        {
            "month": [months_later(FIRST, int(month)) for month in rng.integers(0, 24, 600)],
            "rep": rng.choice(["r0", "r1", "r9", None], 600),
            "unit": [f"u{number}" for number in rng.integers(0, 40, 600)],
            "n": rng.normal(5, 2, 600),
            "d": np.where(rng.random(600) < 0.9, rng.random(600), np.nan),
        }
    )
    con = world(rows)
    con.execute("INSERT INTO teams VALUES ('r0', DATE '2023-11-01', 'west')")
    found = cells_of(con, BASE, [metric("ratio"), metric("sum", name="whole", denominator="")])
    found = found.set_index(["metric", "kind", "level", "id", "start"])["nn"]
    rows["team"] = np.where(rows["rep"].isna(), "(nobody)", np.where(rows["rep"] == "r9", "west", "east"))
    rows.loc[(rows["rep"] == "r0") & (rows["month"] >= dt.date(2023, 11, 1)), "team"] = "west"
    rows = rows.assign(rep=rows["rep"].fillna("(nobody)"), company="company", start=pd.Timestamp(FIRST))
    year = rows[[month.year == 2023 for month in rows["month"]]]
    for kind, part in (("all", rows), ("year", year)):
        for level in ("rep", "team", "company"):
            by_unit = part.groupby([level, "unit"] if level == "company" else ["rep", "team", "unit"])
            # Of a team a unit counts once for each rep, of the company once.
            sums = by_unit["n"].sum().reset_index()
            due = (sums["n"] ** 2).groupby(sums[level]).sum()
            for name, value in due.items():
                assert found["whole", kind, level, name, pd.Timestamp(FIRST)] == pytest.approx(
                    value, rel=1e-12
                )
