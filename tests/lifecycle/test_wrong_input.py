"""Plain wrong input is told in words, never as a traceback."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from salesml.cli import main
from salesml.cli.dialect import known_dialect
from salesml.config import read_yaml
from salesml.errors import DataError, UsageError
from salesml.lifecycle.rank import rank_file
from salesml.lifecycle.refuse import refuse_nobody
from salesml.scoring import Scorer
from tests.scoring.made import bundle, rows


def said_of(scores: Path, name: str = "churn") -> str:
    with pytest.raises(UsageError) as caught:
        rank_file(scores, scores.parent / "list.csv", name=name)
    return str(caught.value)


def test_rank_of_what_is_no_score_table(tmp_path: Path) -> None:
    path = tmp_path / "scores.parquet"
    assert "scores.parquet does not exist" in said_of(path)
    path.write_text("a,b\n1,2\n")
    assert "is not a Parquet file" in said_of(path)
    pq.write_table(pa.table({"a": [1]}), path)
    assert "has no column model" in said_of(path)


def test_rank_of_another_model(tmp_path: Path) -> None:
    path = tmp_path / "scores.parquet"
    pq.write_table(Scorer(bundle(), threads=1).table(rows(9, 1)), path)
    name = bundle().name
    assert f"holds scores of {name}. The list asked for is that of other" in said_of(path, "other")
    assert "Ranked 9 rows" in rank_file(path, tmp_path / "list.csv", name=name)


@pytest.mark.parametrize("number", ["0", "-3", "many", "²"])
def test_reasons_are_counted_from_one(number: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main(["score", "churn", "--as-of", "2026-01-01", "--out", "x.csv", f"--reasons={number}"])
    assert caught.value.code == 2
    assert "is not a whole number from 1 on" in capsys.readouterr().err


def test_a_dialect_that_nobody_speaks() -> None:
    with pytest.raises(UsageError) as caught:
        known_dialect("postgers")
    assert "Did you mean 'postgres'?" in str(caught.value)
    with pytest.raises(UsageError):
        known_dialect("klingon")
    assert known_dialect("spark") == "spark"


def test_yaml_nested_too_deeply(tmp_path: Path) -> None:
    path = tmp_path / "crm.yaml"
    path.write_text("a: " + "[" * 5000 + "]" * 5000)
    with pytest.raises(UsageError) as caught:
        read_yaml(path)
    assert "nests brackets or lists too deeply" in str(caught.value)


def test_a_snapshot_of_nobody() -> None:
    with pytest.raises(DataError) as caught:
        refuse_nobody(0)
    assert "No account is in the cohort" in str(caught.value)
    refuse_nobody(1)
