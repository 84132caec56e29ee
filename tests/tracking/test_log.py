"""A run folder in MLflow: everything of it, once, and nothing personal."""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from mlflow import MlflowClient

from salesml.config import Tracking
from salesml.errors import ModelError, UsageError
from salesml.tracking import Logged, log, log_run, register, runs
from tests.scoring.made import bundle, rows
from tests.tracking.made import run_folder


def client(store: Tracking) -> MlflowClient:
    return MlflowClient(store.tracking_uri)


def test_everything_is_there(store: Tracking, logged: Logged) -> None:
    run = client(store).get_run(logged.run_id)
    assert run.info.status == "FINISHED"
    assert run.data.params == {"seed": "0", "learner": "lightgbm"}
    assert run.data.metrics == {"auc": 0.75, "auc_low": 0.7}
    assert run.data.tags["git.commit"] == run.data.tags["mlflow.source.git.commit"] == "c0ffee"
    assert run.data.tags["salesml.bundle"] == bundle().digest
    root = Path(run.info.artifact_uri.removeprefix("file://"))
    found = {path.relative_to(root).as_posix() for path in root.rglob("*") if path.is_file()}
    assert {"run.json", "model_card.md", "snapshot.sql", "plots/reliability.png"} <= found
    assert {"model/MLmodel", "model/data/bundle/booster.txt", "model/data/bundle/bundle.json"} <= found
    assert not [name for name in found if "hidden" in name or name.startswith(("bundle", "outcomes"))]
    assert root.is_relative_to(store.folder / "mlartifacts")


def test_registered_with_aliases(store: Tracking, logged: Logged) -> None:
    assert logged.uri == "models:/salesml-churn/1"
    assert logged.text() == f"Logged as run {logged.run_id}, registered as models:/salesml-churn/1"
    aliases = client(store).get_registered_model("salesml-churn").aliases
    assert {name: int(version) for name, version in aliases.items()} == {"challenger": 1, "champion": 1}


def test_nothing_of_a_customer_and_nothing_to_execute(store: Tracking, logged: Logged) -> None:
    root = Path(client(store).get_run(logged.run_id).info.artifact_uri.removeprefix("file://"))
    files = [path for path in (root / "model").rglob("*") if path.is_file()]
    text = b"".join(path.read_bytes() for path in files)
    assert not [name for name in rows()["entity_id"] if name.encode() in text]
    assert not [path.name for path in files if path.suffix in (".pkl", ".pickle", ".py", ".bin")]
    assert not [path.name for path in files if "example" in path.name]


def test_a_folder_is_logged_once(store: Tracking, run: Path, logged: Logged) -> None:
    assert register(run, store) == logged
    marker = run / "logged.json"
    assert json.loads(marker.read_text())["run_id"] == logged.run_id
    marker.unlink()
    assert register(run, store) == logged
    marker.write_text("{")
    assert register(run, store) == logged


def test_the_first_champion_is_not_taken_from_whoever_is_quicker(
    tmp_path: Path, fresh: Tracking, monkeypatch: pytest.MonkeyPatch
) -> None:
    log_run(run_folder(tmp_path / "one"), fresh)
    name = "salesml-churn"
    client(fresh).delete_registered_model_alias(name, "champion")

    @contextlib.contextmanager
    def after_another(*asked: object, **how: object) -> Iterator[Callable[[], None]]:
        client(fresh).set_registered_model_alias(name, "champion", "1")
        yield lambda: None

    monkeypatch.setattr(log, "alone", after_another)
    log_run(run_folder(tmp_path / "two", metrics={"auc": 0.8}), fresh)
    aliases = client(fresh).get_registered_model(name).aliases
    assert {name: int(version) for name, version in aliases.items()} == {"challenger": 2, "champion": 1}


def test_another_run_becomes_challenger_and_the_champion_stays(tmp_path: Path, fresh: Tracking) -> None:
    log_run(run_folder(tmp_path / "one"), fresh)
    second = log_run(run_folder(tmp_path / "two", metrics={"auc": 0.8}), fresh)
    assert second.model_version == 2
    aliases = client(fresh).get_registered_model("salesml-churn").aliases
    assert {name: int(version) for name, version in aliases.items()} == {"challenger": 2, "champion": 1}
    table = runs(fresh, "churn")
    assert list(table["version"]) == [2, 1]
    assert list(table["aliases"]) == ["challenger", "champion"]
    assert list(table["auc"]) == [0.8, 0.75]
    assert list(table["verdict"]) == ["usable", "usable"]
    assert not [name for name in table.columns if name.startswith("param.")]
    assert len(runs(fresh, "fit")) == 0


def test_secrets_do_not_reach_the_store(tmp_path: Path, store: Tracking) -> None:
    tags = {"git.remote": "https://me:secret@host/x"}
    folder = run_folder(
        tmp_path / "run", tags=tags, registered_name="other", params={"url": "pg://a:secret@b/c"}
    )
    logged = log_run(folder, store)
    stored = client(store).get_run(logged.run_id)
    assert stored.data.tags["git.remote"] == "https://host/x"
    assert stored.data.params["url"] == "pg://b/c"
    assert not [value for value in stored.data.tags.values() if "secret" in value]


def test_many_and_long_values(tmp_path: Path, store: Tracking) -> None:
    folder = run_folder(
        tmp_path / "run",
        registered_name="many",
        params={f"p{number}": "x" * 9000 for number in range(150)},
        metrics={f"m{number}": float(number) for number in range(250)} | {"nothing": None},
    )
    stored = client(store).get_run(log_run(folder, store).run_id)
    assert len(stored.data.params) == 150
    assert len(stored.data.metrics) == 250


def test_what_is_not_a_run(tmp_path: Path, store: Tracking) -> None:
    with pytest.raises(UsageError, match=r"run\.json cannot be read"):
        log_run(tmp_path, store)
    (tmp_path / "run.json").write_text('{"name": "churn", "task": "churn"}')
    with pytest.raises(UsageError, match="lacks registered_name, params, metrics, tags"):
        log_run(tmp_path, store)
    (tmp_path / "run.json").write_text("[]")
    with pytest.raises(UsageError, match="cannot be read"):
        log_run(tmp_path, store)


def test_a_changed_bundle_is_not_logged(tmp_path: Path, store: Tracking) -> None:
    folder = run_folder(tmp_path / "run")
    with (folder / "bundle" / "booster.txt").open("a") as file:
        file.write("x")
    with pytest.raises(ModelError, match="not as it was written"):
        log_run(folder, store)


def test_two_processes_and_a_new_store(tmp_path: Path) -> None:
    for seed, name in enumerate(("one", "two")):
        run_folder(tmp_path / name, params={"seed": seed})
    script = (
        "import sys; from pathlib import Path; from salesml.config import read_tracking\n"
        "from salesml.tracking import log_run\n"
        "print(log_run(Path(sys.argv[1]), read_tracking(Path(sys.argv[2]))).model_version)"
    )
    started = [
        subprocess.Popen(
            [sys.executable, "-c", script, str(tmp_path / name), str(tmp_path / "mlflow.yaml")],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for name in ("one", "two")
    ]
    answers = [process.communicate(timeout=120) for process in started]
    assert sorted(answer.strip() for answer, _ in answers) == ["1", "2"], answers
    assert [said for _, said in answers] == ["", ""]
