"""From tables to a registered model: what is kept, what is said, and what happens when MLflow is away."""

from __future__ import annotations

import datetime as dt
import json
import re
import shutil
import socket
from pathlib import Path

import pytest

from salesml.config import Tracking
from salesml.crm import CRM
from salesml.errors import DataError, UsageError
from salesml.lifecycle import train
from salesml.lifecycle.gathered import fewer_than_asked
from salesml.model.bundle import Bundle
from salesml.tracking import register, runs
from salesml.windows import Split
from tests.company import make_project, orders
from tests.lifecycle.conftest import Project


def test_the_run_folder_holds_everything(project: Project) -> None:
    folder = project.trained.folder
    names = {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}
    assert names >= {
        "run.json", "evaluation.json", "model_card.md", "snapshot.sql", "split.txt", "crm.yaml", "spec.yaml",
        "bundle/bundle.json", "bundle/booster.txt", "plots/reliability.png", "plots/gains.png",
        "plots/shap_summary.png", "plots/shap_dependence.png",
        "logged.json",
    }  # fmt: skip
    run = json.loads((folder / "run.json").read_text())
    assert run["registered_name"] == "salesml-churn"
    assert run["metrics"]["auc_low"] < run["metrics"]["auc"] < run["metrics"]["auc_high"]
    assert run["metrics"]["gain_over_base_rate.log_loss"] > 0
    assert re.fullmatch("[0-9a-f]{64}", run["tags"]["data.fingerprint"])
    assert not [path for path in folder.parent.iterdir() if path.name.startswith(".")]


def test_the_model_is_registered_and_found_again(project: Project) -> None:
    logged = project.trained.logged
    assert logged is not None
    assert logged.uri == "models:/salesml-churn/1"
    assert "Registered as models:/salesml-churn/1" in project.trained.text()


def test_the_test_lies_after_everything_that_was_learned(project: Project) -> None:
    said = "\n".join(project.said)
    test = re.search(r"test +(\S+) ", said)
    learned = re.findall(r"(?:train|validate) +\S+ +\[\S+, (\S+)\)", said)
    assert test
    assert learned
    assert max(learned) <= test.group(1)


def test_what_is_usual_was_counted_on_the_training_rows(project: Project) -> None:
    bundle = project.trained.bundle
    peers, training = bundle.peers, bundle.training
    assert (peers.task, peers.days) == ("churn", training.horizon_days)
    assert peers.rate == pytest.approx(training.positives / training.rows, abs=1e-4)
    assert {name for name, usual in peers.usual.items() if usual.or_more is not None}
    assert set(peers.usual) <= set(bundle.columns)
    assert all(part.rows >= 30 for usual in peers.usual.values() for part in usual.parts)


def test_the_signal_is_found(project: Project) -> None:
    evaluation = project.trained.evaluation
    assert evaluation.metrics["auc"].low > 0.7
    assert evaluation.gains["base rate"]["log_loss"].low > 0


def test_no_customer_stands_in_what_is_logged(project: Project) -> None:
    for path in project.trained.folder.rglob("*"):
        if path.is_file() and path.suffix != ".png":
            assert not re.search(r"\bC0\d{3}\b", path.read_text()), path.name


def test_a_password_is_not_logged(tmp_path: Path) -> None:
    folder = make_project(tmp_path / "shop", customers=120)
    path = folder / "crm.yaml"
    path.write_text(path.read_text() + "# postgresql+psycopg://me:s3cret@db.example/shop\n")
    trained = train("churn", CRM.open(path), log=False)
    logged = (trained.folder / "crm.yaml").read_text()
    assert "s3cret" not in logged
    assert "db.example/shop" in logged


def test_mlflow_away_loses_nothing(tmp_path: Path, project: Project) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        away = Tracking(
            tracking_uri=f"http://127.0.0.1:{closed.getsockname()[1]}", artifacts="a", folder=tmp_path
        )
    folder = make_project(tmp_path / "shop", customers=120)
    trained = train("churn", CRM.open(folder / "crm.yaml"), tracking=away)
    assert trained.logged is None
    assert f"salesml register {trained.folder}" in trained.text()
    assert Bundle.load(trained.folder / "bundle").digest == trained.bundle.digest
    later = Tracking(tracking_uri=f"sqlite:///{tmp_path}/later.db", folder=tmp_path)
    assert register(trained.folder, later).model_version == 1


def test_the_same_data_and_seed_give_the_same_bundle(tmp_path: Path) -> None:
    folder = make_project(tmp_path / "shop", customers=120)
    first, second = (train("churn", CRM.open(folder / "crm.yaml"), log=False) for _ in range(2))
    assert first.folder != second.folder
    assert first.bundle.digest == second.bundle.digest


def test_a_fatal_fault_stops_the_training(tmp_path: Path) -> None:
    folder = make_project(tmp_path / "shop", customers=60)
    table = orders(60)
    table["customer_id"] = None
    table.to_parquet(folder / "orders.parquet")
    with pytest.raises(DataError) as caught:
        train("churn", CRM.open(folder / "crm.yaml"), log=False)
    assert "customer_id" in str(caught.value)
    assert not (folder / "models" / "churn").exists()


def test_too_short_a_history_says_how_much_is_needed(tmp_path: Path) -> None:
    folder = make_project(tmp_path / "shop", customers=60)
    table = orders(60)
    table[table["ordered_at"] >= "2025-10-01"].to_parquet(folder / "orders.parquet")
    with pytest.raises(DataError) as caught:
        train("churn", CRM.open(folder / "crm.yaml"), log=False)
    assert "The data cover 92 days" in str(caught.value)
    assert "need 360" in str(caught.value)


def test_an_unknown_learner_parameter_is_named(tmp_path: Path) -> None:
    folder = make_project(tmp_path / "shop", customers=60)
    path = folder / "models" / "churn.yaml"
    path.write_text(path.read_text() + "learner: {n_fold: 3}\n")
    with pytest.raises(UsageError) as caught:
        train("churn", CRM.open(folder / "crm.yaml"), log=False)
    assert "unknown key 'n_fold'" in str(caught.value)
    assert "Did you mean 'n_folds'?" in str(caught.value)


def test_everybody_leaves_or_nobody(tmp_path: Path) -> None:
    folder = make_project(tmp_path / "shop", customers=60)
    table = orders(60)
    stays = table.assign(customer_id="C" + (table.index % 20).astype(str))
    stays.to_parquet(folder / "orders.parquet")
    with pytest.raises(DataError) as caught:
        train("churn", CRM.open(folder / "crm.yaml"), log=False)
    assert "outcome" in str(caught.value)


def test_fewer_dates_than_asked_for_is_said(project: Project) -> None:
    said = "\n".join(project.said)
    assert "dates asked for" not in said
    split = Split((dt.date(2025, 1, 1),), (), (dt.date(2025, 6, 1),), 90)
    lines = fewer_than_asked(project.spec, split)
    assert "The data hold 1 of the 6 dates asked for training" in lines[0]
    assert "The data hold 0 of the 1 dates asked for validating" in lines[1]


def test_the_logged_sql_runs_where_its_head_says(project: Project) -> None:
    sql = (project.trained.folder / "snapshot.sql").read_text()
    assert sql.startswith("-- The rows that this model was trained and tested on")
    with project.crm.connect() as con:
        rows = con.sql(sql).fetchall()
    assert len(rows) == project.trained.bundle.training.rows + project.trained.evaluation.rows


def test_a_model_of_no_use_is_not_champion(project: Project, tmp_path: Path) -> None:
    folder = tmp_path / "run"
    shutil.copytree(project.trained.folder, folder)
    (folder / "logged.json").unlink()
    run = json.loads((folder / "run.json").read_text())
    run["tags"]["verdict"] = "no usable signal"
    (folder / "run.json").write_text(json.dumps(run))
    store = Tracking(tracking_uri=f"sqlite:///{tmp_path}/store.db", folder=tmp_path)
    assert register(folder, store).model_version == 1
    assert list(runs(store, "churn")["aliases"]) == ["challenger"]
