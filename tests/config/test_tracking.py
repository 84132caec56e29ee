"""mlflow.yaml becomes a Tracking; the environment wins; paths do not depend on the working directory."""

from __future__ import annotations

from pathlib import Path

import pytest

from salesml.config import read_tracking
from salesml.errors import UsageError


@pytest.fixture(autouse=True)
def no_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    monkeypatch.delenv("MLFLOW_REGISTRY_URI", raising=False)


def test_a_missing_file_means_the_defaults(tmp_path: Path) -> None:
    tracking = read_tracking(tmp_path / "mlflow.yaml")
    assert tracking.tracking_uri == f"sqlite:///{tmp_path.resolve()}/mlflow.db"
    assert tracking.registry_uri == tracking.tracking_uri
    assert tracking.registered_name("churn") == "salesml-churn"


def test_file_and_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "mlflow.yaml"
    path.write_text(
        "tracking_uri: http://127.0.0.1:5000\nmodels: {churn: shop-churn}\ngates: {auc_worse: 0.02}\n"
    )
    tracking = read_tracking(path)
    assert tracking.tracking_uri == "http://127.0.0.1:5000"
    assert tracking.registered_name("churn") == "shop-churn"
    assert tracking.gates == {"auc_worse": 0.02}
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://127.0.0.1:6000")
    assert read_tracking(path).tracking_uri == "http://127.0.0.1:6000"


def test_an_unknown_key_fails(tmp_path: Path) -> None:
    path = tmp_path / "mlflow.yaml"
    path.write_text("experimnt: x\n")
    with pytest.raises(UsageError) as caught:
        read_tracking(path)
    assert "Did you mean 'experiment'?" in str(caught.value)
