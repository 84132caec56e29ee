"""The verb from tables to a kept and tracked backtest, and the command."""

from __future__ import annotations

import json
import runpy
import socket
from pathlib import Path

import pandas as pd
import pytest

import salesml
from salesml.cli import main
from salesml.config import Tracking
from salesml.crm import CRM
from salesml.errors import DataError, UsageError
from salesml.lifecycle.backtest import backtest
from salesml.lifecycle.backtest.run import _refuse_without_model
from salesml.tracking import runs
from salesml.tracking.backtests import log_backtest
from salesml.tracking.store import connected
from tests.company import orders
from tests.lifecycle.backtest.conftest import Shop, quick_project
from tests.lifecycle.backtest.made import series

ROOT = Path(__file__).resolve().parents[3]
FILES = {
    "backtest.json", "table.csv", "table.parquet", "expected_losses.parquet", "importances.parquet",
    "chart.png", "report.md", "snapshot.sql", "spec.yaml", "crm.yaml",
}  # fmt: skip


def test_the_folder_holds_everything(shop: Shop) -> None:
    assert shop.done.folder.parent == shop.folder / "models" / "churn" / "backtests"
    assert {path.name for path in shop.done.folder.iterdir()} == FILES
    assert not [path for path in shop.done.folder.parent.iterdir() if path.name.startswith(".")]


def test_every_date_is_said_and_tested_if_it_can_be(shop: Shop) -> None:
    table = shop.done.table
    assert list(table["status"]) == ["tested"] * 4 + ["not ripe"] * 2
    for day in table["as_of"]:
        assert sum(line.startswith(str(day)) for line in shop.said) == 1
    assert any("AUC 0." in line and " s" in line for line in shop.said)
    assert (table["auc"].dropna() > 0.7).all()
    assert table["kept_model_order"].notna().tolist() == [False] + [True] * 5


def test_the_text_is_an_aligned_table_and_a_verdict(shop: Shop) -> None:
    text = shop.done.text()
    lines = text.splitlines()
    assert lines[0].split() == (
        [
            "as-of",
            "date",
            "rows",
            "came",
            "true",
            "said",
            "AUC",
            "over",
            "best",
            "column",
            "lift",
            "10",
            "%",
            "slope",
            "order",
            "kept",
            "features",
        ]
    )
    assert len({len(line) for line in lines[2:5]}) == 1
    assert max(map(len, lines[:8])) <= 120
    assert "Verdict: " in text
    assert f"Kept in {shop.done.folder}" in text
    report = (shop.done.folder / "report.md").read_text()
    assert "## What each model could see" in report
    assert "![" in report


def test_the_json_has_every_figure(shop: Shop) -> None:
    data = json.loads((shop.done.folder / "backtest.json").read_text())
    assert data["outlook"]["kind"] == shop.done.outlook.kind
    assert [row["as_of"] for row in data["dates"]] == [str(day) for day in shop.done.table["as_of"]]
    assert data["dates"][0]["evaluation"]["metrics"]["auc"]["low"] > 0.5
    assert data["dates"][-1]["evaluation"] is None
    assert data["pooled"]["dates"] == 4


def test_it_is_a_run_of_its_own_without_rows_of_the_data(shop: Shop) -> None:
    assert f"run {shop.done.run_id}" in shop.done.text()
    with connected(shop.tracking) as client:
        run = client.get_run(shop.done.run_id)
        files = {each.path for each in client.list_artifacts(shop.done.run_id)}
        history = client.get_metric_history(shop.done.run_id, "auc")
    assert run.data.tags["kind"] == "backtest"
    assert run.info.status == "FINISHED"
    assert files == FILES - {"expected_losses.parquet"}
    assert [each.step for each in sorted(history, key=lambda each: each.step)] == [0, 1, 2, 3]
    assert run.data.metrics["pooled.auc"] == pytest.approx(
        shop.done.data["pooled"]["metrics"]["auc"]["value"]
    )
    assert runs(shop.tracking, "churn").empty


def test_no_customer_stands_in_what_is_logged(shop: Shop) -> None:
    for path in shop.done.folder.iterdir():
        if path.name != "expected_losses.parquet":
            assert b"C0001" not in path.read_bytes(), path.name
    assert "C0001" in set(shop.done.expected_losses()["entity_id"])


def test_mlflow_away_loses_nothing(
    shop: Shop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        away = Tracking(
            tracking_uri=f"http://127.0.0.1:{closed.getsockname()[1]}", artifacts="a", folder=tmp_path
        )
    done = backtest("churn", shop.crm, dates=1, end=shop.done.table["as_of"][3], tracking=away)
    assert done.run_id == ""
    assert "Not in MLflow" in done.text()
    assert {path.name for path in done.folder.iterdir()} == FILES
    assert f"Log it later: salesml register {done.folder}" in done.text()
    monkeypatch.chdir(shop.folder)
    assert main(["register", str(done.folder)]) == 0
    assert "Logged in MLflow as run" in capsys.readouterr().out


def test_what_is_said_on_a_date_does_not_depend_on_the_other_dates(shop: Shop) -> None:
    day = shop.done.table["as_of"][3]
    alone = backtest("churn", shop.crm, start=day, end=day, log=False).expected_losses()
    among = shop.done.expected_losses()
    pd.testing.assert_frame_equal(
        alone, among[among["as_of"] == day].reset_index(drop=True), check_exact=True
    )


def test_what_is_no_backtest_is_not_logged(tmp_path: Path) -> None:
    for text in (None, "{", "{}", "[]"):
        if text:
            (tmp_path / "backtest.json").write_text(text)
        with pytest.raises(UsageError) as caught:
            log_backtest(tmp_path, Tracking(folder=tmp_path))
        assert "is not a backtest that can be logged" in str(caught.value)


def test_no_date_with_a_model_is_refused() -> None:
    (date,) = series([0.8])
    failed = type(date)(
        turn=date.turn, status="no model", problem="The target holds one class", rows=date.rows, rep=date.rep
    )
    with pytest.raises(DataError) as caught:
        _refuse_without_model([failed, failed])
    assert caught.value.code == "no-model"
    assert f"At {date.as_of} nothing could be learned: The target holds one class" in str(caught.value)
    _refuse_without_model([failed, date])


def test_the_front_door() -> None:
    assert salesml.backtest is backtest


def test_the_command(shop: Shop, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.chdir(shop.folder)
    assert main(["backtest", "churn", "--from", "2025-09-01", "--to", "2025-11-30", "--json"]) == 0
    told = capsys.readouterr()
    data = json.loads(told.out)
    assert [row["status"] for row in data["dates"]] == ["tested", "tested", "not ripe"]
    assert Path(data["folder"]).is_dir()
    assert "2025-09-03  6 dates" in told.err


def test_the_command_says_what_is_wrong(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = quick_project(tmp_path / "shop", customers=60)
    monkeypatch.chdir(folder)
    assert main(["backtest", "chrun"]) == 2
    assert "models/chrun.yaml" in capsys.readouterr().err
    assert main(["backtest", "churn", "--from", "2025-05-01", "--to", "2025-04-01"]) == 2
    assert "lies after the last date" in capsys.readouterr().err
    table = orders(60)
    table[table["ordered_at"] >= "2025-10-01"].to_parquet(folder / "orders.parquet")
    assert main(["backtest", "churn", "--json"]) == 1
    (fault,) = json.loads(capsys.readouterr().out)["faults"]
    assert fault["code"] == "too-short"
    assert "need 360" in fault["allowed"]


def test_a_fall_is_an_alarm(shop: Shop) -> None:
    from dataclasses import replace

    assert not shop.done.alarming
    assert replace(shop.done, outlook=replace(shop.done.outlook, kind="falling")).alarming
    assert replace(shop.done, table=shop.done.table.assign(status="no model")).alarming


def test_the_script_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(quick_project(tmp_path / "shop"))
    runpy.run_path(str(ROOT / "training" / "backtest.py"), run_name="__main__")
    said = capsys.readouterr().out
    assert "Verdict: " in said
    assert "expected to be lost" in said


def test_a_contract_with_its_tables_closed_is_refused_before_any_work(tmp_path: Path) -> None:
    folder = quick_project(tmp_path / "shop", customers=60)
    table = orders(60)
    table["customer_id"] = None
    table.to_parquet(folder / "orders.parquet")
    with pytest.raises(DataError) as caught:
        backtest("churn", CRM.open(folder / "crm.yaml"), log=False)
    assert "customer_id" in str(caught.value)
    assert not (folder / "models" / "churn").exists()
