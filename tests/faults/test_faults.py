"""Killed anywhere, on a full or failing disk: readers see the old generation or the new one, whole.

Every fault is followed by the same job without one, which must give the same bytes as if nothing had
happened, and leave nothing behind.
"""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import need
from tests.faults import shim
from tests.faults.made import small
from tests.scoring.made import bundle

FEWEST_KILLS = 200
"""Over all kinds of output, each at a place of its own."""


@pytest.fixture(scope="module")
def bench() -> Iterator[Path]:
    """A folder for what is scored; in memory where there is room for that, since faults are many."""
    need(shim.can_compile(), "there is no gcc to compile the library of faults")
    memory = Path("/dev/shm")
    with tempfile.TemporaryDirectory(dir=memory if memory.is_dir() else None) as folder:
        yield Path(folder)


@pytest.fixture(scope="module")
def library(bench: Path) -> Path:
    """The preloaded library."""
    return shim.compiled(bench)


WANTED = {
    "scores": ("KILL", "TORN", "TIMED:6", "FULL:3", "BROKEN:3"),
    "scores.parquet": ("KILL", "TORN", "TIMED:6", "FULL:6", "BROKEN:6"),
    "scores.csv": ("KILL:3", "TORN", "TIMED:6", "FULL:6", "BROKEN:6"),
    "read": ("UNREADABLE:2",),
}
"""For each output the faults that are tried, at every so many-th place; under ``REQUIRE_ALL`` at each."""


def wanted(out: str) -> list[str]:
    """The faults of an output."""
    if not os.environ.get("REQUIRE_ALL"):
        return [*WANTED[out]]
    return [each if each.startswith("TIMED") else each.partition(":")[0] for each in WANTED[out]]


@pytest.fixture(scope="module")
def reports(bench: Path, library: Path) -> dict[str, Any]:
    """What came of all faults, two outputs at a time."""

    def tried(out: str) -> dict[str, Any]:
        folder = small(bench / out.replace(".", "-"))
        told = shim.started("tests.faults.driver", library, str(folder), out, *wanted(out))
        found: dict[str, Any] = json.loads(told)
        return found

    bundle()  # once, before threads ask for it
    with ThreadPoolExecutor(2) as pool:
        return dict(zip(WANTED, pool.map(tried, WANTED), strict=True))


@pytest.mark.parametrize("out", WANTED)
def test_readers_see_one_generation_and_the_rerun_is_exact(reports: dict[str, Any], out: str) -> None:
    assert [each for report in reports[out].values() for each in report["bad"]] == []


def test_killed_at_200_places_and_more(reports: dict[str, Any]) -> None:
    killed = 0
    for out in ("scores", "scores.parquet", "scores.csv"):
        for kind in ("KILL", "TORN"):
            assert reports[out][kind]["killed"] == reports[out][kind]["points"] > 0
        killed += sum(reports[out][kind]["killed"] for kind in ("KILL", "TORN", "TIMED"))
    assert killed >= FEWEST_KILLS


@pytest.mark.parametrize("out", ["scores", "scores.parquet", "scores.csv"])
@pytest.mark.parametrize("kind", ["FULL", "BROKEN"])
def test_a_disk_that_is_full_or_fails(reports: dict[str, Any], out: str, kind: str) -> None:
    """Only what removes and forgets may fail unnoticed: the next job does it."""
    report = reports[out][kind]
    assert report["points"] > 10
    assert report["refused"] > report["points"] * 3 // 4
    assert set(report["codes"]) == {"not-written"}


def test_a_table_that_cannot_be_read(reports: dict[str, Any]) -> None:
    report = reports["read"]["UNREADABLE"]
    assert report["refused"] == report["points"] > 10
    assert set(report["codes"]) == {"not-read"}
