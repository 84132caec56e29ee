"""`salesml init` writes a project whose files are valid, and never over others."""

from __future__ import annotations

from pathlib import Path

import pytest

from salesml.config import read_spec, read_tracking
from salesml.crm.contract import read_contract
from salesml.errors import UsageError
from salesml.lifecycle.project import FILES, init

ROOT = Path(__file__).resolve().parents[2]


def test_the_files_are_valid(tmp_path: Path) -> None:
    written = init(tmp_path / "shop")
    assert [str(path.relative_to(tmp_path / "shop")) for path in written] == list(FILES)
    contract = read_contract(tmp_path / "shop" / "crm.yaml")
    spec = read_spec(tmp_path / "shop" / "models" / "churn.yaml")
    assert spec.label.events in contract.events
    assert spec.value_measure in contract.events[spec.value_log].measures
    assert read_tracking(tmp_path / "shop" / "mlflow.yaml").registered_name("churn") == "salesml-churn"


def test_nothing_is_overwritten(tmp_path: Path) -> None:
    (tmp_path / "mlflow.yaml").write_text("mine")
    with pytest.raises(UsageError) as caught:
        init(tmp_path)
    assert "already has mlflow.yaml" in str(caught.value)
    assert (tmp_path / "mlflow.yaml").read_text() == "mine"
    assert not (tmp_path / "crm.yaml").exists()


def test_the_repository_shows_the_same_files() -> None:
    assert read_spec(ROOT / "models" / "churn.yaml").task == "churn"
    assert read_tracking(ROOT / "mlflow.yaml").experiment == "salesml"
