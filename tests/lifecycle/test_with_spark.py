"""Snapshots and scores through the command line, with Spark as with DuckDB."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd
import pytest

from salesml.cli import main
from tests.lifecycle.conftest import Project
from tests.sparked import spark, started  # noqa: F401

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

AS_OF = "2026-01-01"
FLOATS = ["probability", "raw_score", "base_value", "value", "expected_loss"]


@pytest.fixture
def there(project: Project, monkeypatch: pytest.MonkeyPatch) -> Project:
    """The project as working directory."""
    monkeypatch.chdir(project.folder)
    return project


def by_id(path: Path) -> pd.DataFrame:
    return pd.read_parquet(path).sort_values("entity_id", ignore_index=True)


def test_scores_are_bit_equal(
    spark: SparkSession,  # noqa: F811
    there: Project,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    alone, spread = tmp_path / "scores.parquet", tmp_path / "scores"
    words = ["score", "churn", "--as-of", AS_OF, "--out"]
    assert main([*words, str(alone)]) == 0
    assert main([*words, str(spread), "--engine", "spark"]) == 0
    assert "with salesml-churn/1: A" in capsys.readouterr().out.splitlines()[-1]
    expected, found = by_id(alone), by_id(spread)
    assert list(found) == list(expected)
    assert len(found) > 100
    assert found["scoring_run_id"].nunique() == 1
    for name in ("entity_id", "as_of", "status", "band", "model_version", *FLOATS):
        assert found[name].tolist() == expected[name].tolist(), name
    for one, other in zip(found["reasons"], expected["reasons"], strict=True):
        assert [told(reason) for reason in one] == [told(reason) for reason in other]
        for ours, theirs in zip(one, other, strict=True):
            assert ours["contribution"] == pytest.approx(theirs["contribution"], abs=1e-5)
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith("_")] == []


def told(reason: dict[str, Any]) -> tuple[Any, ...]:
    return reason["words"], reason["direction"], reason["strength"], tuple(reason["features"])


def test_a_snapshot_is_written_once(
    spark: SparkSession,  # noqa: F811
    there: Project,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    alone, spread = tmp_path / "rows.parquet", tmp_path / "rows"
    words = ["snapshot", "churn", "--as-of", AS_OF, "--out"]
    assert main([*words, str(alone)]) == 0
    assert main([*words, str(spread), "--engine", "spark"]) == 0
    pd.testing.assert_frame_equal(by_id(spread), by_id(alone), check_exact=True)
    assert main([*words, str(spread), "--engine", "spark"]) == 2
    assert "rows exists already" in capsys.readouterr().err


def test_too_many_failures_leave_nothing(
    spark: SparkSession,  # noqa: F811
    there: Project,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("salesml.lifecycle.with_spark.SCORED", "never")
    out = tmp_path / "scores"
    assert main(["score", "churn", "--as-of", AS_OF, "--out", str(out), "--engine", "spark"]) == 1
    assert "rows could not be scored" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("more", "words"),
    [
        (["--master", "local[2]"], "--master is given without --engine spark"),
        (["--engine", "spark", "--similar", "x.parquet"], "--similar is for one machine"),
        (["--engine", "spark", "--table", "x.csv"], "--table is for one machine"),
    ],
)
def test_options_that_do_not_go_together(
    more: list[str], words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["score", "churn", "--as-of", AS_OF, "--out", "x", *more]) == 2
    assert words in capsys.readouterr().err
