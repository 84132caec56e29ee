"""A project with versions of known worth: the same trees, told too high or too low, cost no training."""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from salesml.config import read_tracking
from salesml.config.tracking import Tracking
from salesml.crm import CRM
from salesml.model.bundle import Bundle
from salesml.model.calibration import Calibration
from salesml.tracking import log_run
from salesml.tracking.champion import PREVIOUS, standing
from salesml.tracking.store import connected
from tests.lifecycle.conftest import Project

POOR, GOOD, BETTER, SHIFTED, NO_USE = 1, 2, 3, 4, 5
"""Versions: probabilities far too timid, the training's own, a little better, far too high, and of no use."""


@dataclass(frozen=True)
class Registered:
    """A project whose registry has several versions."""

    folder: Path
    crm: CRM
    tracking: Tracking
    registered: str
    bundle: Bundle

    def champion(self) -> int | None:
        with connected(self.tracking) as client:
            return standing(client, self.registered).champion

    def before(self) -> tuple[int, ...]:
        with connected(self.tracking) as client:
            return standing(client, self.registered).before

    def tags(self, version: int) -> dict[str, str]:
        with connected(self.tracking) as client:
            return dict(client.get_model_version(self.registered, str(version)).tags)

    def log(self, bundle: Bundle, **changes: Any) -> int:
        """One more version."""
        folder = self.folder / f"run {len(list(self.folder.iterdir()))}"
        write_run(folder, bundle, self.registered, **changes)
        return log_run(folder, self.tracking).model_version


def write_run(folder: Path, bundle: Bundle, registered: str, **tags: str) -> None:
    bundle.save(folder / "bundle")
    run = {
        "name": "churn", "task": "churn", "registered_name": registered, "params": {}, "metrics": {},
        "tags": {"verdict": "usable", **tags},
    }  # fmt: skip
    (folder / "run.json").write_text(json.dumps(run))


def told(bundle: Bundle, slope: float = 1.0, shift: float = 0.0) -> Bundle:
    """The same order, with log-odds stretched around the middle and moved."""
    own = bundle.calibration
    return replace(
        bundle,
        calibration=Calibration(own.a * slope, own.b * slope + shift),
        base_value=bundle.base_value * slope + shift,
    )


@pytest.fixture(scope="package")
def made(project: Project, tmp_path_factory: pytest.TempPathFactory) -> Registered:
    folder = tmp_path_factory.mktemp("promotion") / "shop"
    folder.mkdir()
    for name in ("crm.yaml", "orders.parquet", "models/churn.yaml"):
        (folder / name).parent.mkdir(exist_ok=True)
        shutil.copy(project.folder / name, folder / name)
    gates = "gates: {fewest_outcomes: 20, calibration_worse: 0.05}\n"
    (folder / "mlflow.yaml").write_text((project.folder / "mlflow.yaml").read_text() + gates)
    tracking = read_tracking(folder / "mlflow.yaml")
    crm = CRM.open(folder / "crm.yaml")
    bundle = project.trained.bundle
    made = Registered(folder, crm, tracking, "salesml-churn", bundle)
    made.log(told(bundle, slope=0.3, shift=0.6))
    made.log(bundle)
    made.log(told(bundle, slope=1.0, shift=-0.2))
    made.log(told(bundle, shift=2.5))
    made.log(told(bundle, slope=0.9), verdict="no usable signal")
    return made


@pytest.fixture
def shop(made: Registered) -> Registered:
    """The project, with version 1 the champion and nothing else known of it."""
    with connected(made.tracking) as client:
        for tag in client.get_registered_model(made.registered).tags:
            client.delete_registered_model_tag(made.registered, tag)
        for each in client.search_model_versions(f"name = '{made.registered}'"):
            for tag in each.tags:
                if tag.startswith(("salesml.judged", "salesml.reverted")):
                    client.delete_model_version_tag(made.registered, each.version, tag)
        client.set_registered_model_alias(made.registered, "champion", str(POOR))
        client.delete_registered_model_alias(made.registered, PREVIOUS)
    return made
