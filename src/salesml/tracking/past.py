"""Past runs of a model in MLflow, of every kind, and removing some of them.

A run that is removed is marked as deleted, as MLflow does it: it can be restored until ``mlflow gc`` is run.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd

from salesml.config import Tracking
from salesml.tracking import jobs, log, tuning
from salesml.tracking.backtests import BACKTEST
from salesml.tracking.champion import standing
from salesml.tracking.monitors import LOOK
from salesml.tracking.payoffs import PAYOFF

if TYPE_CHECKING:
    from mlflow import MlflowClient

KEPT = (BACKTEST, LOOK, PAYOFF)

TAGS = {
    "training": log.NAME_TAG, **{each.kind: each.of_tag for each in KEPT}, "tuning": tuning.OF_TAG,
    "scoring": jobs.SCORED_TAG,
}  # fmt: skip
"""The tag that holds the model's name, by kind of run."""

FOLDERS = {**{each.kind: each.kind for each in KEPT}, "tuning": tuning.STUDY_TAG}
"""The tag that holds the name of the folder a run was logged from; a training's folder names its run, and a
scoring leaves none."""

PINNED = "salesml.keep"
"""Tag of a run that is to stay; anything but ``false``."""

TIDIED = "salesml.tidied"
"""Tag of a run that this module has begun to remove."""

RUNNING = ("RUNNING", "SCHEDULED")


@dataclass(frozen=True, kw_only=True)
class Past:
    """A run.

    Parameters
    ----------
    kind : str
        A key of :data:`TAGS`.
    started : Timestamp
        UTC.
    folder : str
        The name of the folder that it was logged from; empty for trainings.
    versions : tuple of int
        What it was registered as.
    labels : frozenset of str
        What scores of these versions have as ``model_version``.
    standing : str
        Why one of them must stay: the champion, a former one, an alias; else empty.
    pinned, running, deleted : bool
    tidied : bool
        Whether it was to be removed by :func:`remove`.
    """

    kind: str
    run_id: str
    started: pd.Timestamp
    folder: str = ""
    versions: tuple[int, ...] = ()
    labels: frozenset[str] = frozenset()
    standing: str = ""
    pinned: bool = False
    running: bool = False
    deleted: bool = False
    tidied: bool = False


def past_runs(client: MlflowClient, config: Tracking, name: str) -> list[Past]:
    """All runs of a spec, the newest first, those that were deleted included."""
    versions = _versions(client, config.registered_name(name))
    found = [
        _past(kind, run, versions.get(run.info.run_id, {}))
        for kind in TAGS
        for run in _search(client, config, kind, name)
    ]
    return sorted(found, key=lambda each: (each.started, each.run_id), reverse=True)


def as_it_is(client: MlflowClient, config: Tracking, name: str, run: Past) -> Past:
    """A run as it is by now."""
    versions = _versions(client, config.registered_name(name)) if run.versions else {}
    return _past(run.kind, client.get_run(run.run_id), versions.get(run.run_id, {}))


def remove(client: MlflowClient, config: Tracking, name: str, run: Past) -> None:
    """Remove a run with its versions and the runs nested in it.

    Call it where nobody else moves the champion. Killed half-way it leaves a run without a version, or
    nested runs without their parent's, and the next call ends it. The run is tagged before, so that one
    that somebody else has deleted is not taken for it.
    """
    client.set_tag(run.run_id, TIDIED, "true")
    for version in run.versions:
        client.delete_model_version(config.registered_name(name), str(version))
    if run.kind == "tuning":
        for nested in _nested(client, config, run.run_id):
            client.delete_run(nested)
    client.delete_run(run.run_id)


def _past(kind: str, run: Any, versions: Mapping[int, tuple[frozenset[str], str]]) -> Past:
    tags = run.data.tags
    labels = frozenset(label for found, _ in versions.values() for label in found)
    return Past(
        kind=kind, run_id=run.info.run_id, started=pd.Timestamp(run.info.start_time, unit="ms", tz="UTC"),
        folder=tags.get(FOLDERS.get(kind, ""), ""), versions=tuple(sorted(versions)), labels=labels,
        standing=next((stands for _, stands in versions.values() if stands), ""),
        pinned=tags.get(PINNED, "false").lower() != "false", running=run.info.status in RUNNING,
        deleted=run.info.lifecycle_stage == "deleted", tidied=TIDIED in tags,
    )  # fmt: skip


def _search(client: MlflowClient, config: Tracking, kind: str, name: str) -> Iterable[Any]:
    quoted = name.replace("'", "''")
    told = f"tags.`{TAGS[kind]}` = '{quoted}'"
    # The trials of a tuning have its tag, too: they go with it.
    return [
        run
        for run in _all(client, config, told)
        if kind != "tuning" or tuning.PARENT_TAG not in run.data.tags
    ]


def _nested(client: MlflowClient, config: Tracking, parent: str) -> list[str]:
    found = _all(client, config, f"tags.`{tuning.PARENT_TAG}` = '{parent}'")
    return [run.info.run_id for run in found if run.info.lifecycle_stage != "deleted"]


def _all(client: MlflowClient, config: Tracking, told: str) -> list[Any]:
    from mlflow.entities import ViewType

    experiment = client.get_experiment_by_name(config.experiment)
    found: list[Any] = []
    token: str | None = "" if experiment else None
    while token is not None and experiment:
        page = client.search_runs(
            [experiment.experiment_id], told, run_view_type=ViewType.ALL, page_token=token or None
        )
        found.extend(page)
        token = page.token or None
    return found


def _versions(client: MlflowClient, registered: str) -> dict[str, dict[int, tuple[frozenset[str], str]]]:
    """By run: its versions, each with the labels of its scores and why it must stay, if it must."""
    stands = _stands(client, registered)
    found: dict[str, dict[int, tuple[frozenset[str], str]]] = {}
    for version in client.search_model_versions(f"name = '{registered}'"):
        number, digest = int(version.version), version.tags.get("salesml.bundle", "")
        labels = frozenset({f"{registered}/{number}", *([digest[:12]] if digest else [])})
        found.setdefault(str(version.run_id), {})[number] = labels, stands.get(number, "")
    return found


def _stands(client: MlflowClient, registered: str) -> dict[int, str]:
    """What versions that must stay are: the champion, those before it, and what an alias names."""
    from mlflow.exceptions import MlflowException

    try:
        now = standing(client, registered)
        aliases = client.get_registered_model(registered).aliases
    except MlflowException as error:
        if error.error_code != "RESOURCE_DOES_NOT_EXIST":
            raise
        return {}
    found = {int(number): f"it has the alias {alias}" for alias, number in aliases.items()}
    found |= dict.fromkeys(now.before, "a former champion, which a revert may bring back")
    return found if now.champion is None else found | {now.champion: "it is the champion"}
