"""A table is written whole or not at all, and no spreadsheet runs what stands in it."""

from __future__ import annotations

import csv
import errno
import os
import stat
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from salesml.errors import OutsideError, UsageError
from salesml.scoring import Scorer, check_target, write
from salesml.scoring.table import schema
from salesml.scoring.write import failing
from tests.scoring.made import bundle, rows

TABLE = Scorer(bundle(), threads=1).table(rows(20, 1), run_id="test")


def test_parquet_comes_back_the_same(tmp_path: Path) -> None:
    path = tmp_path / "scores.parquet"
    assert write(TABLE.to_batches(), TABLE.schema, path, metadata={"a": "b"}) == 20
    back = pq.read_table(path)
    assert back.replace_schema_metadata(None).equals(TABLE)
    assert back.schema.metadata[b"a"] == b"b"
    assert [entry.name for entry in tmp_path.iterdir()] == ["scores.parquet"]
    assert stat.S_IMODE(path.stat().st_mode) == 0o666 & ~os.umask(os.umask(0o022) or 0o022)


def test_csv_holds_the_same_numbers_to_the_last_bit(tmp_path: Path) -> None:
    path = tmp_path / "scores.csv"
    write(TABLE.to_batches(), TABLE.schema, path)
    with path.open(newline="", encoding="utf-8") as file:
        lines = list(csv.DictReader(file))
    assert list(lines[0]) == TABLE.column_names
    assert [float(line["probability"]) for line in lines] == TABLE["probability"].to_pylist()
    assert lines[0]["as_of"] == "2026-01-31"
    first = TABLE["reasons"][0].as_py()[0]
    assert lines[0]["reasons"].startswith(f"{first['words']} ({first['direction']} the risk of leaving, ")


@pytest.mark.parametrize("evil", ["=1+1", "+1", "-1", "@SUM(A1)", "\tx", "\rx"])
def test_text_that_would_run_as_a_formula(tmp_path: Path, evil: str) -> None:
    frame = rows(1, 1).assign(entity_id=[evil], rep_id=[evil], industry=[evil])
    table = Scorer(bundle()).table(frame)
    write(table.to_batches(), table.schema, tmp_path / "scores.csv")
    with (tmp_path / "scores.csv").open(newline="", encoding="utf-8") as file:
        line = next(csv.DictReader(file))
    assert line["entity_id"] == "'" + evil
    assert line["rep_id"] == "'" + evil


def test_negative_numbers_stay_numbers(tmp_path: Path) -> None:
    write(TABLE.to_batches(), TABLE.schema, tmp_path / "scores.csv")
    with (tmp_path / "scores.csv").open(newline="", encoding="utf-8") as file:
        raw = [line["raw_score"] for line in csv.DictReader(file)]
    assert any(text.startswith("-") for text in raw)
    assert all(
        float(text) == number for text, number in zip(raw, TABLE["raw_score"].to_pylist(), strict=True)
    )


def test_a_file_that_exists_is_not_overwritten_silently(tmp_path: Path) -> None:
    path = tmp_path / "scores.csv"
    path.write_text("mine")
    with pytest.raises(UsageError, match="exists already") as caught:
        write(TABLE.to_batches(), TABLE.schema, path)
    assert caught.value.exit_code == 2
    assert path.read_text() == "mine"
    write(TABLE.to_batches(), TABLE.schema, path, overwrite=True)
    assert path.read_text() != "mine"


def test_a_file_that_another_process_makes_meanwhile_is_kept(tmp_path: Path) -> None:
    path = tmp_path / "scores.csv"

    def batches() -> Iterator[pa.RecordBatch]:
        path.write_text("theirs")
        yield from TABLE.to_batches()

    with pytest.raises(UsageError, match="exists already"):
        write(batches(), TABLE.schema, path)
    assert path.read_text() == "theirs"
    assert len(list(tmp_path.iterdir())) == 1


def test_bad_targets_are_named_together(tmp_path: Path) -> None:
    with pytest.raises(UsageError) as caught:
        write([], schema("churn"), tmp_path / "nowhere" / "scores.xlsx")
    assert "2 faults" in str(caught.value)
    assert "written as .parquet or .csv" in str(caught.value)
    assert "nowhere does not exist" in str(caught.value)


def test_a_database_is_refused_without_its_password() -> None:
    with pytest.raises(UsageError, match="address of a database") as caught:
        write([], schema("churn"), "postgresql://me:secret@host/db")
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize("name", ["scores.parquet", "scores.csv"])
def test_scoring_that_breaks_off_leaves_the_old_file(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_text("old")

    def batches() -> Iterator[pa.RecordBatch]:
        yield from TABLE.to_batches()
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write(batches(), TABLE.schema, path, overwrite=True)
    assert path.read_text() == "old"
    assert len(list(tmp_path.iterdir())) == 1


FULL = """
import resource, signal, sys
from pathlib import Path
from salesml.errors import OutsideError
from salesml.scoring import write
from tests.scoring.test_write import TABLE
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (5000, 5000))
try:
    write(TABLE.to_batches() * 200, TABLE.schema, Path(sys.argv[1]), overwrite=True)
except OutsideError as error:
    print(error.exit_code, error)
"""


@pytest.mark.parametrize("name", ["scores.parquet", "scores.csv"])
def test_a_disk_that_fills_leaves_the_old_file(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_text("old")
    done = subprocess.run(
        [sys.executable, "-c", FULL, str(path)],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "PYTHONPATH": "src" + os.pathsep + "."},
    )
    assert done.stdout.startswith("4 ")
    assert "could not be written" in done.stdout
    assert "Make room" in done.stdout
    assert path.read_text() == "old"
    assert len(list(tmp_path.iterdir())) == 1


def test_a_disk_that_is_full_from_the_start() -> None:
    with (
        pytest.raises(OutsideError, match="could not be written"),
        Path("/dev/full").open("wb", buffering=0) as full,
        failing(Path("scores.csv")),
    ):
        full.write(b"x")


def test_a_folder_that_takes_no_file_is_noticed_before_long_work(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    check_target(tmp_path / "a.csv")
    assert not list(tmp_path.iterdir())

    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(tempfile, "TemporaryFile", refuse)
    with pytest.raises(OutsideError) as caught:
        check_target(tmp_path / "a.csv")
    assert "a.csv could not be written: Permission denied" in str(caught.value)


def test_who_may_not_write_is_told_where(tmp_path: Path) -> None:
    """Such as the lock of another user's job."""
    with pytest.raises(OutsideError) as caught, failing(tmp_path / "scores"):
        raise PermissionError(errno.EACCES, "Permission denied", str(tmp_path / ".scores.salesml" / "x.lock"))
    assert ".scores.salesml/x.lock" in str(caught.value)
    assert "Run this as the user who writes there" in str(caught.value)
