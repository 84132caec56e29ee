"""A job goes on where it stopped, and a job that is done changes nothing."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest

from salesml.errors import DataError, OutsideError, UsageError
from salesml.scoring.batch import Event, Identity, Teller, carry_out
from salesml.scoring.batch.parts import Totals
from tests.scoring.batch.made import CHUNK, DAY, TableStage, identity, ignored, job, publish
from tests.scoring.made import rows


def stage_of(own: object) -> TableStage:
    stage = own.stage  # type: ignore[attr-defined]
    assert isinstance(stage, TableStage)
    return stage


def test_the_same_job_again_changes_nothing(tmp_path: Path) -> None:
    first = publish(tmp_path / "scores", rows(60, 1))
    stamps = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*") if path.suffix == ".parquet"}
    own = job(tmp_path / "scores", rows(60, 1))
    again = carry_out(own, Teller(own.identity.run_id, ignored))
    assert again.already
    assert not first.already
    assert stage_of(own).calls == 0
    assert again.manifest == first.manifest
    assert stamps == {
        path: path.stat().st_mtime_ns for path in tmp_path.rglob("*") if path.suffix == ".parquet"
    }


def test_it_goes_on_where_it_stopped(tmp_path: Path) -> None:
    own = job(tmp_path / "scores", rows(80, 1))
    events: list[Event] = []

    def stop_after_two(event: Event) -> None:
        events.append(event)
        if event.event == "progress" and len([each for each in events if each.event == "progress"]) == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        carry_out(own, Teller(own.identity.run_id, stop_after_two))
    assert not (tmp_path / "scores" / "task=churn" / f"as_of={DAY}").exists()
    again = job(tmp_path / "scores", rows(80, 1))
    done = carry_out(again, Teller(again.identity.run_id, events.append))
    assert stage_of(again).calls <= 3
    assert any("were scored before" in event.text for event in events)
    whole = publish(tmp_path / "other", rows(80, 1))
    assert {**done.manifest, "times": 0} == {**whole.manifest, "times": 0}


def test_a_part_that_was_damaged_meanwhile_is_scored_again(tmp_path: Path) -> None:
    own = job(tmp_path / "scores", rows(80, 1))

    def stop_at_the_end(event: Event) -> None:
        if event.facts.get("stage") == "publish":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        carry_out(own, Teller(own.identity.run_id, stop_at_the_end))
    part = next((tmp_path / ".scores.salesml").rglob("part-*-00002.parquet"))
    part.write_bytes(part.read_bytes()[:100])
    again = job(tmp_path / "scores", rows(80, 1))
    carry_out(again, Teller(again.identity.run_id, ignored))
    assert stage_of(again).calls == 1


def test_another_job_takes_the_place_of_one_that_never_ended(tmp_path: Path) -> None:
    own = job(tmp_path / "scores", rows(80, 1))

    def stop(event: Event) -> None:
        if event.event == "progress":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        carry_out(own, Teller(own.identity.run_id, stop))
    publish(tmp_path / "scores", rows(80, 2))
    assert not list((tmp_path / ".scores.salesml" / "work" / f"task=churn,as_of={DAY}").iterdir())


def bad_rows(size: int, bad: int) -> pd.DataFrame:
    frame = rows(size, 1)
    frame.loc[: bad - 1, "revenue_90"] = np.inf
    return frame


def test_rows_that_cannot_be_scored_stand_apart_and_are_counted(tmp_path: Path) -> None:
    out = tmp_path / "scores"
    done = publish(out, bad_rows(100, 3), quarantine_max=0.03)
    assert done.manifest["unscored"] == 3
    assert done.manifest["problems"] == {"revenue_90 is infinite": 3}
    (apart,) = [each for each in done.manifest["files"] if each["file"].startswith("quarantine/")]
    folder = (out / "task=churn" / f"as_of={DAY}").resolve().parent
    table = pq.read_table(folder / apart["file"]).to_pandas()
    assert list(table["entity_id"]) == ["c00000", "c00001", "c00002"]
    assert set(table["problem"]) == {"revenue_90 is infinite"}
    assert np.isinf(table["revenue_90"]).all()
    assert len(pd.read_parquet(out)) == 100


def test_too_many_of_them_publish_nothing(tmp_path: Path) -> None:
    out = tmp_path / "scores"
    publish(out, rows(40, 1))
    before = (out / "task=churn" / f"as_of={DAY}").readlink()
    with pytest.raises(DataError, match=r"4 of 100 rows could not be scored") as caught:
        publish(out, bad_rows(100, 4), quarantine_max=0.03)
    fault = caught.value.faults[0]
    assert fault.code == "too-many-unscored"
    assert fault.examples == ("revenue_90 is infinite",)
    assert "raise quarantine_max" in fault.do
    assert (out / "task=churn" / f"as_of={DAY}").readlink() == before
    kept = list((tmp_path / ".scores.salesml").rglob("work/*/*/generation/quarantine/*.parquet"))
    assert len(kept) == 1, "what could not be scored is kept to be looked at"


@pytest.mark.parametrize("name", ["scores.parquet", "scores.csv"])
def test_a_file_has_its_manifest_and_its_quarantine_beside_it(tmp_path: Path, name: str) -> None:
    done = publish(tmp_path / name, bad_rows(100, 1))
    names = [name, f"{name}.manifest.json", f"{name}.quarantine.parquet"]
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(names)
    manifest = json.loads((tmp_path / f"{name}.manifest.json").read_text())
    assert manifest["rows"] == 100
    assert manifest["files"][0]["file"] == name
    assert publish(tmp_path / name, bad_rows(100, 1)).already
    assert not done.already
    with pytest.raises(UsageError, match="exists already"):
        publish(tmp_path / name, rows(50, 2))


def test_events_carry_the_run_id_and_the_stages_their_seconds(tmp_path: Path) -> None:
    own = job(tmp_path / "scores.parquet", rows(40, 1))
    events: list[Event] = []
    done = carry_out(own, Teller(own.identity.run_id, events.append))
    assert {event.run_id for event in events} == {own.identity.run_id}
    assert [event.facts["stage"] for event in events if event.event == "stage"] == ["score", "publish"]
    assert set(done.seconds) == {"score", "publish"}
    last = [event for event in events if event.event == "progress"][-1]
    assert (last.facts["done"], last.facts["rows"], last.facts["seconds_left"]) == (40, 40, 0)
    assert last.text.startswith("40 of 40 rows, ")
    line = json.loads(last.line())
    assert line["run_id"] == own.identity.run_id
    assert line["done"] == 40


def test_a_refusal_is_an_event(tmp_path: Path) -> None:
    own = job(tmp_path / "scores", bad_rows(50, 20))
    events: list[Event] = []
    with pytest.raises(DataError):
        carry_out(own, Teller(own.identity.run_id, events.append))
    assert events[-1].event == "failed"
    assert events[-1].facts == {"codes": ["too-many-unscored"], "exit_code": 1}


def test_everything_that_decides_a_score_decides_the_run_id() -> None:
    base = identity(rows(10, 1))
    assert identity(rows(10, 1)).run_id == base.run_id
    others = [
        Identity(**{**vars(base), key: value})
        for key, value in {
            "name": "b", "task": "fit", "as_of": "2026-02-01", "bundle": "b", "version": "2", "data": "d",
            "meaning": "m", "options": {"top": 3}, "versions": {"lightgbm": "5"},
        }.items()
    ]  # fmt: skip
    assert len({base.run_id, *(other.run_id for other in others)}) == 1 + len(others)


def test_parts_add_up() -> None:
    entry = {
        "rows": CHUNK,
        "unscored": 1,
        "bands": {"A": 2},
        "problems": {"x": 1},
        "counted": {"sentences": 4},
    }
    totals = Totals.of([entry, {**entry, "bands": {"B": 1}}])
    assert totals == Totals(2 * CHUNK, 2, {"A": 2, "B": 1}, {"x": 2}, {"sentences": 8})


def test_a_folder_that_cannot_be_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("salesml.scoring.batch.journal.os.fsync", refuse)
    with pytest.raises(OutsideError, match="No space left on device") as caught:
        publish(tmp_path / "scores", rows(20, 1))
    assert caught.value.exit_code == 4
    assert not list(tmp_path.glob("scores/*/*"))
