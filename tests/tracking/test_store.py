"""MLflow away: an answer in words, soon, and nothing lost."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from salesml.config import Tracking
from salesml.errors import OutsideError
from salesml.tracking import load, log_run, register, runs, store
from tests.tracking.made import config, run_folder


def away(action: object, *, within: float) -> str:
    started = time.monotonic()
    with pytest.raises(OutsideError) as caught:
        action()  # type: ignore[operator]
    assert time.monotonic() - started < within
    assert caught.value.exit_code == 4
    assert "salesml register DIR" in str(caught.value)
    return str(caught.value)


@contextmanager
def silent_server() -> Iterator[int]:
    """Accepts connections and never answers."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        kept: list[socket.socket] = []

        def accept() -> None:
            while True:
                try:
                    kept.append(listener.accept()[0])
                except OSError:
                    return

        threading.Thread(target=accept, daemon=True).start()
        try:
            yield listener.getsockname()[1]
        finally:
            listener.shutdown(socket.SHUT_RDWR)
            for connection in kept:
                connection.close()


def test_importing_does_not_import_mlflow() -> None:
    script = "import sys, salesml.tracking; sys.exit('mlflow' in sys.modules)"
    subprocess.run([sys.executable, "-c", script], check=True, env={**os.environ, "PYTHONPATH": "src"})


def test_a_server_that_is_not_there(tmp_path: Path, fresh: Tracking) -> None:
    folder = run_folder(tmp_path / "run")
    before = sorted(path.name for path in folder.rglob("*"))
    gone = Tracking(tracking_uri="http://me:secret@127.0.0.1:9", folder=tmp_path)
    text = away(lambda: log_run(folder, gone), within=30)
    assert "MLflow at http://127.0.0.1:9 cannot be used now" in text
    assert "secret" not in text
    assert sorted(path.name for path in folder.rglob("*")) == before
    assert register(folder, fresh).model_version == 1


def test_a_server_that_never_answers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_TIMEOUT", "1")
    with silent_server() as port:
        hanging = Tracking(tracking_uri=f"http://127.0.0.1:{port}", folder=tmp_path)
        away(lambda: load("models:/a/1", hanging), within=20)
        away(lambda: runs(hanging, "churn"), within=20)


def test_a_store_that_cannot_be_opened(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a database " * 100)
    for uri in (
        f"sqlite:///{tmp_path}/file/mlflow.db",
        f"sqlite:///{tmp_path}/file",
        f"sqlite:///{tmp_path}",
    ):
        away(lambda uri=uri: runs(Tracking(tracking_uri=uri), "churn"), within=20)


def test_a_database_that_is_not_there() -> None:
    text = away(
        lambda: runs(Tracking(tracking_uri="postgresql://me:secret@127.0.0.1:9/x"), "churn"), within=20
    )
    assert "secret" not in text


def test_settings_are_as_they_were(store: Tracking, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", raising=False)
    before = dict(os.environ)
    runs(store, "churn")
    assert dict(os.environ) == before


def test_a_registry_apart_from_the_store(tmp_path: Path, empty: Path, fresh: Tracking) -> None:
    shutil.copy(empty, tmp_path / "registry.db")
    apart = replace(fresh, registry_uri=f"sqlite:///{tmp_path}/registry.db")
    logged = log_run(run_folder(tmp_path / "run"), apart)
    assert logged.model_version == 1
    assert load(logged.uri, apart).version == "salesml-churn/1"
    assert runs(apart, "churn")["run_id"].iloc[0] == logged.run_id


def test_a_lock_that_is_held_too_long(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fcntl = pytest.importorskip("fcntl")
    monkeypatch.setattr(store, "LOCK_PATIENCE", 0.2)
    with (tmp_path / "mlflow.db.lock").open("a") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        text = away(lambda: runs(config(tmp_path), "churn"), within=20)
    assert "another process" in text
