"""Folders that Spark writes: whole or not there, and never one inside another."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd
import pyarrow.parquet as pq
import pytest

from salesml.errors import OutsideError, UsageError
from salesml.lifecycle import spark_files
from salesml.lifecycle.spark_files import MANIFEST, QUARANTINE, Folder
from salesml.scoring.batch.manifest import FORMAT
from tests.sparked import spark, started  # noqa: F401

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession


@pytest.fixture
def frame(spark: SparkSession) -> DataFrame:  # noqa: F811
    return spark.range(0, 100, numPartitions=2)


def put(folder: Folder, frame: DataFrame) -> None:
    with folder.aside() as aside:
        written = aside.write(frame)
        aside.write(frame.limit(3), QUARANTINE)
        files = written.selectExpr("_metadata.file_name AS file").groupBy("file").count()
        counted = {row["file"]: row["count"] for row in files.collect()}
        aside.publish({"format": FORMAT, "run_id": "r", "files": aside.files(counted)})


def test_a_folder_is_whole_and_read_without_what_stands_beside_the_rows(
    spark: SparkSession,  # noqa: F811
    frame: DataFrame,
    tmp_path: Path,
) -> None:
    folder = Folder(spark, f"{tmp_path}/scores/")
    folder.refuse_existing()
    put(folder, frame)
    assert sorted(pd.read_parquet(tmp_path / "scores")["id"]) == list(range(100))
    assert spark.read.parquet(f"{tmp_path}/scores").count() == 100
    found = folder.finished("r")
    assert found is not None
    assert [file["rows"] for file in found["files"] if "/" not in file["file"]] == [50, 50]
    assert any(file["file"].startswith("_quarantine/") for file in found["files"])
    assert folder.finished("another") is None
    part = tmp_path / "scores" / found["files"][-1]["file"]
    part.unlink()
    assert folder.finished("r") is None
    folder.check()  # of this or another job: that is seen when its id is known
    with pytest.raises(UsageError, match="exists already"):
        folder.refuse_existing()
    (tmp_path / "scores" / MANIFEST).write_text("{")
    (tmp_path / "scores" / f".{MANIFEST}.crc").unlink()
    with pytest.raises(UsageError, match="exists already"):
        folder.check()


def test_what_killed_jobs_left_goes_when_one_is_done(
    spark: SparkSession,  # noqa: F811
    frame: DataFrame,
    tmp_path: Path,
) -> None:
    left, other = tmp_path / "_scores.0badbeef", tmp_path / "_scores-2.0badbeef"
    for folder in (left, other):
        folder.mkdir()
        (folder / "part-0.parquet").write_bytes(b"PAR1")
    put(Folder(spark, f"{tmp_path}/scores"), frame)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["_scores-2.0badbeef", "scores"]


def test_of_two_jobs_at_once_one_is_published_and_the_other_says_so(
    spark: SparkSession,  # noqa: F811
    frame: DataFrame,
    tmp_path: Path,
) -> None:
    folder = Folder(spark, f"{tmp_path}/scores")
    with folder.aside() as aside:
        aside.write(frame.limit(7))
        put(folder, frame)
        with pytest.raises(OutsideError, match="something came to stand there"):
            aside.publish()
        with pytest.raises(OutsideError, match="not be given its name: "):
            Folder(spark, f"{tmp_path}/elsewhere").give_name(aside.address)
    assert len(pd.read_parquet(tmp_path / "scores")) == 100
    assert [path.name for path in tmp_path.iterdir()] == ["scores"]


def test_no_file_is_longer_than_a_task_can_hold(
    spark: SparkSession,  # noqa: F811
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(spark_files, "VALUES_OF_FILE", 40)
    rows = spark.range(0, 100, numPartitions=1).selectExpr("id", "struct(id AS share, 'a' AS words) AS each")
    with Folder(spark, f"{tmp_path}/scores").aside() as aside:
        aside.write(rows)
        aside.publish()
    files = [pq.ParquetFile(path) for path in (tmp_path / "scores").glob("*.parquet")]
    assert sorted(file.metadata.num_rows for file in files) == [9, *[13] * 7]
    columns = [files[0].metadata.row_group(0).column(at) for at in range(3)]
    assert [column.path_in_schema for column in columns] == ["id", "each.share", "each.words"]
    assert {column.compression for column in columns} == {"ZSTD"}


def test_what_cannot_be_removed_hides_no_error(
    spark: SparkSession,  # noqa: F811
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    folder = Folder(spark, f"{tmp_path}/scores")

    class Gone:
        def delete(self, *_: object) -> None:
            raise ConnectionRefusedError

    def fail() -> None:
        with folder.aside():
            raise ValueError("the first error")

    monkeypatch.setitem(folder.__dict__, "_system", Gone())
    with pytest.raises(ValueError, match="the first error"):
        fail()


def test_the_name_of_a_file_is_refused(spark: SparkSession, tmp_path: Path) -> None:  # noqa: F811
    with pytest.raises(UsageError, match="is the name of a file"):
        Folder(spark, f"{tmp_path}/scores.parquet")
