"""Scoring into a store, killed in either half: readers see one whole generation, and the rerun is exact."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import need
from tests.faults import shim
from tests.faults.made import small
from tests.postgres import running

ROOT = Path(__file__).resolve().parents[2]
FEWEST = 25
"""Of each kind of store."""
STEP = 2
"""Every so many-th place."""

APART = 61
"""Changes of files from one fault to the next."""


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def report(request: pytest.FixtureRequest) -> Iterator[dict[str, Any]]:
    """What came of all kills."""
    memory = Path("/dev/shm")
    with tempfile.TemporaryDirectory(dir=memory if memory.is_dir() else None) as name:
        folder = small(Path(name) / "made")
        if request.param == "sqlite":
            yield killed(folder, f"sqlite:///{folder / 'case' / 'store.db'}", STEP)
            return
        with running() as server:
            yield killed(folder, server.url, STEP)


def killed(folder: Path, address: str, step: int) -> dict[str, Any]:
    done = subprocess.run(
        [sys.executable, "-m", "tests.faults.store_driver", str(folder), address, f"CALLS:{step}"],
        cwd=ROOT, capture_output=True, text=True, check=False,
        env={
            **os.environ,
            "PYTHONPATH": os.pathsep.join([str(ROOT / "src"), str(ROOT)]),
            "OMP_NUM_THREADS": "1",
        },
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-3000:]
    found: dict[str, Any] = json.loads(done.stdout.partition("\n")[0])
    return found


def test_readers_see_one_generation_and_the_rerun_is_exact(report: dict[str, Any]) -> None:
    assert report["bad"] == []
    assert report["killed"] >= FEWEST


def test_kills_fell_into_both_halves_and_a_partial_load_is_told(report: dict[str, Any]) -> None:
    assert report["loading"] >= FEWEST // 3, "killed while it was loaded"
    assert report["killed"] - report["loading"] - report["flipped"] >= FEWEST // 3, "killed before"
    assert report["flipped"] > 0, "killed after the pointer had moved"
    assert report["told"] == report["loading"], "each load that did not end is in the banner"


@pytest.mark.parametrize("kind", ["FULL", "BROKEN", "KILL"])
def test_faults_of_the_disk_under_the_store_and_the_work(tmp_path: Path, kind: str) -> None:
    """At changes of files spread over the whole job: those of the parts, the journal, and SQLite's own."""
    need(shim.can_compile(), "there is no gcc to compile the library of faults")
    memory = Path("/dev/shm")
    with tempfile.TemporaryDirectory(dir=memory if memory.is_dir() else None) as name:
        library, folder = shim.compiled(Path(name)), small(Path(name) / "made")
        address = f"sqlite:///{folder / 'case' / 'store.db'}"
        told = shim.started("tests.faults.store_driver", library, str(folder), address, f"{kind}:{APART}")
    found = json.loads(told.partition("\n")[0])
    assert found["bad"] == []
    assert found["killed" if kind == "KILL" else "refused"] > 4
    assert set(found["codes"]) <= {"store-away", "not-written"}
