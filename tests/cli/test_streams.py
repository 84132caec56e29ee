"""A job goes on whoever reads what it prints, and a command that only prints says when that failed."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import need
from tests.faults.made import small

SALESML = (sys.executable, "-m", "salesml.cli")
FULL = Path("/dev/full")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return small(tmp_path_factory.mktemp("streams"))


@pytest.fixture
def full() -> Iterator[int]:
    need(FULL.exists(), "there is no /dev/full")
    handle = os.open(FULL, os.O_WRONLY)
    yield handle
    os.close(handle)


def job(folder: Path, out: Path, *more: str) -> list[str]:
    table, bundle = folder / "new.parquet", folder / "bundle"
    return [
        *SALESML, "score", "churn", "--table", str(table), "--id", "customer", "--model", str(bundle),
        "--as-of", "2026-01-31", "--out", str(out), *more,
    ]  # fmt: skip


@pytest.mark.parametrize("more", [(), ("--json",)])
def test_a_reader_that_has_read_enough_ends_no_job(folder: Path, tmp_path: Path, more: tuple[str]) -> None:
    out = tmp_path / "scores.parquet"
    ends, begins = os.pipe()
    os.close(ends)
    done = subprocess.run(job(folder, out, *more), stdout=begins, stderr=subprocess.PIPE, text=True)
    os.close(begins)
    assert (done.returncode, done.stderr) == (0, "")
    assert out.is_file()


def test_a_full_disk_of_the_log_ends_no_job(folder: Path, tmp_path: Path, full: int) -> None:
    out = tmp_path / "scores.parquet"
    done = subprocess.run(job(folder, out), stdout=full, stderr=subprocess.PIPE, text=True)
    assert done.returncode == 0
    assert done.stderr == (
        "salesml: [not-printed] The output takes no more: No space left on device. Make room.\n"
    )
    assert out.is_file()


def test_neither_output_nor_errors_are_open(folder: Path, tmp_path: Path) -> None:
    """Whatever a library prints must not go into a file of scores that got the stream's number."""
    out = tmp_path / "scores"
    shell = ["sh", "-c", 'exec "$@" <&- >&- 2>&-', "sh"]
    assert subprocess.run([*shell, *job(folder, out)]).returncode == 0
    told = subprocess.run(job(folder, out), capture_output=True, text=True)
    assert "Nothing to do" in told.stdout


def test_an_answer_that_could_not_be_printed_is_none(full: int, tmp_path: Path) -> None:
    command = [*SALESML, "migrate", "--store", f"sqlite:///{tmp_path}/store.db"]
    done = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, text=True)
    assert done.returncode == 4
    assert done.stderr.startswith("salesml: [not-printed]")


def test_letters_that_the_terminal_does_not_know(tmp_path: Path) -> None:
    environment = {**os.environ, "PYTHONIOENCODING": "ascii"}
    command = [*SALESML, "status", "--store", f"sqlite:///{tmp_path}/Größe/store.db"]
    done = subprocess.run(command, capture_output=True, text=True, env=environment)
    assert done.returncode == 2
    assert "[missing-folder]" in done.stderr
    assert "Gr\\xf6\\xdfe" in done.stderr
