"""Snapshots and scores through the command line, with Spark as with DuckDB."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import mlflow
import pandas as pd
import pyarrow as pa
import pytest

from salesml.cli import main
from salesml.errors import OutsideError
from salesml.lifecycle import spark_job
from salesml.scoring import Scorer
from salesml.scoring.in_spark import ScoreBatches, Shipped
from salesml.tracking.jobs import JOB_TAG
from tests.lifecycle.conftest import Project
from tests.sparked import spark, started  # noqa: F401

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

AS_OF = "2026-01-01"
FLOATS = ["probability", "raw_score", "base_value", "value", "expected_loss"]
SPARK = ["--engine", "spark"]

Captured = pytest.CaptureFixture[str]


@pytest.fixture
def there(project: Project, monkeypatch: pytest.MonkeyPatch) -> Project:
    """The project as working directory."""
    monkeypatch.chdir(project.folder)
    return project


def by_id(path: Path) -> pd.DataFrame:
    return pd.read_parquet(path).sort_values("entity_id", ignore_index=True)


def score(out: Path, *more: str) -> int:
    return main(["score", "churn", "--as-of", AS_OF, "--out", str(out), *more])


def events(said: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in said.splitlines() if line.startswith("{")]


def manifest_of(folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((folder / "_manifest.json").read_text())
    return found


def test_scores_are_bit_equal_and_the_same_job_is_done_once(
    spark: SparkSession,  # noqa: F811
    there: Project,
    tmp_path: Path,
    capsys: Captured,
) -> None:
    alone, spread = tmp_path / "scores.parquet", tmp_path / "scores"
    assert score(alone, "--json") == 0
    expected_events = events(capsys.readouterr().out)
    assert score(spread, *SPARK, "--json") == 0
    found_events = events(capsys.readouterr().out)
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
    same_manifest(manifest_of(spread), json.loads((tmp_path / "scores.parquet.manifest.json").read_text()))
    same_events(found_events, expected_events, manifest_of(spread)["run_id"])
    logged_once(there, manifest_of(spread))
    done_again(spread, capsys)


def logged_once(there: Project, manifest: dict[str, Any]) -> None:
    client = mlflow.MlflowClient(there.tracking.tracking_uri)
    experiment = client.get_experiment_by_name(there.tracking.experiment)
    (run,) = client.search_runs([experiment.experiment_id], f"tags.`{JOB_TAG}` = '{manifest['run_id']}'")
    assert run.data.metrics["rows"] == manifest["rows"]
    assert run.data.params["engine"] == "spark"
    assert run.data.metrics["seconds_score"] > 0


def told(reason: dict[str, Any]) -> tuple[Any, ...]:
    return reason["words"], reason["direction"], reason["strength"], tuple(reason["features"])


def same_manifest(ours: dict[str, Any], theirs: dict[str, Any]) -> None:
    """As on one machine, but for what two engines cannot have in common."""
    assert ours.keys() == theirs.keys()
    own = {"run_id", "data", "versions", "files", "times", "checked"}
    assert {key: ours[key] for key in ours.keys() - own} == {key: theirs[key] for key in ours.keys() - own}
    assert ours["checked"]["sentences"] == theirs["checked"]["sentences"] > 100
    assert sum(file["rows"] for file in ours["files"]) == ours["rows"]
    assert ours["versions"].keys() - theirs["versions"].keys() == {"pyspark"}


def same_events(ours: list[dict[str, Any]], theirs: list[dict[str, Any]], run_id: str) -> None:
    kinds = [[each.get("stage", each["event"]) for each in told] for told in (ours, theirs)]
    assert [kind for kind in kinds[1] if kind != "progress"] == kinds[0]
    assert {each["run_id"] for each in ours} == {run_id}
    assert ours[-1].keys() == theirs[-1].keys()
    assert {**ours[-1], "text": ""}["bands"] == theirs[-1]["bands"]


def done_again(spread: Path, capsys: Captured) -> None:
    """Nothing is written a second time; what somebody changed is not taken for it."""
    before = {path.name: path.stat().st_mtime_ns for path in spread.iterdir()}
    assert score(spread, *SPARK) == 0
    assert "Nothing to do" in capsys.readouterr().out.splitlines()[-1]
    assert score(spread, *SPARK, "--dry-run") == 0
    assert "Nothing would be done" in capsys.readouterr().out.splitlines()[-1]
    assert {path.name: path.stat().st_mtime_ns for path in spread.iterdir()} == before
    assert score(spread, *SPARK, "--reasons", "2") == 2
    assert "scores exists already" in capsys.readouterr().err
    part = next(path for path in spread.iterdir() if path.suffix == ".parquet")
    (spread / f".{part.name}.crc").unlink()
    part.write_bytes(part.read_bytes()[:-1] + b"?")
    assert score(spread, *SPARK) == 2
    assert "scores exists already" in capsys.readouterr().err


def test_a_snapshot_is_written_once(
    spark: SparkSession,  # noqa: F811
    there: Project,
    tmp_path: Path,
    capsys: Captured,
) -> None:
    alone, spread = tmp_path / "rows.parquet", tmp_path / "rows"
    words = ["snapshot", "churn", "--as-of", AS_OF, "--out"]
    assert main([*words, str(alone)]) == 0
    assert main([*words, str(spread), *SPARK]) == 0
    pd.testing.assert_frame_equal(by_id(spread), by_id(alone), check_exact=True)
    assert main([*words, str(spread), *SPARK]) == 2
    assert "rows exists already" in capsys.readouterr().err


def planted(change: Callable[[pa.Table], pa.Table]) -> Callable[[Shipped], ScoreBatches]:
    """Scores that are changed on the executors, before they are audited there."""

    class Changed(ScoreBatches):
        def scores(self, scorer: Scorer, came: pa.Table, rows: Any) -> pa.Table:
            return change(super().scores(scorer, came, rows))

    return Changed


def scored_with(monkeypatch: pytest.MonkeyPatch, change: Callable[[pa.Table], pa.Table]) -> None:
    made = planted(change)
    real = spark_job.scored

    def scored(frame: Any, batches: ScoreBatches, task: str) -> Any:
        return real(frame, made(batches.shipped), task)

    monkeypatch.setattr(spark_job, "scored", scored)


def test_a_sentence_that_is_not_borne_out_refuses_to_publish(
    spark: SparkSession,  # noqa: F811
    there: Project,
    tmp_path: Path,
    capsys: Captured,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def lie(scores: pa.Table) -> pa.Table:
        reasons = scores["reasons"].to_pylist()
        for row in reasons:
            if row:
                row[0]["words"] = "Orders on 12345 of the last 60 days"
        place = scores.schema.get_field_index("reasons")
        return scores.set_column(place, "reasons", pa.array(reasons, scores.schema.field(place).type))

    scored_with(monkeypatch, lie)
    assert score(tmp_path / "scores", *SPARK, "--json") == 1
    said = events(capsys.readouterr().out)
    codes = next(each["codes"] for each in said if each["event"] == "failed")
    assert set(codes) <= {"audit-untraceable", "audit-number", "audit-words-twice", "audit-value"}
    fault = said[-1]["faults"][0]
    assert "A score table is only written when every sentence in it can be traced" in fault["allowed"]
    assert fault["count"] > 100
    assert 1 <= len(fault["examples"]) <= 5
    assert list(tmp_path.iterdir()) == []


def test_too_many_failures_leave_nothing(
    spark: SparkSession,  # noqa: F811
    there: Project,
    tmp_path: Path,
    capsys: Captured,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("salesml.lifecycle.spark_written.SCORED", "never")
    assert score(tmp_path / "scores", *SPARK) == 1
    assert "rows could not be scored" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_what_executors_fail_with_is_told_and_leaves_nothing(
    spark: SparkSession,  # noqa: F811
    there: Project,
    tmp_path: Path,
    capsys: Captured,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def fail(scores: pa.Table) -> pa.Table:
        raise ArithmeticError("the executor's disk is on fire")

    scored_with(monkeypatch, fail)
    assert score(tmp_path / "scores", *SPARK) == 4
    assert "ArithmeticError: the executor's disk is on fire" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_a_java_process_that_has_ended_is_told_in_words(spark: SparkSession) -> None:  # noqa: F811
    from py4j.protocol import Py4JError

    class WordlessError(Py4JError):  # type: ignore[misc]
        """As when Java is asked for the words of an error and is gone."""

        def __str__(self) -> str:
            raise ConnectionRefusedError

    for error in (ConnectionRefusedError(111, "Connection refused"), WordlessError()):
        with pytest.raises(OutsideError) as caught, spark_job.failing():
            raise error
        assert caught.value.code == "spark-failed"
        assert "its Java process has ended" in str(caught.value)


@pytest.mark.parametrize(
    ("more", "words"),
    [
        (["--master", "local[2]"], "--master is given without --engine spark"),
        ([*SPARK, "--similar", "x.parquet"], "--similar is for one machine"),
        ([*SPARK, "--threads", "2"], "--threads is for one machine"),
    ],
)
def test_options_that_do_not_go_together(more: list[str], words: str, capsys: Captured) -> None:
    assert main(["score", "churn", "--as-of", AS_OF, "--out", "x", *more]) == 2
    assert words in capsys.readouterr().err
