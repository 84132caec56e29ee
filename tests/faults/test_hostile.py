"""Damaged and hostile Parquet files: a clear error or the right rows, never others, whatever crashes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.faults.hostile import mutated
from tests.scoring.made import rows

COUNT = 10_000
ROOT = Path(__file__).resolve().parents[2]


def module(name: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """A module of the tests in a process of its own."""
    return subprocess.run(
        [sys.executable, "-m", name, *arguments],
        cwd=ROOT, capture_output=True, text=True, check=False,
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT / "src"), str(ROOT)])},
    )  # fmt: skip


def test_ten_thousand_damaged_copies(tmp_path: Path) -> None:
    """The file has page checksums: without them nobody can tell a flipped byte of a value."""
    table = rows(24, 3).rename(columns={"entity_id": "customer"})[["customer", "revenue_90", "industry"]]
    for part in ("a", "b"):
        (tmp_path / part).mkdir()
        pq.write_table(
            pa.Table.from_pandas(table, preserve_index=False), tmp_path / part / "t.parquet",
            row_group_size=12, write_page_checksum=True,
        )  # fmt: skip

    def half(number: int) -> subprocess.CompletedProcess[str]:
        path = tmp_path / "ab"[number] / "t.parquet"
        return module("tests.faults.hostile", str(path), str(COUNT // 2), str(number * COUNT // 2))

    outcomes: Counter[str] = Counter()
    with ThreadPoolExecutor(2) as pool:
        for done in pool.map(half, range(2)):
            assert done.returncode == 0, done.stderr[-2000:]
            report = json.loads(done.stdout)
            assert report["other"] == []
            outcomes.update(report["outcomes"])
            outcomes["crashed"] += len(report["crashed"])
    assert sum(outcomes.values()) == COUNT
    assert outcomes["unreadable-file"] > COUNT // 2
    assert set(outcomes) <= {"unreadable-file", "duplicate-columns", "the same rows", "crashed"}


def test_copies_differ_from_the_file() -> None:
    data = bytes(range(256)) * 4
    assert all(mutated(data, seed) != data for seed in range(500))
    assert mutated(data, 7) == mutated(data, 7)


CRASH = """
import os, sys
from salesml.cli.contained import contained
from salesml.errors import SalesmlError
def work():
    print("at work", flush=True)
    os.kill(os.getpid(), int(sys.argv[1]))
    return 0
try:
    sys.exit(contained(work))
except SalesmlError as error:
    print(error.code, error)
    sys.exit(error.exit_code)
"""


@pytest.mark.parametrize(
    ("number", "exit_code", "words"),
    [
        (11, 1, "crashed in a library (SIGSEGV)"),
        (6, 1, "crashed in a library (SIGABRT)"),
        (7, 1, "crashed in a library (SIGBUS)"),
        (9, 4, "it goes on where it stopped"),
        (15, 143, "at work"),
    ],
)
def test_a_crash_becomes_a_message(number: int, exit_code: int, words: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", CRASH, str(number)],
        cwd=ROOT, capture_output=True, text=True, check=False,
        env={**os.environ, "PYTHONPATH": str(ROOT / "src")},
    )  # fmt: skip
    assert done.returncode == exit_code
    assert words in done.stdout
    assert "Traceback" not in done.stderr
