"""Killed, full or failing while a Delta table is committed to: readers see the old rows or the new ones."""

from __future__ import annotations

import importlib.util
import json
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import need
from tests.faults import shim
from tests.faults.made import small

WANTED = ("KILL:6", "FULL:13", "BROKEN:13")
"""The faults that are tried at every so many-th place."""


@pytest.fixture(scope="module")
def reports() -> Iterator[dict[str, Any]]:
    """What came of all faults."""
    need(importlib.util.find_spec("deltalake"), "the package deltalake is not installed")
    need(shim.can_compile(), "there is no gcc to compile the library of faults")
    memory = Path("/dev/shm")
    with tempfile.TemporaryDirectory(dir=memory if memory.is_dir() else None) as name:
        library, folder = shim.compiled(Path(name)), small(Path(name) / "made")
        yield json.loads(shim.started("tests.faults.delta_driver", library, str(folder), *WANTED))


def test_readers_see_one_commit_and_the_rerun_adds_one(reports: dict[str, Any]) -> None:
    assert {kind: report["bad"] for kind, report in reports.items() if report["bad"]} == {}


def test_faults_fell_on_many_places(reports: dict[str, Any]) -> None:
    assert reports["KILL"]["killed"] == reports["KILL"]["points"] >= 10
    for kind in ("FULL", "BROKEN"):
        assert reports[kind]["refused"] > reports[kind]["points"] // 2 > 1
        assert set(reports[kind]["codes"]) == {"not-written"}
