"""A bundle from a folder, a run and the registry; and served over HTTP."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

import mlflow
import pytest

from salesml.config import Tracking
from salesml.errors import ModelError, UsageError
from salesml.model.bundle import Bundle
from salesml.tracking import Logged, fetch, load
from tests.scoring.made import bundle, rows


@pytest.mark.parametrize(
    ("uri", "version"),
    [
        ("models:/salesml-churn@champion", "salesml-churn/1"),
        ("models:/salesml-churn/1", "salesml-churn/1"),
        ("models:/salesml-churn/latest", "salesml-churn/1"),
        ("runs:/{run_id}", None),
        ("runs:/{run_id}/model", None),
        ("{folder}", None),
        ("{folder}/bundle", None),
        ("file://{folder}/bundle", None),
    ],
)
def test_from_everywhere(store: Tracking, run: Path, logged: Logged, uri: str, version: str | None) -> None:
    scorer = load(uri.format(run_id=logged.run_id, folder=run), store)
    assert scorer.bundle == bundle()
    assert scorer.version == (version or bundle().digest[:12])
    assert len(scorer.score(rows(3))) == 3


def test_fetched_bundle_can_be_copied(store: Tracking, logged: Logged, tmp_path: Path) -> None:
    assert Bundle.load(fetch(logged.uri, store)) == bundle()
    assert Bundle.load(fetch(logged.uri, store, into=tmp_path / "copy")) == bundle()


@pytest.mark.parametrize(
    ("uri", "words"),
    [
        ("models:/nobody/1", "MLflow does not have it: .*nobody"),
        ("models:/nobody/latest", "MLflow does not have it: .*nobody"),
        ("models:/salesml-churn/99", "MLflow does not have it"),
        ("models:/salesml-churn@nobody", "alias nobody not found"),
        ("runs:/0123", "MLflow does not have it"),
    ],
)
def test_what_is_not_in_mlflow(store: Tracking, logged: Logged, uri: str, words: str) -> None:
    with pytest.raises(ModelError, match=words):
        load(uri, store)


def test_artefacts_that_are_gone(store: Tracking, logged: Logged) -> None:
    with pytest.raises(ModelError, match="holds no bundle"):
        load(f"runs:/{logged.run_id}/plots", store)


@pytest.mark.parametrize("uri", ["models:/a/1/2", "runs:/", "s3://bucket/model", "models:/a"])
def test_addresses_of_another_form(store: Tracking, uri: str) -> None:
    with pytest.raises(UsageError, match="not an address of a model"):
        load(uri, store)


def test_a_folder_without_a_bundle(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="holds no bundle"):
        load(tmp_path)


def test_a_registered_bundle_that_was_changed(store: Tracking, logged: Logged, tmp_path: Path) -> None:
    copy = shutil.copytree(fetch(logged.uri, store).parents[1], tmp_path / "model")
    path = copy / "data" / "bundle" / "bundle.json"
    path.write_text(path.read_text().replace('"usable"', '"perfect"'))
    with pytest.raises(ModelError, match="not as it was written"):
        load(copy, store)


def test_as_a_pyfunc(store: Tracking, logged: Logged, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_URI", store.tracking_uri)
    model = mlflow.pyfunc.load_model(logged.uri)
    frame = rows(20, 1).drop(columns="label")
    whole = frame.astype({"orders_30": "int64", "industry": "category"})
    answer = model.predict(whole)
    ours = load(logged.uri, store).score(frame)
    assert list(answer["probability"]) == list(ours["probability"])
    assert list(answer["reasons"]) == list(ours["reasons"])


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def ask(url: str, body: dict[str, Any]) -> dict[str, Any]:
    request = urllib.request.Request(url, json.dumps(body).encode(), {"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=30) as answer:
        return dict(json.load(answer))


def wait_for(url: str, server: subprocess.Popen[bytes], log: Path) -> None:
    until = time.monotonic() + 180
    while time.monotonic() < until and server.poll() is None:
        try:
            with urllib.request.urlopen(url, timeout=5):
                return
        except (urllib.error.URLError, ConnectionError):
            time.sleep(0.2)
    pytest.fail(f"the server did not start: {log.read_text()[-2000:]}")


def test_served_over_http(store: Tracking, logged: Logged, tmp_path: Path) -> None:
    port = free_port()
    command = [sys.executable, "-m", "mlflow", "models", "serve", "-m", logged.uri]
    source = str(Path(__file__).resolve().parents[2] / "src")
    path = os.pathsep.join([source, *filter(None, [os.environ.get("PYTHONPATH")])])
    environment = {
        **os.environ,
        "MLFLOW_TRACKING_URI": store.tracking_uri,
        "PYTHONPATH": path,
        # MLflow calls its server by name; an environment that is not activated has it beside Python.
        "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]]),
    }
    with (tmp_path / "log").open("wb") as log:
        server = subprocess.Popen(
            [*command, "--env-manager", "local", "--host", "127.0.0.1", "--port", str(port)],
            stdout=log,
            stderr=log,
            env=environment,
            start_new_session=True,
        )
        try:
            wait_for(f"http://127.0.0.1:{port}/ping", server, tmp_path / "log")
            answered(f"http://127.0.0.1:{port}/invocations", load(logged.uri, store))
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(server.pid, 15)
            server.wait(timeout=30)


def answered(url: str, scorer: Any) -> None:
    """Real requests get scores and reasons, row by row, equal to the library's."""
    frame = rows(4, 1).drop(columns=["label", "as_of", "rep_id"])
    frame["industry"] = frame["industry"].astype(object).where(frame["industry"].notna(), None)
    records = json.loads(frame.to_json(orient="records"))
    records[3]["revenue_90"] = "a lot"
    scores = ask(url, {"dataframe_records": records, "params": {"top": 2}})["predictions"]
    ours = scorer.score(frame, top=2)
    assert [row["probability"] for row in scores[:3]] == list(ours["probability"][:3])
    assert [row["reasons"] for row in scores[:3]] == list(ours["reasons"][:3])
    assert scores[0]["reasons"][0]["words"]
    assert (scores[3]["status"], scores[3]["problem"]) == ("not scored", "revenue_90 is not a number")
    split = {"columns": list(frame.columns), "data": [list(record.values()) for record in records[:1]]}
    assert ask(url, {"dataframe_split": split})["predictions"][0]["probability"] == scores[0]["probability"]
