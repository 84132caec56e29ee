"""Killed anywhere, on a full or failing disk: readers see the old generation or the new one, whole.

Every fault is followed by the same job without one, which must give the same bytes as if nothing had
happened, and leave nothing behind.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import need
from tests.faults import shim
from tests.faults.made import small

FEWEST_KILLS = 200
"""Over all kinds of output, each at another place."""


@pytest.fixture(scope="module")
def bench() -> Iterator[Path]:
    """A folder with what is scored; in memory where there is room for that, since faults are many."""
    need(shim.can_compile(), "there is no gcc to compile the library of faults")
    memory = Path("/dev/shm")
    with tempfile.TemporaryDirectory(dir=memory if memory.is_dir() else None) as folder:
        yield small(Path(folder))


@pytest.fixture(scope="module")
def library(bench: Path) -> Path:
    """The preloaded library."""
    return shim.compiled(bench)


def faults(bench: Path, library: Path, out: str, *wanted: str) -> dict[str, Any]:
    """What came of faults; none of them may be bad."""
    reports: dict[str, Any] = json.loads(
        shim.started("tests.faults.driver", library, str(bench), out, *wanted)
    )
    assert [each for report in reports.values() for each in report["bad"]] == []
    return reports


KILLS: dict[str, int] = {}


@pytest.mark.parametrize("out", ["scores", "scores.parquet", "scores.csv"])
def test_killed_at_every_change_of_a_file(bench: Path, library: Path, out: str) -> None:
    reports = faults(bench, library, out, "KILL", "TORN", "TIMED:12")
    for kind in ("KILL", "TORN"):
        assert reports[kind]["killed"] == reports[kind]["points"] > 0
    KILLS[out] = sum(report["killed"] for report in reports.values())


def test_there_were_enough_kills() -> None:
    if len(KILLS) == 3:  # all ran in this process
        assert sum(KILLS.values()) >= FEWEST_KILLS


@pytest.mark.parametrize("out", ["scores", "scores.parquet", "scores.csv"])
def test_a_disk_that_is_full_or_fails(bench: Path, library: Path, out: str) -> None:
    reports = faults(bench, library, out, "FULL:2", "BROKEN:2")
    for report in reports.values():
        assert report["points"] > 20
        assert report["refused"] >= report["points"] - 8, "a failed write went unnoticed"
        assert set(report["codes"]) == {"not-written"}


def test_a_table_that_cannot_be_read(bench: Path, library: Path) -> None:
    report = faults(bench, library, "scores", "UNREADABLE:2")["UNREADABLE"]
    assert report["refused"] == report["points"] > 10
    assert set(report["codes"]) == {"not-read"}
