"""A key counts once in a whole table, however long it is."""

from __future__ import annotations

from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
import pytest

from salesml.errors import DataError, OutsideError
from salesml.scoring import Scorer
from salesml.scoring.batch import once
from salesml.scoring.batch.once import REPEATED, repeated, without_repeated
from tests.scoring.made import bundle, rows


def test_later_rows_of_a_key_are_found(tmp_path: Path) -> None:
    ids = ["a", "b", " a ", None, "c", "b", None, "a"]
    pd.DataFrame({"id": ids, "x": 1}).to_parquet(tmp_path / "t.parquet")
    assert repeated(tmp_path / "t.parquet", ["id"], tmp_path / "spill", "100MB").tolist() == [2, 5, 7]


def test_a_date_is_part_of_the_key(tmp_path: Path) -> None:
    pd.DataFrame({"id": ["a", "a", "a"], "as_of": ["1", "2", "1"]}).to_parquet(tmp_path / "t.parquet")
    assert repeated(tmp_path / "t.parquet", ["id", "as_of"], tmp_path / "s", "100MB").tolist() == [2]


def test_names_and_paths_cannot_break_out(tmp_path: Path) -> None:
    path = tmp_path / "it's.parquet"
    pd.DataFrame({'a"b': ["x", "x"]}).to_parquet(path)
    assert repeated(path, ['a"b'], tmp_path / "it's", "100MB").tolist() == [1]


def test_what_is_no_parquet(tmp_path: Path) -> None:
    (tmp_path / "t.parquet").write_bytes(b"PAR1 nothing PAR1")
    with pytest.raises(DataError, match="cannot be read as Parquet"):
        repeated(tmp_path / "t.parquet", ["id"], tmp_path / "s", "100MB")


def test_a_disk_that_does_not_answer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object, **__: object) -> None:
        raise duckdb.IOException('Could not read from file "t.parquet": Input/output error')

    monkeypatch.setattr(once, "_parts", broken)
    with pytest.raises(OutsideError, match="Run the same job again") as caught:
        repeated(tmp_path / "t.parquet", ["id"], tmp_path / "s", "100MB")
    assert caught.value.code == "not-read"


def test_the_same_problem_as_in_one_batch() -> None:
    """Whole, and as chunks of which each sees nothing of the others: the same score table."""
    frame = pd.concat([rows(30, 1), rows(10, 1), rows(5, 2).assign(recency="x")], ignore_index=True)
    scorer = Scorer(bundle(), threads=1)
    whole = scorer.table(frame, run_id="r")
    later = np.flatnonzero(frame.duplicated(["entity_id", "as_of"]).to_numpy())
    for start in range(0, len(frame), 8):
        chunk = scorer.table(frame.iloc[start : start + 8], run_id="r")
        assert without_repeated(chunk, start, later).equals(whole.slice(start, 8))
    assert whole["problem"].to_pylist().count(REPEATED) == 10
