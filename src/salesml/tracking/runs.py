"""All runs of a model in one table, to be compared."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from salesml.config import Tracking
from salesml.tracking.log import NAME_TAG
from salesml.tracking.store import connected

if TYPE_CHECKING:
    from mlflow import MlflowClient

FIRST = ["version", "aliases", "run_id", "started", "status", "verdict"]
"""Columns that stand first; metrics and then parameters follow by name."""


def runs(config: Tracking, name: str) -> pd.DataFrame:
    """The runs of a spec, newest first.

    Parameters
    ----------
    config : Tracking
    name : str
        The spec's name, such as ``churn``.

    Returns
    -------
    DataFrame
        ``version``, ``aliases``, ``run_id``, ``started`` (UTC), ``status``, ``verdict``, then one
        column for each metric, and for each parameter that differs between runs as ``param.NAME``.

    Raises
    ------
    OutsideError
        ``tracking-away``.
    """
    with connected(config) as client:
        found = _search(client, config, name)
        versions, aliases = _versions(client, config.registered_name(name))
    rows = [_row(run, versions, aliases) for run in found]
    return _ordered(pd.DataFrame(rows)) if rows else pd.DataFrame(columns=FIRST)


def _search(client: MlflowClient, config: Tracking, name: str) -> list[Any]:
    experiment = client.get_experiment_by_name(config.experiment)
    if experiment is None:
        return []
    found: list[Any] = []
    token: str | None = ""
    while token is not None:
        quoted = name.replace("'", "''")
        page = client.search_runs(
            [experiment.experiment_id],
            f"tags.`{NAME_TAG}` = '{quoted}'",
            order_by=["attributes.start_time DESC"],
            page_token=token or None,
        )
        found.extend(page)
        token = page.token or None
    return found


def _versions(client: MlflowClient, registered: str) -> tuple[dict[str, int], dict[int, str]]:
    """Version by run, and aliases by version; a search does not return aliases (mlflow#16734)."""
    versions = {
        str(version.run_id): int(version.version)
        for version in client.search_model_versions(f"name = '{registered}'")
    }
    aliases: dict[int, str] = {}
    if versions:
        for alias, number in sorted(client.get_registered_model(registered).aliases.items()):
            aliases[int(number)] = f"{aliases[int(number)]}, {alias}" if int(number) in aliases else alias
    return versions, aliases


def _row(run: Any, versions: dict[str, int], aliases: dict[int, str]) -> dict[str, Any]:
    version = versions.get(run.info.run_id)
    return {
        "version": version,
        "aliases": aliases.get(version, "") if version else "",
        "run_id": run.info.run_id,
        "started": pd.Timestamp(run.info.start_time, unit="ms", tz="UTC"),
        "status": run.info.status,
        "verdict": run.data.tags.get("verdict", ""),
        **dict(sorted(run.data.metrics.items())),
        **{f"param.{key}": value for key, value in sorted(run.data.params.items())},
    }


def _ordered(table: pd.DataFrame) -> pd.DataFrame:
    table["version"] = table["version"].astype("Int64")
    params = [name for name in table.columns if name.startswith("param.")]
    if len(table) > 1:
        same = [name for name in params if table[name].nunique(dropna=False) == 1]
        table, params = table.drop(columns=same), [name for name in params if name not in same]
    metrics = [name for name in table.columns if name not in FIRST and name not in params]
    return table[[*FIRST, *metrics, *params]]
