"""Killed, full or failing while a snapshot is taken in slices: nothing wrong is seen, the rerun is exact."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import need
from tests.faults import shim
from tests.faults.made import company

FEWEST_KILLS = 50

WANTED = (("KILL:5",), ("TORN:6", "FULL:25", "BROKEN:25"))
"""The faults that are tried at every so many-th place, at once."""


@pytest.fixture(scope="module")
def reports() -> Iterator[dict[str, Any]]:
    """What came of all faults."""
    need(shim.can_compile(), "there is no gcc to compile the library of faults")
    memory = Path("/dev/shm")
    with tempfile.TemporaryDirectory(dir=memory if memory.is_dir() else None) as name:
        library = shim.compiled(Path(name))
        folders = [company(Path(name) / str(number)) for number in range(len(WANTED))]

        def tried(number: int) -> dict[str, Any]:
            told = shim.started(
                "tests.faults.driver", library, str(folders[number]), "scores", *WANTED[number]
            )
            found: dict[str, Any] = json.loads(told)
            return found

        with ThreadPoolExecutor(2) as pool:
            one, other = pool.map(tried, range(len(WANTED)))
        yield one | other


def test_readers_see_one_generation_and_the_rerun_is_exact(reports: dict[str, Any]) -> None:
    assert {kind: report["bad"] for kind, report in reports.items() if report["bad"]} == {}


def test_killed_at_50_places_and_more(reports: dict[str, Any]) -> None:
    kills = [reports[kind] for kind in ("KILL", "TORN")]
    assert all(report["killed"] == report["points"] > 0 for report in kills)
    assert sum(report["killed"] for report in kills) >= FEWEST_KILLS


@pytest.mark.parametrize("kind", ["FULL", "BROKEN"])
def test_a_disk_that_is_full_or_fails(reports: dict[str, Any], kind: str) -> None:
    """Both while a snapshot is written and afterwards; only what removes may fail unnoticed."""
    report = reports[kind]
    assert report["refused"] > report["points"] // 2 > 2
    assert set(report["codes"]) == {"not-staged", "not-written"}
