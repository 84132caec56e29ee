"""Logging a scoring job to MLflow: one run for each job, with its figures and no rows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from salesml.config import Tracking
from salesml.tracking.log import _ended, _experiment, _numbers, _text
from salesml.tracking.store import connected

JOB_TAG, SCORED_TAG = "salesml.job", "salesml.scored"
"""Of a scoring job its run id, and the spec's name; trainings have neither."""


def log_job(
    config: Tracking,
    name: str,
    job: str,
    *,
    params: Mapping[str, Any],
    metrics: Mapping[str, Any],
    tags: Mapping[str, Any],
) -> str:
    """Log a scoring job and return its run in MLflow; a job that was logged is not logged again.

    Raises
    ------
    OutsideError
        ``tracking-away``.
    """
    with connected(config) as client:
        experiment = _experiment(client, config)
        found = client.search_runs([experiment], f"tags.`{JOB_TAG}` = '{job}'", max_results=1)
        if found:
            return str(found[0].info.run_id)
        own = {JOB_TAG: job, SCORED_TAG: name, **{key: _text(value) for key, value in tags.items()}}
        run = client.create_run(experiment, tags=own, run_name=f"score {name}")
        run_id = str(run.info.run_id)
        with _ended(client, run_id):
            _numbers(client, run_id, params, metrics)
        return run_id
