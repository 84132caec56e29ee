"""Scoring as a job: restarted, repeated, tried dry, told in events, logged once."""

from __future__ import annotations

import datetime as dt
import json
import shutil
from pathlib import Path
from typing import Any

import duckdb
import mlflow
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import salesml
from salesml.cli import main
from salesml.config import Tracking
from salesml.errors import DataError, Fault, OutsideError
from salesml.lifecycle import patience, score_job, staged
from salesml.lifecycle import score as score_module
from salesml.lifecycle.score import How, score, score_table
from salesml.scoring.batch import Event
from salesml.snapshots import stage as stage_module
from salesml.snapshots import take
from salesml.snapshots.stage import Try
from salesml.tracking.jobs import JOB_TAG
from tests.lifecycle.conftest import Project
from tests.scoring.made import bundle, rows

AS_OF = "2026-01-01"
DAY = dt.date(2026, 1, 1)


@pytest.fixture
def there(project: Project, monkeypatch: pytest.MonkeyPatch) -> Project:
    """The project as working directory, without pauses between tries."""
    monkeypatch.chdir(project.folder)
    monkeypatch.setattr(patience, "PAUSES", (0.0,))
    return project


def scored(there: Project, out: Path, how: How | None = None) -> salesml.lifecycle.score.Scored:
    return score(
        there.spec, there.crm, DAY, out, model=str(there.trained.folder), tracking=there.tracking, how=how
    )


def test_streamed_scores_are_those_of_the_snapshot_in_memory(there: Project, tmp_path: Path) -> None:
    done = scored(there, tmp_path / "scores", How(chunk=64, workers=2))
    table = take(there.spec, there.crm, [DAY], labels=False).table
    wanted = salesml.load(there.trained.folder).table(table, run_id=done.run_id)
    found = salesml.read_scores(tmp_path / "scores", "churn", AS_OF)
    assert found.replace_schema_metadata(None).equals(wanted)
    assert done.rows == len(wanted)
    assert set(done.seconds) == {"check", "snapshot", "score", "publish"}


def test_a_file_a_dataset_and_csv_hold_the_same(there: Project, tmp_path: Path) -> None:
    for name in ("scores", "scores.parquet", "scores.csv"):
        scored(there, tmp_path / name, How(chunk=100))
    dataset = salesml.read_scores(tmp_path / "scores", "churn", AS_OF).to_pandas()
    file = pd.read_parquet(tmp_path / "scores.parquet")
    text = pd.read_csv(tmp_path / "scores.csv")
    assert list(dataset["probability"]) == list(file["probability"])
    assert list(text["probability"]) == list(file["probability"])
    assert list(dataset["entity_id"]) == list(file["entity_id"])


def test_a_snapshot_that_needs_more_memory_gets_smaller_slices_and_then_more(
    there: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, asked = staged.stage, []

    def stingy(*given: Any, how: Try, **more: Any) -> Any:
        asked.append((how.memory, how.finer))
        if how.memory == "900MB":
            raise OutsideError(Fault(code="out-of-memory", found="Too little"))
        return real(*given, how=how, **more)

    monkeypatch.setattr(staged, "stage", stingy)
    events: list[Event] = []
    assert scored(there, tmp_path / "scores", How(listener=events.append)).rows
    assert asked[:3] == [("900MB", 1), ("900MB", 4), ("900MB", 16)]
    assert len(asked) == 4
    told = [event.text for event in events if "needs more than 900MB: taking it again" in event.text]
    assert [text.split(" with ")[1] for text in told[:2]] == ["smaller slices"] * 2
    assert told[2].split(" with ")[1] == f"up to {asked[3][0]}"
    with pytest.raises(OutsideError, match="Too little"):
        scored(there, tmp_path / "other", How(memory="900MB"))
    assert len(asked) == 7, "where a limit is asked for, it is kept"


def in_slices(monkeypatch: pytest.MonkeyPatch, number: int) -> None:
    """Have every snapshot taken in so many slices."""
    monkeypatch.setattr(stage_module, "how_many", lambda *_: number)


def test_slices_change_no_byte_of_the_scores(
    there: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = scored(there, tmp_path / "whole", How(chunk=64))
    in_slices(monkeypatch, 5)
    events: list[Event] = []
    parts = scored(there, tmp_path / "parts", How(chunk=64, listener=events.append))
    assert [each["sha256"] for each in parts.summary["files"]] == [
        each["sha256"] for each in whole.summary["files"]
    ]
    assert parts.drift == whole.drift
    assert any("The snapshot is taken in 5 slices" in event.text for event in events)


def test_slices_that_were_written_are_not_taken_again(
    there: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wanted = scored(there, tmp_path / "wanted")
    in_slices(monkeypatch, 5)
    real, written = stage_module._Writer.write, []

    def failing(writer: Any, number: int) -> Any:
        if number == 3 and 3 not in written:
            written.append(number)
            raise duckdb.IOException("Gone")
        written.append(number)
        return real(writer, number)

    monkeypatch.setattr(stage_module._Writer, "write", failing)
    with pytest.raises(OutsideError, match="Gone"):
        scored(there, tmp_path / "scores")
    first = next((tmp_path / ".scores.salesml" / "work").rglob("snapshot-00001.parquet"))
    first.write_bytes(first.read_bytes()[:-1] + b"?")
    events: list[Event] = []
    again = scored(there, tmp_path / "scores", How(listener=events.append))
    assert written == [0, 1, 2, 3, 1, 3, 4]
    assert any("in 5 slices; 2 were written before" in event.text for event in events)
    assert again.summary["rows"] == wanted.rows
    found, table = (salesml.read_scores(tmp_path / name, "churn", AS_OF) for name in ("scores", "wanted"))
    assert found.equals(table)


def test_twice_the_same_command(there: Project, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    command = ["score", "churn", "--as-of", AS_OF, "--out", str(tmp_path / "scores.parquet")]
    assert main(command) == 0
    before = (tmp_path / "scores.parquet").stat()
    stamp = before.st_mtime_ns, before.st_ino
    assert main(command) == 0
    assert "Nothing to do" in capsys.readouterr().out
    after = (tmp_path / "scores.parquet").stat()
    assert (after.st_mtime_ns, after.st_ino) == stamp
    assert main([*command, "--reasons", "2"]) == 2
    assert "exists already" in capsys.readouterr().err


def test_a_dry_run_checks_and_writes_nothing(
    there: Project, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    command = ["score", "churn", "--as-of", AS_OF, "--out", str(tmp_path / "scores"), "--dry-run"]
    assert main(command) == 0
    assert "Would score accounts with salesml-churn/1 to" in capsys.readouterr().out
    assert not list(tmp_path.iterdir())
    assert main(["score", "churn", "--as-of", "2026-02-01", "--out", str(tmp_path / "s"), "--dry-run"]) == 1
    assert "The newest row is of 2025-12-31" in capsys.readouterr().err
    assert main(command[:-1]) == 0
    assert main(command) == 0
    assert "Nothing would be done" in capsys.readouterr().out


def test_events_for_a_scheduler(there: Project, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    command = ["score", "churn", "--as-of", AS_OF, "--out", str(tmp_path / "scores"), "--json"]
    assert main(command) == 0
    events = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    kinds = [event["event"] for event in events]
    assert kinds[0] == "begun"
    assert kinds[-1] == "done"
    assert len({event["run_id"] for event in events}) == 1
    assert [event["stage"] for event in events if event["event"] == "stage"] == [
        "check", "snapshot", "score", "publish",
    ]  # fmt: skip
    done = events[-1]
    assert done["rows"] == done["scored"] == sum(done["bands"].values())
    assert done["drift"] == done["alarms"] == []
    assert set(done["seconds"]) == {"check", "snapshot", "score", "publish"}


def test_in_a_log_every_line_has_the_run_id(
    there: Project, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["score", "churn", "--as-of", AS_OF, "--out", str(tmp_path / "scores")]) == 0
    lines = capsys.readouterr().out.splitlines()
    (run,) = {line.split(" ")[0] for line in lines}
    assert len(run) == 12
    assert "Wrote" in lines[-1]


def test_the_job_is_logged_once_and_is_no_training(there: Project, tmp_path: Path) -> None:
    done = score(there.spec, there.crm, DAY, tmp_path / "scores", tracking=there.tracking)
    score(there.spec, there.crm, DAY, tmp_path / "again.parquet", tracking=there.tracking)
    client = mlflow.MlflowClient(there.tracking.tracking_uri)
    experiment = client.get_experiment_by_name(there.tracking.experiment)
    (run,) = client.search_runs([experiment.experiment_id], f"tags.`{JOB_TAG}` = '{done.run_id}'")
    assert run.data.metrics["rows"] == done.rows
    assert run.data.metrics["unscored"] == 0
    assert run.data.metrics["seconds_score"] >= 0
    assert run.data.params["model_version"] == "salesml-churn/1"
    assert run.info.status == "FINISHED"
    assert run.info.run_id not in list(salesml.tracking.runs(there.tracking, "churn")["run_id"])


def test_a_local_bundle_is_logged_nowhere(
    there: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(score_job, "log_job", lambda *_, **__: pytest.fail("MLflow was asked"))
    scored(there, tmp_path / "scores.csv")


def test_mlflow_away_after_the_scores_are_published(
    there: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tries = []

    def away(*_: object, **__: object) -> str:
        tries.append(1)
        raise OutsideError(salesml.errors.Fault(code="tracking-away", found="MLflow is away"))

    monkeypatch.setattr(score_job, "log_job", away)
    events: list[Event] = []
    done = score(
        there.spec, there.crm, DAY, tmp_path / "scores", tracking=there.tracking,
        how=How(listener=events.append),
    )  # fmt: skip
    assert done.rows > 100
    assert len(tries) == 2
    (warning,) = [event for event in events if event.event == "warning"]
    assert "The scores are published, but MLflow was not told of the job" in warning.text
    assert salesml.read_scores(tmp_path / "scores", "churn", AS_OF).num_rows == done.rows


def test_mlflow_away_before_them(
    there: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def away(*_: object) -> None:
        raise OutsideError(salesml.errors.Fault(code="tracking-away", found="MLflow is away"))

    monkeypatch.setattr(score_module, "load", away)
    assert main(["score", "churn", "--as-of", AS_OF, "--out", str(tmp_path / "scores.csv")]) == 4
    said = capsys.readouterr()
    assert "trying again in 0 s" in said.out
    assert "MLflow is away" in said.err
    assert not list(tmp_path.iterdir())


@pytest.fixture
def moved(there: Project, monkeypatch: pytest.MonkeyPatch) -> str:
    """A job that finds an attribute spread otherwise."""
    line = "warning [attribute-moved] region: 40% were north, 3% are"
    monkeypatch.setattr(staged, "_moved", lambda scorer, rows: [line])
    return line


def test_alarms_are_an_exit_code_where_that_is_asked_for(
    there: Project, tmp_path: Path, moved: str, capsys: pytest.CaptureFixture[str]
) -> None:
    command = ["score", "churn", "--as-of", AS_OF, "--out", str(tmp_path / "scores"), "--json"]
    command += ["--model", str(there.trained.folder / "bundle")]
    assert main(command) == 0
    done = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert done["drift"] == done["alarms"] == [moved]
    assert main([*command, "--strict"]) == 3, "also where there is nothing to do"
    done = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert (done["already"], done["alarms"]) == (True, [moved])


def test_alarms_stand_in_the_run_of_the_job(there: Project, tmp_path: Path, moved: str) -> None:
    done = score(there.spec, there.crm, DAY, tmp_path / "scores.csv", tracking=there.tracking, top=3)
    client = mlflow.MlflowClient(there.tracking.tracking_uri)
    experiment = client.get_experiment_by_name(there.tracking.experiment)
    (run,) = client.search_runs([experiment.experiment_id], f"tags.`{JOB_TAG}` = '{done.run_id}'")
    assert run.data.metrics["drift_alarms"] == 1
    assert run.data.tags["salesml.drift"] == moved


def test_rows_that_cannot_be_scored_are_an_alarm(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    frame = customers(300)
    frame.loc[0, "revenue_90"] = float("inf")
    frame.to_parquet(tmp_path / "t.parquet")
    command = ["score", "churn", "--table", str(tmp_path / "t.parquet"), "--id", "customer", "--strict"]
    command += ["--out", str(tmp_path / "s.parquet"), "--model", str(folder), "--json"]
    assert main(command) == 3
    done = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert done["alarms"] == ["1 of 300 rows could not be scored"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A bundle without a project."""
    return bundle().save(tmp_path_factory.mktemp("flat") / "bundle")


def flat(folder: Path, frame: pd.DataFrame, tmp_path: Path, name: str = "t.parquet", **more: object) -> Path:
    path = tmp_path / name
    if name.endswith(".csv"):
        frame.to_csv(path, index=False)
    else:
        frame.to_parquet(path, row_group_size=33)
    out = tmp_path / f"scores-{name}"
    score_table(
        "churn", path, out, id_column="customer", model=str(folder), tracking=Tracking(), **more,  # type: ignore[arg-type]
    )  # fmt: skip
    return out


def customers(size: int = 100, seed: int = 4) -> pd.DataFrame:
    return rows(size, seed).rename(columns={"entity_id": "customer"}).drop(columns=["label"])


def test_a_flat_table_is_scored_in_chunks_as_in_one(folder: Path, tmp_path: Path) -> None:
    frame = customers()
    one = pd.read_parquet(flat(folder, frame, tmp_path, "a.parquet"))
    many = pd.read_parquet(flat(folder, frame, tmp_path, "b.parquet", how=How(chunk=17, workers=2)))
    text = pd.read_csv(flat(folder, frame, tmp_path, "c.csv", how=How(chunk=17)))
    for name in ("entity_id", "probability", "raw_score", "band"):
        assert list(one[name]) == list(many[name]) == list(text[name])
    assert [[r["words"] for r in reasons] for reasons in one["reasons"]] == [
        [r["words"] for r in reasons] for reasons in many["reasons"]
    ]


def test_a_key_that_stands_twice_far_apart(folder: Path, tmp_path: Path) -> None:
    frame = pd.concat([customers(200), customers(1)])
    table = pd.read_parquet(flat(folder, frame, tmp_path, how=How(chunk=50)))
    last = table.iloc[-1]
    assert last["status"] == "not scored"
    assert last["problem"] == "the same entity_id and as_of stand in a row before"
    assert pd.isna(last["probability"])
    assert table["status"].iloc[:-1].eq("scored").all()


def test_long_ids_beside_missing_ones_stay_apart(folder: Path, tmp_path: Path) -> None:
    frame = customers(200)
    ids = [2**53 + number for number in range(200)]
    table = pa.Table.from_pandas(frame.drop(columns="customer"), preserve_index=False)
    table = table.append_column("customer", pa.array([*ids[:-1], None], pa.int64()))
    pq.write_table(table, tmp_path / "t.parquet")
    score_table(
        "churn", tmp_path / "t.parquet", tmp_path / "s.parquet",
        id_column="customer", model=str(folder), tracking=Tracking(),
    )  # fmt: skip
    found = pd.read_parquet(tmp_path / "s.parquet")
    assert list(found["entity_id"][:-1]) == [str(number) for number in ids[:-1]]
    assert found["problem"].iloc[-1] == "it has no entity_id"


def test_columns_that_are_not_as_in_training_are_told_as_a_diff(folder: Path, tmp_path: Path) -> None:
    frame = customers().rename(columns={"orders_30": "orders_1m"})
    events: list[Event] = []
    with pytest.raises(DataError, match="lacks the column orders_30") as caught:
        flat(folder, frame, tmp_path, how=How(listener=events.append))
    assert caught.value.code == "missing-column"
    told = [event.text for event in events if event.event == "warning"]
    assert told == [
        "- orders_30 (number): the model needs it",
        "+ orders_1m (number): the model does not know it",
    ]
    assert events[-1].event == "failed"
    assert [path.name for path in tmp_path.iterdir() if path.suffix == ".parquet"] == ["t.parquet"]


def test_a_truncated_table(folder: Path, tmp_path: Path) -> None:
    customers().to_parquet(tmp_path / "t.parquet")
    data = (tmp_path / "t.parquet").read_bytes()
    (tmp_path / "t.parquet").write_bytes(data[: len(data) // 2])
    with pytest.raises(DataError, match="cannot be read as Parquet"):
        score_table(
            "churn", tmp_path / "t.parquet", tmp_path / "s", id_column="customer", as_of=DAY,
            model=str(folder), tracking=Tracking(),
        )  # fmt: skip
    assert not (tmp_path / "s").exists()


@pytest.mark.parametrize("when", ["checking", "taking"])
def test_tables_that_are_replaced_meanwhile_are_not_scored(
    there: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, when: str
) -> None:
    """The job is known by the digest of the tables: others must not be scored under its name."""
    shutil.copytree(there.folder, tmp_path / "shop")
    crm = salesml.CRM.open(tmp_path / "shop" / "crm.yaml")
    table = tmp_path / "shop" / "orders.parquet"
    name, real = ("refuse_faulty", staged.refuse_faulty) if when == "checking" else ("stage", staged.stage)

    def replace() -> None:
        pd.read_parquet(table).iloc[::2].to_parquet(tmp_path / "other.parquet")
        (tmp_path / "other.parquet").replace(table)

    def replaced(*args: Any, **named: Any) -> Any:
        if when == "taking":
            keep = named["done"]
            return real(*args, **named | {"done": lambda part: [replace(), keep(part)][1]})
        done = real(*args, **named)
        replace()
        return done

    def again() -> score_module.Scored:
        model = str(there.trained.folder)
        return score(there.spec, crm, DAY, tmp_path / "scores", model=model, tracking=there.tracking)

    with monkeypatch.context() as patch:
        patch.setattr(staged, name, replaced)
        with pytest.raises(DataError) as caught:
            again()
    assert caught.value.code == "changed-meanwhile"
    assert "orders.parquet" in str(caught.value)
    assert not list((tmp_path / "scores").rglob("*.parquet"))
    crm = salesml.CRM.open(tmp_path / "shop" / "crm.yaml")
    assert again().rows


@pytest.mark.parametrize("ending", ["parquet", "csv"])
def test_a_flat_table_that_is_replaced_after_its_digest_is_not_scored(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, ending: str
) -> None:
    bundle().save(tmp_path / "bundle")
    path = tmp_path / f"table.{ending}"
    real = score_module.digest_of_file

    def write(count: int) -> None:
        table = rows(count).rename(columns={"entity_id": "customer"}).drop(columns=["as_of", "label"])
        table.to_parquet(path) if ending == "parquet" else table.to_csv(path, index=False)

    def replaced(path: Path) -> str:
        found = real(path)
        write(60)
        return found

    write(50)
    monkeypatch.setattr(score_module, "digest_of_file", replaced)
    with pytest.raises(DataError) as caught:
        score_table(
            "churn", path, tmp_path / "out.parquet",
            id_column="customer", as_of=DAY, model=str(tmp_path / "bundle"), tracking=Tracking(),
        )  # fmt: skip
    assert caught.value.code == "changed-meanwhile"
    assert not (tmp_path / "out.parquet").exists()


@pytest.mark.parametrize(("today", "told"), [(DAY - dt.timedelta(days=1), 1), (DAY, 0)])
def test_a_date_whose_eve_is_not_over(
    there: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, today: dt.date, told: int
) -> None:
    """A server ahead of the company's time zone names the company's tomorrow."""
    monkeypatch.setattr(type(there.crm), "today", property(lambda crm: today))
    events: list[Event] = []
    scored(there, tmp_path / "scores", How(dry=True, listener=events.append))
    found = [event for event in events if event.facts.get("codes") == ["day-not-over"]]
    assert len(found) == told
    assert all(f"it is {today}, which is not over" in event.text for event in found)
