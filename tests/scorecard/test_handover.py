"""The book of a rep as whoever takes it over reads it, against the tables it comes from."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pandas as pd
import pytest

from salesml.cli import main
from salesml.errors import UsageError
from salesml.scorecard.handover import handover
from tests.scorecard.simulated import simulated

REP = "R000000003"


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> tuple[pd.DataFrame, Path, dt.date]:
    folder = tmp_path_factory.mktemp("company")
    with simulated(folder) as (con, asked):
        con.execute(
            "INSERT INTO facts.scored (task, entity, as_of, probability, band) "
            f"SELECT 'churn', id, DATE '2025-12-01', 0.25, 'B' FROM accounts WHERE rep = '{REP}'"
        )
        with pytest.raises(UsageError) as raised:
            handover(con, asked, "Ada", "GBP")
        assert raised.value.code == "unknown-rep"
        assert "Take the id, not the name" in str(raised.value)
        return handover(con, asked, REP, "GBP"), folder, asked.until


def test_every_account_and_open_prospect_of_the_book(book):
    table, folder, _ = book
    accounts = pd.read_parquet(folder / "accounts.parquet")
    mine = accounts[(accounts["owner"] == REP) & accounts["ended_at"].isna()]
    assert set(table.loc[table["kind"] == "account", "id"]) == set(mine["account_id"])
    prospects = pd.read_parquet(folder / "prospects.parquet")
    still = prospects[(prospects["owner"] == REP) & prospects["won_at"].isna() & prospects["lost_at"].isna()]
    assert set(table.loc[table["kind"] == "prospect", "id"]) == set(still["prospect_id"])
    assert table["id"].is_unique
    assert table["name"].notna().all()


def test_the_command_writes_it(book, tmp_path, capsys):
    table, folder, _ = book
    out = tmp_path / "sheet"
    crm = str(folder / "crm.yaml")
    assert main(["scorecard", "--crm", crm, "--handover", REP, "--out", str(out), "--threads", "1"]) == 0
    assert "wrote" in capsys.readouterr().out
    assert pd.read_csv(out / "handover.csv")["id"].tolist() == table["id"].tolist()


def test_what_is_said_of_an_account(book):
    table, folder, until = book
    row = table[table["kind"] == "account"].iloc[0]
    orders = pd.read_parquet(folder / "orders.parquet")
    mine = orders[(orders["account_id"] == row["id"]) & (orders["quantity"] >= 0)]
    newest = mine.assign(day=pd.to_datetime(mine["ordered_at"]).dt.date).groupby("day")["revenue"].sum()
    day = newest.index.max()
    assert row["last_orders"].startswith(f"{day}: ")
    assert float(row["last_orders"].split("; ")[0].split(": ")[1]) == pytest.approx(newest[day], abs=0.01)
    assert row["last_orders"].count(";") == 2
    assert (row["risk"], row["band"]) == (0.25, "B")
    assert row["words"].endswith("25% risk of leaving")
    assert row["margin"] == table["margin"].max()
    assert pd.Timestamp(row["since"]) < pd.Timestamp(until)


def test_who_had_it_before_is_named(book):
    table, folder, _ = book
    past = pd.read_parquet(folder / "assignments.parquet")
    mine = table[table["kind"] == "account"].set_index("id")
    before = past[past["account_id"].isin(mine.index) & (past["owner"] != REP)]
    assert len(before) > 0
    for _, row in before.iterrows():
        assert row["owner"] in mine.loc[row["account_id"], "others"]


def test_what_is_said_of_a_prospect(book):
    table, folder, _ = book
    stages = pd.read_parquet(folder / "stages.parquet").sort_values("entered_at")
    last = stages.groupby("prospect_id")["stage"].last()
    mine = table[table["kind"] == "prospect"].set_index("id")
    assert (mine["stage"] == last.reindex(mine.index)).mean() > 0.95
    assert mine["words"].str.contains("no next step is planned").all()
    assert mine["words"].str.contains("is an open prospect, in stage '").all()
