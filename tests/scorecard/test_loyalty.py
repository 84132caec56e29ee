"""The tables of the first check on a shop that has nothing but orders, and on a company with one rep."""

from __future__ import annotations

import shutil
from pathlib import Path

import pandas as pd
import pytest

import salesml
from salesml.crm.sample import sample
from salesml.scorecard import scorecard
from tests.company import make_project


def test_orders_alone(tmp_path: Path):
    tables = scorecard(
        salesml.CRM.open(make_project(tmp_path / "shop", customers=150) / "crm.yaml"), threads=1
    ).tables
    assert tables["retention"]["verdict"].tolist() == ["missing"]
    whole = tables["cohorts"][tables["cohorts"]["by"] == "all"]
    assert len(whole) > 0
    assert whole["kept"].between(0, 1).all()
    assert (whole["low"] <= whole["kept"]).all()
    assert "handovers" not in tables
    assert tables["dependency"]["id"].tolist() == ["(nobody)"]
    assert set(tables["defection_by"]["by"]) == {"class", "tenure"}


@pytest.fixture(scope="module")
def one_rep(tmp_path_factory: pytest.TempPathFactory) -> dict[str, pd.DataFrame]:
    """A company in which the same rep has all accounts, prospects and work."""
    folder = tmp_path_factory.mktemp("one") / "company"
    sample(folder, size=1000, seed=3, days=730)
    for name in ("accounts", "prospects", "activities", "assignments", "costs", "workload", "targets"):
        table = pd.read_parquet(folder / f"{name}.parquet")
        table["owner"] = "R000000001"
        keys = {"assignments": ["account_id", "owner", "start"]}.get(name)
        table.drop_duplicates(keys).to_parquet(folder / f"{name}.parquet", index=False)
    shutil.rmtree(folder / "truth")
    return scorecard(salesml.CRM.open(folder / "crm.yaml"), threads=1).tables


def test_one_rep_is_compared_with_nobody(one_rep: dict[str, pd.DataFrame]):
    reps = one_rep["figures"][one_rep["figures"]["level"] == "rep"]
    assert set(reps["verdict"]) <= {"not compared", "too few"}
    assert reps["shrunk"].isna().all()
    assert one_rep["ranks"].empty


def test_all_hangs_on_one_rep(one_rep: dict[str, pd.DataFrame]):
    row = one_rep["dependency"].iloc[0]
    assert row["revenue_share"] == pytest.approx(1)
    assert "1 of 1 books hold half of all revenue" in row["words"]
    assert (
        one_rep["handovers"]["words"].iloc[0]
        == "No account that changed hands can be held against one like it"
    )
