"""The checks before training in a backtest: a leak is refused there as it is in training."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from salesml.cli import main
from salesml.config import read_spec
from salesml.crm import CRM
from salesml.errors import DataError, UsageError
from salesml.lifecycle.backtest import backtest
from tests.company import orders
from tests.lifecycle.backtest.conftest import quick_project

CRM_YAML = """\
version: 1
currency: EUR
timezone: Europe/Berlin
accounts: {source: accounts.csv, id: id, attributes: [gone, size]}
events:
  orders:
    source: orders.parquet
    account: customer_id
    at: ordered_at
    id: invoice
    measures: {revenue: quantity * unit_price}
"""
LEARNED = dt.date(2025, 3, 1)


@pytest.fixture(scope="module")
def leaky(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project with an attribute that was written when the outcome of the date learned from was known."""
    folder = tmp_path_factory.mktemp("leaky") / "shop"
    quick_project(folder, customers=300, train=f"[{LEARNED}]", test="[2025-06-01, 2025-09-01]")
    table = orders(300)
    within = table["ordered_at"].dt.date.between(LEARNED, LEARNED + dt.timedelta(days=89))
    stayed = set(table.loc[within, "customer_id"])
    accounts = pd.DataFrame({"id": sorted(table["customer_id"].unique())})
    accounts["gone"] = [0 if name in stayed else 1 for name in accounts["id"]]
    accounts["size"] = range(len(accounts))
    accounts.to_csv(folder / "accounts.csv", index=False)
    table.to_parquet(folder / "orders.parquet", index=False)
    (folder / "crm.yaml").write_text(CRM_YAML)
    return folder


def limited(folder: Path, monkeypatch: pytest.MonkeyPatch, *words: str) -> int:
    monkeypatch.chdir(folder)
    return main(["backtest", "churn", "--to", "2025-06-01", *words])


def test_a_copy_of_the_outcome_is_refused(
    leaky: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert limited(leaky, monkeypatch) == 1
    said = capsys.readouterr()
    assert "stop [equals-outcome" in said.out
    assert "account_gone all but equals the outcome" in said.err
    assert "Leave it out with --exclude" in said.err
    assert not (leaky / "models" / "churn").exists()


def test_left_out_it_is_no_feature_and_the_report_has_the_checks(
    leaky: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert limited(leaky, monkeypatch, "--exclude", "gone", "--json") == 0
    data = json.loads(capsys.readouterr().out)
    importances = pd.read_parquet(Path(data["folder"]) / "importances.parquet")
    assert "account_size" in set(importances["feature"])
    assert "account_gone" not in set(importances["feature"])
    assert "## Checks before training" in (Path(data["folder"]) / "report.md").read_text()
    assert {finding["severity"] for finding in data["findings"]} <= {"warn", "note"}


def test_the_spec_leaves_out_and_names_what_is_no_column(leaky: Path) -> None:
    crm, spec = CRM.open(leaky / "crm.yaml"), leaky / "models" / "churn.yaml"
    text = spec.read_text()
    (leaky / "models" / "other.yaml").write_text(f"{text}\nexclude: [gonne]\n")
    with pytest.raises(UsageError, match=r"exclude names 'gonne'.*Did you mean 'gone'"):
        backtest("other", crm, spec=read_spec(leaky / "models" / "other.yaml"), log=False)


def test_insisted_on_it_is_replayed(leaky: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert limited(leaky, monkeypatch, "--allow", "account_gone") == 0


def test_a_stop_is_an_error_of_the_data(leaky: Path) -> None:
    with pytest.raises(DataError) as caught:
        backtest("churn", CRM.open(leaky / "crm.yaml"), end=dt.date(2025, 6, 1), log=False)
    assert caught.value.code == "equals-outcome"


def test_a_stated_base_rate_is_refused_before_any_work(leaky: Path) -> None:
    spec = read_spec(leaky / "models" / "churn.yaml")
    stated = replace(spec, learner={**spec.learner, "base_rate": 0.02})
    with pytest.raises(UsageError, match=r"base_rate of 0\.02 is stated") as caught:
        backtest("churn", CRM.open(leaky / "crm.yaml"), spec=stated, log=False)
    assert caught.value.code == "base-rate"
