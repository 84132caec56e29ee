"""One trained project for all tests of the whole way."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest

from salesml.config import read_spec, read_tracking
from salesml.config.spec import Spec
from salesml.config.tracking import Tracking
from salesml.crm import CRM
from salesml.lifecycle import train
from salesml.lifecycle.training import Trained
from tests.company import make_project


@dataclass(frozen=True)
class Project:
    """A project with one training."""

    folder: Path
    crm: CRM
    spec: Spec
    tracking: Tracking
    trained: Trained
    said: tuple[str, ...]


@pytest.fixture(scope="session")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """The shop, trained and registered in an SQLite store of its own."""
    folder = make_project(tmp_path_factory.mktemp("project") / "shop")
    crm = CRM.open(folder / "crm.yaml")
    said: list[str] = []
    trained = train("churn", crm, say=said.append)
    return Project(
        folder=folder,
        crm=crm,
        spec=read_spec(folder / "models" / "churn.yaml"),
        tracking=read_tracking(folder / "mlflow.yaml"),
        trained=trained,
        said=tuple(said),
    )
