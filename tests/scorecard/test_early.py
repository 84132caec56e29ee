"""Early defection by who won the customers, and who is new: by hand."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import duckdb
import pandas as pd
import pytest

from salesml.crm import CRM
from salesml.scorecard import scorecard
from salesml.scorecard.cells import cells_of
from salesml.scorecard.checks.early import early_by_winner
from salesml.scorecard.checks.kept import metrics
from salesml.scorecard.periods import periods
from salesml.scorecard.run import Scorecard
from tests.scorecard.small import company, tables

EARLY = metrics(6)[-1]


def won(
    folder: Path, gone: dict[str, int], each: int = 20, without: tuple[str, ...] = ()
) -> tuple[Scorecard, pd.DataFrame]:
    """R1 and R2 each win so many in 2024; of each some buy for a month only; all are with R2 from then on."""
    given = tables()
    names = [(rep, number) for rep in gone for number in range(each)]
    ids = [f"N{rep}{number:02}" for rep, number in names]
    day = pd.Timestamp("2024-05-10")
    given["prospects"] = pd.DataFrame(
        {
            "id": ids, "account": ids, "created": day - pd.Timedelta(days=9), "won": day,
            "rep": [rep for rep, _ in names], "lost": pd.NaT, "reason": None, "amount": 500.0,
        }
    )  # fmt: skip
    last = [day + pd.Timedelta(days=20 if number < gone[rep] else 550) for rep, number in names]
    bought = pd.DataFrame(
        [
            (name, at)
            for name, end in zip(ids, last, strict=True)
            for at in pd.date_range(day, end, freq="10D")
        ],
        columns=["account", "day"],
    ).assign(revenue=100.0, margin=40.0)
    given["orders"] = pd.concat([given["orders"], bought])
    given["accounts"] = pd.concat(
        [given["accounts"], pd.DataFrame({"id": ids, "since": day, "rep": "R2"})], ignore_index=True
    )
    given["assignments"] = pd.concat(
        [given["assignments"], pd.DataFrame({"account": ids, "rep": "R2", "start": day, "end": pd.NaT})]
    )
    found = scorecard(CRM.open(company(folder / "company", given, without=without)), threads=1)
    return found, found.tables["early_by_winner"]


def test_who_won_them_counts_and_not_who_has_them(tmp_path: Path) -> None:
    found, table = won(tmp_path, {"R1": 8, "R2": 1})
    year = table[(table["kind"] == "year") & (table["start"] == "2024-01-01")].set_index("id")
    assert year.loc[["R1", "R2", "company"], "won"].tolist() == [20, 20, 40]
    assert year.loc[["R1", "R2", "company"], "gone"].tolist() == [8, 1, 9]
    assert year.loc["R1", "early_defection"] == pytest.approx(0.4)
    assert year.loc["R1", "low"] < 0.4 < year.loc["R1", "high"]
    assert year.loc["R1", "shrunk"] < 0.4
    assert "Of 20 customers that Ann won, 8 were gone within 6 months. 40%" in year.loc["R1", "words"]
    figures = found.tables["figures"].query("metric == 'early_defection' and kind == 'year'")
    assert (
        year.loc["R1", "verdict"] == figures.set_index(["start", "id"]).loc[("2024-01-01", "R1"), "verdict"]
    )
    assert "New customers gone early, by who won them" in found.report()


def test_where_nobody_says_who_won_it_is_said_who_counts(tmp_path: Path) -> None:
    _, table = won(tmp_path, {"R1": 8, "R2": 1}, without=("prospects",))
    words = table.loc[(table["level"] == "company") & (table["kind"] == "all"), "words"].item()
    assert "no table says who won a prospect, so whoever had the customer on that day counts" in words
    assert set(table.loc[table["level"] == "rep", "id"]) <= {"R2", "R1"}
    assert table.loc[table["id"] == "R2", "gone"].max() == 9


def test_without_figures_there_is_no_row() -> None:
    assert early_by_winner(pd.DataFrame(), 6, {}, frozenset()).empty


def gone(spells: list[tuple[str, str, str | None]], day: str) -> list[tuple[float, float]]:
    """New customers and those gone early, of one account won on a day."""
    with duckdb.connect() as con:
        con.execute('CREATE TABLE periods (kind VARCHAR, start DATE, "end" DATE, complete BOOLEAN)')
        known = periods(dt.date(2022, 1, 1), dt.date(2025, 1, 1))
        rows = [[each.kind, each.start, each.end, each.complete] for each in known]
        con.executemany("INSERT INTO periods VALUES (?, ?, ?, ?)", rows)
        con.execute('CREATE TABLE spells (account VARCHAR, start DATE, "end" DATE)')
        con.executemany("INSERT INTO spells VALUES (?, ?, ?)", spells)
        con.execute(
            "CREATE TABLE wins AS SELECT 'a' AS account, 'r' AS rep, 'p' AS prospect, "
            f"DATE '{day}' AS day, date_trunc('month', DATE '{day}')::DATE AS month, 1.0 AS amount"
        )
        con.execute("CREATE TABLE teams (rep VARCHAR, start DATE, team VARCHAR)")
        cells = cells_of(con, EARLY.base, [EARLY])
    here = cells[(cells["kind"] == "all") & (cells["level"] == "company")]
    return list(zip(here["d"], here["n"], strict=True))


@pytest.mark.parametrize(
    ("spells", "found"),
    [
        ([("a", "2023-03-01", None)], [(1, 0)]),
        ([("a", "2023-03-01", "2023-05-01")], [(1, 1)]),
        ([("a", "2022-03-01", "2022-09-01"), ("a", "2023-03-05", None)], [(1, 0)]),
        ([("a", "2022-03-01", "2022-09-01"), ("a", "2023-03-05", "2023-06-01")], [(1, 1)]),
        ([("a", "2022-03-01", None)], []),
    ],
)
def test_a_time_as_customer_that_is_over_says_nothing_of_a_later_win(
    spells: list[tuple[str, str, str | None]], found: list[tuple[float, float]]
) -> None:
    assert gone(spells, "2023-03-02") == found
