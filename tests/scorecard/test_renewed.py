"""Revenue retention of twelve months: who counts, what counts, and for whom."""

from __future__ import annotations

import duckdb
import numpy as np
import pandas as pd
import pytest

from salesml.scorecard.cells import cells_of
from salesml.scorecard.checks.defection import make_classes
from salesml.scorecard.checks.kept import metrics
from salesml.scorecard.checks.renewed import revenue_retention
from tests.scorecard.test_cohorts import company

NET, GROSS = (
    next(each for each in metrics(6) if each.name == f"{name}_revenue_retention") for name in ("net", "gross")
)


@pytest.fixture(scope="module")
def even() -> duckdb.DuckDBPyConnection:
    """Customers who leave at an even rate and bring 100 a month; half of them twice that from 2024."""
    con = company(0.04, customers=4000)
    con.execute("UPDATE money SET revenue = 200 WHERE month >= DATE '2024-01-01' AND hash(account) % 2 = 0")
    con.execute(
        "CREATE TABLE owned AS SELECT account, DATE '0001-01-01' AS start, 'before' AS rep, "
        "DATE '2023-07-01' AS \"end\" FROM spells UNION ALL SELECT account, DATE '2023-07-01', 'after', NULL "
        "FROM spells"
    )
    make_classes(con)
    con.execute("CREATE TABLE teams (rep VARCHAR, start DATE, team VARCHAR)")
    return con


def figures(con: duckdb.DuckDBPyConnection, kind: str, level: str = "company") -> pd.DataFrame:
    cells = cells_of(con, NET.base, [NET, GROSS])
    return cells[(cells["kind"] == kind) & (cells["level"] == level)]


def test_what_stays_over_a_year_is_what_is_found(even: duckdb.DuckDBPyConnection) -> None:
    """Of customers who leave at 4 in 100 a month, exp(-12 x 0.04) are there a year on, newcomers or not."""
    year = figures(even, "year")
    year = year[year["start"] == "2024-01-01"].set_index("metric")
    stays = float(np.exp(-12 * 0.04))
    ratio = year["n"] / year["d"]
    # In 2024 those of an even number buy twice.
    assert ratio[NET.name] == pytest.approx(1.5 * stays, rel=0.07)
    assert ratio[GROSS.name] < 0.9 * ratio[NET.name]
    assert ratio[GROSS.name] <= 1


def test_months_and_quarters_are_of_the_twelve_months_to_their_end(even: duckdb.DuckDBPyConnection) -> None:
    last = {
        kind: figures(even, kind).query("metric == @NET.name").sort_values("start")
        for kind in ("month", "quarter", "year")
    }
    sums = [tuple(table.iloc[-1][["n", "d"]]) for table in last.values()]
    assert sums[0] == sums[1] == sums[2]
    assert len(last["month"]) == 12
    assert len(last["quarter"]) == 4


def test_the_book_counts_for_whom_had_it_at_the_beginning_of_the_year(
    even: duckdb.DuckDBPyConnection,
) -> None:
    months = figures(even, "month", "rep")
    whose = {f"{start:%Y-%m}": name for start, name in zip(months["start"], months["id"], strict=True)}
    assert (whose["2024-05"], whose["2024-06"]) == ("before", "after")


def test_classes_and_cohorts_share_out_all_customers(even: duckdb.DuckDBPyConnection) -> None:
    table = revenue_retention(even)
    year = table[(table["kind"] == "year") & (table["start"] == "2024-01-01")]
    whole = year[year["by"] == "all"].iloc[0]
    for by in ("class", "cohort"):
        part = year[year["by"] == by]
        assert part["customers"].sum() == whole["customers"]
        assert part["earlier"].sum() == whole["earlier"]
    assert set(year.loc[year["by"] == "class", "group"]) == {"best", "middle"}  # all have some margin
    assert (table["gross"] <= table["net"]).all()
    assert (table["net_low"] < table["net"]).all()
    assert (table["net"] < table["net_high"]).all()
    assert whole["words"].startswith("All customers: of their revenue of the year before, ")
    assert table.loc[table["kind"] == "quarter", "words"].iloc[0].count("to the end of 2024 Q") == 1


def test_of_customers_whom_nobody_knew_two_years_before_nothing_is_said() -> None:
    con = company(0.04, customers=50)
    con.execute('CREATE TABLE owned AS SELECT account, start, NULL AS rep, NULL::DATE AS "end" FROM spells')
    con.execute("DELETE FROM panel WHERE month < DATE '2024-01-01'")
    make_classes(con)
    assert revenue_retention(con).empty
