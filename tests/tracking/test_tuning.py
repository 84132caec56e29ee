"""Studies in MLflow: nested runs from which a study comes back, in the same database as its own tables."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

from salesml.config import Tracking
from salesml.tracking import runs
from salesml.tracking.store import connected
from salesml.tracking.tuning import end_study, find_study, log_trials, open_study, stop_study

IDENTITY = {"data": "a", "seed": "0"}


def trial(number: int, state: str = "complete") -> dict[str, Any]:
    return {
        "number": number, "state": state, "record": f'{{"number": {number}}}', "losses": (0.5, 0.25),
        "learner": {"num_leaves": 7} if number else {}, "value": 0.375,
    }  # fmt: skip


def begun(config: Tracking, study: str = "20250101T000000Z") -> str:
    return open_study(config, "churn", study, identity=IDENTITY, tags={"git.commit": "abc"})


def test_a_study_comes_back_as_it_was_logged(fresh: Tracking) -> None:
    assert find_study(fresh, "churn") is None
    run = begun(fresh)
    log_trials(fresh, run, [trial(0), trial(1, "pruned")])
    found = find_study(fresh, "churn")
    assert found is not None
    assert (found.run_id, found.study, found.identity) == (run, "20250101T000000Z", IDENTITY)
    assert found.records == ('{"number": 0}', '{"number": 1}')
    assert find_study(fresh, "conversion") is None


def test_nothing_is_logged_twice(fresh: Tracking) -> None:
    run = begun(fresh)
    log_trials(fresh, run, [trial(0)])
    log_trials(fresh, run, [trial(0), trial(1)])
    assert begun(fresh) == run
    found = find_study(fresh, "churn")
    assert found is not None
    assert len(found.records) == 2


def test_a_trial_that_was_given_up_is_seen_as_such(fresh: Tracking) -> None:
    run = begun(fresh)
    log_trials(fresh, run, [trial(0), trial(1, "pruned")])
    with connected(fresh) as client:
        parent = client.get_run(run)
        children = client.search_runs(
            [parent.info.experiment_id],
            f"tags.`mlflow.parentRunId` = '{run}'",
            order_by=["attributes.run_name"],
        )
        history = client.get_metric_history(children[1].info.run_id, "fold_log_loss")
    assert [child.info.run_name for child in children] == ["trial 0", "trial 1"]
    assert [child.info.status for child in children] == ["FINISHED", "KILLED"]
    assert [child.data.tags["state"] for child in children] == ["complete", "pruned"]
    assert [child.data.params for child in children] == [{"learner": "defaults"}, {"learner.num_leaves": "7"}]
    assert [(each.step, each.value) for each in history] == [(0, 0.5), (1, 0.25)]


def test_the_run_says_how_the_study_stands(fresh: Tracking, tmp_path: Path) -> None:
    run = begun(fresh)
    (tmp_path / "report.md").write_text("what came of it")
    (tmp_path / "losses.npy").write_text("whose?")

    def status() -> str:
        with connected(fresh) as client:
            return str(client.get_run(run).info.status)

    assert status() == "RUNNING"
    stop_study(fresh, run)
    assert status() == "KILLED"
    begun(fresh)
    assert status() == "RUNNING"
    for _ in range(2):  # a study that went on ends a second time
        end_study(fresh, run, tmp_path, params={"folds": 3}, metrics={"gain": 0.1}, tags={"verdict": "beat"})
    assert status() == "FINISHED"
    with connected(fresh) as client:
        assert [each.path for each in client.list_artifacts(run)] == ["report.md"]
        assert client.get_run(run).data.tags["verdict"] == "beat"


def test_the_newest_study_is_the_one_that_goes_on(fresh: Tracking) -> None:
    begun(fresh, "20250101T000000Z")
    second = begun(fresh, "20250201T000000Z")
    found = find_study(fresh, "churn")
    assert found is not None
    assert found.run_id == second


def test_trainings_are_compared_without_trials(fresh: Tracking) -> None:
    log_trials(fresh, begun(fresh), [trial(0)])
    assert runs(fresh, "churn").empty


def test_mlflows_own_tables_are_as_they_were(fresh: Tracking) -> None:
    def tables() -> tuple[list[Any], list[Any]]:
        with closing(sqlite3.connect(fresh.folder / "mlflow.db")) as connection:
            names = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
            return sorted(names), connection.execute("SELECT * FROM alembic_version").fetchall()

    before = tables()
    log_trials(fresh, begun(fresh), [trial(0)])
    assert tables() == before
