"""Batches that several tests audit."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from salesml.config import read_spec
from salesml.crm import CRM
from salesml.crm.sample import sample
from salesml.snapshots import Snapshot, take
from tests.scoring.audit.batch import Batch, batch_of

LEARNED, SCORED = dt.date(2025, 6, 1), dt.date(2025, 10, 1)


SMALL, LARGE = 2_000, 26_000


def taken(folder: Path, size: int, task: str, day: dt.date, *, labels: bool = False) -> Snapshot:
    """A snapshot of the simulated company, whose tables are written when they are not there."""
    place = folder / str(size)
    if not place.exists():
        sample(place, size=size, seed=11)
    spec = read_spec(place / "models" / f"{task}.yaml")
    return take(spec, CRM.open(place / "crm.yaml"), [day], labels=labels)


def company(folder: Path, size: int, task: str) -> Batch:
    """A batch of the simulated company, scored as the small one teaches."""
    learned = taken(folder, SMALL, task, LEARNED, labels=True)
    return batch_of(learned, taken(folder, size, task, SCORED).table, task=task)


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("audit")


@pytest.fixture(scope="session")
def churn(folder: Path) -> Batch:
    """Some accounts of a small company."""
    return company(folder, SMALL, "churn").part(400)


@pytest.fixture(scope="session")
def conversion(folder: Path) -> Batch:
    """Some prospects of a small company."""
    return company(folder, SMALL, "conversion").part(400)
