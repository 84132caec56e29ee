"""A Delta table shows one commit of a task and date, and the same job commits once."""

from __future__ import annotations

import datetime as dt
import importlib.util
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from salesml.errors import UsageError
from salesml.scoring import Scorer
from salesml.scoring.batch import sink_of
from tests.conftest import need
from tests.scoring.batch.made import DAY, publish
from tests.scoring.made import bundle, rows


@pytest.fixture
def out(tmp_path: Path) -> Path:
    """The address of a table."""
    need(importlib.util.find_spec("deltalake"), "the package deltalake is not installed")
    return Path(f"delta:{tmp_path / 'scores'}")


def test_one_commit_replaces_one_task_and_date(out: Path, tmp_path: Path) -> None:
    from deltalake import DeltaTable

    publish(out, rows(30, 1))
    publish(out, rows(20, 2), day="2026-02-28")
    frame = rows(40, 3)
    done = publish(out, frame)
    table = DeltaTable(str(tmp_path / "scores"))
    assert table.version() == 2
    found = table.to_pyarrow_table(filters=[("as_of", "=", dt.date.fromisoformat(DAY))])
    wanted = Scorer(bundle(), threads=1).table(frame, run_id=done.manifest["run_id"])
    order = [("entity_id", "ascending")]
    for name in ("entity_id", "probability", "reasons"):
        assert found.sort_by(order)[name].to_pylist() == wanted.sort_by(order)[name].to_pylist()
    assert table.to_pyarrow_table().num_rows == 60
    assert sorted(path.name for path in tmp_path.iterdir()) == ["scores"]


def test_the_same_job_commits_once(out: Path, tmp_path: Path) -> None:
    from deltalake import DeltaTable

    first = publish(out, rows(30, 1))
    again = publish(out, rows(30, 1))
    assert again.already
    assert again.manifest == first.manifest
    assert DeltaTable(str(tmp_path / "scores")).version() == 0
    publish(out, rows(30, 2))
    assert not publish(out, rows(30, 1)).already, "another job came between"


def test_what_could_not_be_scored_stands_beside_it(out: Path, tmp_path: Path) -> None:
    frame = rows(100, 1)
    frame.loc[5, "revenue_90"] = float("inf")
    publish(out, frame)
    apart = pq.read_table(tmp_path / f"scores.churn.{DAY}.quarantine.parquet")
    assert apart["entity_id"].to_pylist() == ["c00005"]


def test_what_it_lacks_is_said_together(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(UsageError) as caught:
        sink_of(Path(f"delta:{tmp_path}/nowhere/scores"), "churn", "").check("churn")
    assert [fault.code for fault in caught.value.faults] == ["not-installed", "needs-date", "missing-folder"]
    assert "pip install 'salesml[delta]'" in str(caught.value)
