"""A shop whose model is soon trained, tuned once for all tests that only look at what that leaves."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest

from salesml.config import Tracking, read_tracking
from salesml.crm import CRM
from salesml.lifecycle.tuning import Tuned, tune
from tests.lifecycle.backtest.conftest import quick_project

TRIALS = 4


@dataclass(frozen=True)
class Shop:
    """A project, its tuning and what was said."""

    folder: Path
    crm: CRM
    tracking: Tracking
    done: Tuned
    said: tuple[str, ...]


@pytest.fixture(scope="session")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Shop:
    """The shop after a tuning of four trials, logged in a store of its own."""
    folder = quick_project(tmp_path_factory.mktemp("tuning") / "shop", customers=150)
    crm = CRM.open(folder / "crm.yaml")
    said: list[str] = []
    done = tune("churn", crm, trials=TRIALS, say=said.append)
    return Shop(folder, crm, read_tracking(folder / "mlflow.yaml"), done, tuple(said))
