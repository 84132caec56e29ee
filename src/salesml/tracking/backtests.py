"""Logging a backtest to MLflow."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from salesml.config import Tracking
from salesml.tracking.kept import Kept
from salesml.tracking.log import _BATCH, _text

if TYPE_CHECKING:
    from mlflow import MlflowClient

BACKTEST = Kept(
    kind="backtest", of_tag="salesml.backtest_of", file="backtest.json", called="a backtest",
    command="salesml backtest", needs=("name", "task", "outlook", "params", "tags", "dates", "pooled"),
)  # fmt: skip

KEPT_BACK = ("expected_losses.parquet",)
"""Files with a row for each account: they stay where they were written."""


def log_backtest(folder: Path, config: Tracking) -> str:
    """Log the folder of a backtest as a run tagged ``kind=backtest``, and return the run's id.

    Figures of each date are one metric with the date's number as its step; pooled ones are called
    ``pooled.NAME``.

    Raises
    ------
    OutsideError
        ``tracking-away``. The folder is untouched: call this again later.
    UsageError
        ``not-a-backtest`` when it is not the folder of one.
    """
    folder = Path(folder)
    data = BACKTEST.read(folder)
    tags = {str(name): _text(value) for name, value in data["tags"].items()}
    tags |= {"verdict": data["outlook"]["kind"], "verdict.text": _text(data["outlook"]["text"])}
    return BACKTEST.log(
        folder, config, data, name=f"{data['name']} backtest", tags=tags,
        metrics=_pooled(data["pooled"] or {}), leave=KEPT_BACK,
        more=lambda client, run_id: _series(client, run_id, data["dates"]),
    )  # fmt: skip


def _pooled(pooled: dict[str, Any]) -> dict[str, Any]:
    found = {}
    for name, figure in pooled.get("metrics", {}).items():
        for part, suffix in (("value", ""), ("low", "_low"), ("high", "_high")):
            found[f"pooled.{name}{suffix}"] = figure[part]
    return found


def _series(client: MlflowClient, run_id: str, dates: list[dict[str, Any]]) -> None:
    """Each figure of the dates over the dates' numbers; intervals and texts stand in the table."""
    from mlflow.entities import Metric

    now = int(time.time() * 1000)
    measured = [
        Metric(name, float(value), now, step)
        for step, row in enumerate(dates)
        for name, value in row.items()
        if isinstance(value, int | float) and not isinstance(value, bool)
    ]
    for start in range(0, len(measured), _BATCH):
        client.log_batch(run_id, metrics=measured[start : start + _BATCH])
