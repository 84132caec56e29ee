"""Score tables beside the facts: files, dates of a dataset, and what is none."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from salesml.errors import DataError, SalesmlError
from salesml.scorecard.scored import add_scores
from salesml.scoring.table import NOT_SCORED, SCORED, schema

DAY = dt.date(2026, 1, 1)


def scores(task: str, *rows: dict[str, Any]) -> pa.Table:
    filled = [{"task": task, "as_of": DAY, "status": SCORED, "reasons": [], **row} for row in rows]
    return pa.Table.from_pylist(filled, schema=schema(task))


def taken(*files: Path) -> list[tuple[Any, ...]]:
    with duckdb.connect() as con:
        add_scores(con, files)
        return con.execute(
            "SELECT task, entity, as_of, probability, expected FROM scored ORDER BY ALL"
        ).fetchall()


def test_a_file_of_each_task(tmp_path: Path) -> None:
    pq.write_table(
        scores("churn", {"entity_id": "a", "probability": 0.2, "expected_loss": 7.0}), tmp_path / "c.parquet"
    )
    pq.write_table(
        scores("conversion", {"entity_id": "p", "probability": 0.4, "expected_value": 9.0}),
        tmp_path / "w.parquet",
    )
    assert taken(tmp_path / "c.parquet", tmp_path / "w.parquet") == [
        ("churn", "a", DAY, 0.2, 7.0),
        ("conversion", "p", DAY, 0.4, 9.0),
    ]


def test_a_date_of_a_dataset_whose_task_and_date_stand_in_its_folders(tmp_path: Path) -> None:
    generation = tmp_path / ".scores.salesml" / "1"
    generation.mkdir(parents=True)
    table = scores("conversion", {"entity_id": "p", "probability": 0.4, "expected_value": 9.0})
    pq.write_table(table.drop_columns(["task", "as_of"]), generation / "part.parquet")
    link = tmp_path / "scores" / "task=conversion" / "as_of=2026-01-01"
    link.parent.mkdir(parents=True)
    link.symlink_to(generation)
    assert taken(link) == [("conversion", "p", DAY, 0.4, 9.0)]


def test_who_could_not_be_scored_is_left_out(tmp_path: Path) -> None:
    rows = scores("churn", {"entity_id": "a", "probability": 0.2}, {"entity_id": "b", "status": NOT_SCORED})
    pq.write_table(rows, tmp_path / "c.parquet")
    assert [entity for _, entity, *_ in taken(tmp_path / "c.parquet")] == ["a"]


def test_the_same_file_twice_counts_once(tmp_path: Path) -> None:
    pq.write_table(scores("churn", {"entity_id": "a", "probability": 0.2}), tmp_path / "c.parquet")
    assert len(taken(tmp_path / "c.parquet", tmp_path / "c.parquet")) == 1


def test_of_two_files_of_one_date_the_first_counts_and_the_second_adds(tmp_path: Path) -> None:
    first = scores("churn", {"entity_id": "a", "probability": 0.2})
    second = scores("churn", {"entity_id": "a", "probability": 0.9}, {"entity_id": "b", "probability": 0.3})
    for name, table in (("first", first), ("second", second)):
        pq.write_table(table, tmp_path / f"{name}.parquet")
    found = taken(tmp_path / "first.parquet", tmp_path / "second.parquet")
    assert [(entity, probability) for _, entity, _, probability, _ in found] == [("a", 0.2), ("b", 0.3)]


def test_a_table_that_is_none_is_refused(tmp_path: Path) -> None:
    pq.write_table(pa.table({"entity_id": ["a"], "task": ["churn"]}), tmp_path / "t.parquet")
    with pytest.raises(DataError, match="lacks the columns as_of, band"):
        taken(tmp_path / "t.parquet")


@pytest.mark.parametrize("text", [None, "no Parquet at all"])
def test_what_cannot_be_read_is_refused_in_words(tmp_path: Path, text: str | None) -> None:
    path = tmp_path / "t.parquet"
    if text:
        path.write_text(text)
    with pytest.raises(SalesmlError, match=r"t\.parquet"):
        taken(path)
