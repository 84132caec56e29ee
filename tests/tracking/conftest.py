"""Stores that the tests of tracking share: setting up a new one takes MLflow seconds."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from salesml.config import Tracking
from salesml.tracking import Logged, log_run, runs
from tests.tracking.made import config, run_folder


@pytest.fixture(autouse=True)
def _no_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("MLFLOW_TRACKING_URI", "MLFLOW_REGISTRY_URI"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture(scope="session")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The database of a store that was set up and never used."""
    made = config(tmp_path_factory.mktemp("empty"))
    runs(made, "nothing")
    return made.folder / "mlflow.db"


@pytest.fixture
def fresh(empty: Path, tmp_path: Path) -> Tracking:
    """A store of the test's own."""
    folder = tmp_path / "fresh"
    folder.mkdir()
    shutil.copy(empty, folder)
    return config(folder)


@pytest.fixture(scope="session")
def store(empty: Path, tmp_path_factory: pytest.TempPathFactory) -> Tracking:
    """A store that tests share, each with models of its own name."""
    folder = tmp_path_factory.mktemp("store")
    shutil.copy(empty, folder)
    return config(folder)


@pytest.fixture(scope="session")
def run(store: Tracking, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return run_folder(tmp_path_factory.mktemp("kept") / "run")


@pytest.fixture(scope="session")
def logged(store: Tracking, run: Path) -> Logged:
    return log_run(run, store)
