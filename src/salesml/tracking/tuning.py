"""A tuning in MLflow: a run for the study, a nested run for each trial, from which it can go on elsewhere.

Optuna's own storage is not used: its tables would share ``alembic_version`` with those of MLflow (mlflow
#3374), and a server of MLflow's offers no database. A trial is a run, and its record a tag of it.
"""

from __future__ import annotations

import contextlib
import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from salesml.config import Tracking
from salesml.tracking.log import _experiment, _numbers, _text
from salesml.tracking.store import connected

if TYPE_CHECKING:
    from mlflow import MlflowClient

OF_TAG = "salesml.tuning_of"
"""The model's name. Trainings have another tag, so that comparing them leaves tunings out."""
STUDY_TAG, IDENTITY_TAG = "salesml.study", "salesml.study.identity"
TRIAL_TAG, RECORD_TAG = "salesml.trial", "salesml.trial.record"
PARENT_TAG = "mlflow.parentRunId"

LOGGED = ("report.md", "result.json", "spec.yaml")
"""Files of a study that are logged; losses by account stay where they are."""


@dataclass(frozen=True)
class Found:
    """A study in MLflow: its run, its name, what it is of, and its trials' records in order."""

    run_id: str
    study: str
    identity: dict[str, str]
    records: tuple[str, ...]


def open_study(
    config: Tracking, name: str, study: str, *, identity: Mapping[str, str], tags: Mapping[str, Any]
) -> str:
    """The run of a study, made when it is not there yet, and running from now on.

    Raises
    ------
    OutsideError
        ``tracking-away``.
    """
    with connected(config) as client:
        experiment = _experiment(client, config)
        found = _search(client, experiment, f"tags.`{STUDY_TAG}` = '{study}' and tags.`{OF_TAG}` = '{name}'")
        if found:
            client.update_run(found[0].info.run_id, status="RUNNING")
            return str(found[0].info.run_id)
        own = {
            "kind": "tuning", OF_TAG: name, STUDY_TAG: study,
            IDENTITY_TAG: json.dumps(dict(identity), sort_keys=True),
            **{key: _text(value) for key, value in tags.items()},
        }  # fmt: skip
        return str(client.create_run(experiment, tags=own, run_name=f"{name} tuning").info.run_id)


def log_trials(config: Tracking, parent: str, trials: Sequence[Mapping[str, Any]]) -> None:
    """Log trials as runs nested in a study's, as far as they are not there.

    Parameters
    ----------
    trials : sequence of mapping
        Of each ``number``, ``state``, ``record`` (the line that it is kept as), ``learner``, ``losses`` and
        ``value``.

    Raises
    ------
    OutsideError
        ``tracking-away``.
    """
    with connected(config) as client:
        experiment = str(client.get_run(parent).info.experiment_id)
        there = {int(run.data.tags[TRIAL_TAG]) for run in _children(client, experiment, parent)}
        for trial in trials:
            if trial["number"] not in there:
                _log_trial(client, experiment, parent, trial)


def find_study(config: Tracking, name: str, study: str = "") -> Found | None:
    """The study of a model that was begun last in MLflow, or the one of this name.

    Raises
    ------
    OutsideError
        ``tracking-away``.
    """
    with connected(config) as client:
        experiment = client.get_experiment_by_name(config.experiment)
        if experiment is None:
            return None
        wanted = f"tags.`{OF_TAG}` = '{name}'" + (f" and tags.`{STUDY_TAG}` = '{study}'" if study else "")
        found = _search(client, experiment.experiment_id, wanted)
        if not found:
            return None
        run = found[0]
        records = {
            int(child.data.tags[TRIAL_TAG]): str(child.data.tags[RECORD_TAG])
            for child in _children(client, experiment.experiment_id, run.info.run_id)
        }
    return Found(
        run_id=str(run.info.run_id),
        study=str(run.data.tags[STUDY_TAG]),
        identity=dict(json.loads(run.data.tags.get(IDENTITY_TAG, "{}"))),
        records=tuple(records[number] for number in sorted(records)),
    )


def end_study(
    config: Tracking,
    run_id: str,
    folder: Path,
    *,
    params: Mapping[str, Any],
    metrics: Mapping[str, Any],
    tags: Mapping[str, Any],
) -> None:
    """Log what a study came to, and end its run; a study that goes on is logged again."""
    with connected(config) as client:
        known = client.get_run(run_id).data.params
        # MLflow takes no second value of a parameter: what a longer study came to stands in its tags.
        _numbers(client, run_id, {k: v for k, v in params.items() if k not in known}, metrics)
        for key, value in tags.items():
            client.set_tag(run_id, key, _text(value))
        for name in LOGGED:
            if (folder / name).is_file():
                client.log_artifact(run_id, str(folder / name))
        client.set_terminated(run_id, "FINISHED")


def stop_study(config: Tracking, run_id: str) -> None:
    """Say that a study was stopped, if MLflow can be told."""
    with contextlib.suppress(Exception), connected(config) as client:
        client.set_terminated(run_id, "KILLED")


def _log_trial(client: MlflowClient, experiment: str, parent: str, trial: Mapping[str, Any]) -> None:
    """A trial's run is made with its whole record: one that breaks off after that is whole all the same."""
    tags = {
        PARENT_TAG: parent, TRIAL_TAG: str(trial["number"]), RECORD_TAG: str(trial["record"]),
        "state": str(trial["state"]), "kind": "trial",
    }  # fmt: skip
    name = f"trial {trial['number']}"
    run_id = str(client.create_run(experiment, tags=tags, run_name=name).info.run_id)
    params = {f"learner.{key}": value for key, value in trial["learner"].items()}
    _numbers(client, run_id, params or {"learner": "defaults"}, {"log_loss": trial["value"]})
    now = int(time.time() * 1000)
    for fold, loss in enumerate(trial["losses"]):
        client.log_metric(run_id, "fold_log_loss", float(loss), now, fold)
    client.set_terminated(run_id, "FINISHED" if trial["state"] == "complete" else "KILLED")


def _children(client: MlflowClient, experiment: str, parent: str) -> list[Any]:
    found = _search(client, experiment, f"tags.`{PARENT_TAG}` = '{parent}'")
    return [run for run in found if RECORD_TAG in run.data.tags and TRIAL_TAG in run.data.tags]


def _search(client: MlflowClient, experiment: str, wanted: str) -> list[Any]:
    found: list[Any] = []
    token: str | None = ""
    while token is not None:
        page = client.search_runs(
            [experiment], wanted, order_by=["attributes.start_time DESC"], page_token=token or None
        )
        found.extend(page)
        token = page.token or None
    return found
