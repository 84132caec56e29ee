"""orchestration/retrain.sh with the real commands: the market has changed, and nobody was looking."""

from __future__ import annotations

import contextlib
import os
import sqlite3
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest
from mlflow import MlflowClient

from salesml.cli import main

SCRIPT = Path(__file__).resolve().parents[1] / "orchestration" / "retrain.sh"
DATE = "2025-09-01"
SPEC = {
    "as_of:": "as_of: {every: month, train: 3, validate: 1, test: 1}",
    "windows_days:": "windows_days: [30, 90]",
}


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model of January 2024 is in use; it is September 2025, and in October 2024 a rival came."""
    folder = tmp_path_factory.mktemp("orchestrated") / "company"
    assert main(
        ["sample", str(folder), "--size", "3000", "--seed", "3", "--days", "1460", "--shift", "2024-10-01"]
    ) == 0  # fmt: skip
    spec = folder / "models" / "churn.yaml"
    lines = spec.read_text().splitlines()
    spec.write_text("\n".join(SPEC.get(line.split(" ")[0], line) for line in lines) + "\n")
    tables = folder / "crm.yaml"
    text = tables.read_text()
    with contextlib.chdir(folder):
        tables.write_text(text + "observed_until: 2024-01-01\n")
        assert main(["train", "churn"]) == 0
    tables.write_text(text + f"observed_until: {DATE}\n")
    return folder


def retrain(company: Path) -> subprocess.CompletedProcess[str]:
    own = {
        "SALESML": f"{sys.executable} -m salesml.cli", "OUT": "scores", "STORE": "sqlite:///store.db",
        "TRIES": "1",
    }  # fmt: skip
    kept = {key: value for key, value in os.environ.items() if not key.startswith("MLFLOW_")}
    return subprocess.run(
        ["sh", str(SCRIPT), "churn", DATE], cwd=company, env=kept | own, capture_output=True, text=True,
        check=False,
    )  # fmt: skip


def champion(company: Path) -> int:
    client = MlflowClient(f"sqlite:///{company / 'mlflow.db'}")
    return int(client.get_model_version_by_alias("salesml-churn", "champion").version)


def test_a_model_that_the_market_has_left_behind_is_replaced(company: Path) -> None:
    assert champion(company) == 1
    done = retrain(company)
    assert done.returncode == 3, done.stdout + done.stderr
    assert "ALARM auc_kept" in done.stdout
    assert "Train again: now." in done.stdout
    assert "Version 2 of salesml-churn is the champion now, in the place of version 1" in done.stdout
    assert champion(company) == 2
    with contextlib.closing(sqlite3.connect(company / "store.db")) as store:
        query = "select model_version from pointers p join generations g on g.id = p.generation_id"
        assert store.execute(query).fetchall() == [("salesml-churn/2",)]
    (file,) = (company / "scores" / "task=churn" / f"as_of={DATE}").glob("*.parquet")
    assert set(pd.read_parquet(file)["model_version"]) == {"salesml-churn/2"}

    again = retrain(company)
    assert again.returncode == 0, again.stdout + again.stderr
    assert "No alarm for churn" in again.stdout
    assert champion(company) == 2
