"""Names that a folder or MLflow would refuse are refused before anything is fitted."""

from __future__ import annotations

from pathlib import Path

import pytest

from salesml.config import Tracking
from salesml.errors import OutsideError, SalesmlError, UsageError
from salesml.lifecycle import training
from salesml.lifecycle.check_names import check_names
from salesml.lifecycle.train_table import train_table
from salesml.lifecycle.training import log_if_there
from tests.tracking.made import config, run_folder


@pytest.mark.parametrize("name", ["churn eu", "../x", "churn:eu", "", ".hidden", "a/b"])
def test_bad_names(name: str) -> None:
    with pytest.raises(UsageError) as caught:
        check_names(name, Tracking())
    assert f"The model is called {name!r}" in str(caught.value)
    assert "Letters, digits, dots" in str(caught.value)


def test_a_registered_name_that_mlflow_refuses() -> None:
    with pytest.raises(UsageError) as caught:
        check_names("churn", Tracking(models={"churn": "sales/churn"}))
    assert "is to be registered as 'sales/churn'" in str(caught.value)
    assert "mlflow.yaml" in str(caught.value)
    check_names("churn-eu_2.1", Tracking(models={"churn-eu_2.1": "Churn in Europe"}))


def test_before_anything_is_read(tmp_path: Path) -> None:
    with pytest.raises(UsageError) as caught:
        train_table("churn:eu", tmp_path / "none.csv", id_column="id", target="y")
    assert caught.value.code == "bad-name"


def test_a_registry_that_refuses_does_not_lose_the_training(tmp_path: Path) -> None:
    folder = run_folder(tmp_path / "run", registered_name="a/b:c")
    logged, why = log_if_there(folder, config(tmp_path / "store"), lambda line: None)
    assert logged is None
    assert why


@pytest.mark.parametrize("error", [SalesmlError, UsageError, OutsideError])
def test_whatever_mlflow_says(monkeypatch: pytest.MonkeyPatch, error: type[SalesmlError]) -> None:
    from salesml import tracking
    from salesml.errors import Fault

    def refuse(*_: object) -> None:
        raise error(Fault(code="x", found="The experiment is deleted"))

    monkeypatch.setattr(tracking, "log_run", refuse)
    logged, why = training.log_if_there(Path("run"), Tracking(), lambda line: None)
    assert (logged, why) == (None, "The experiment is deleted.")
