"""Logging a backtest to MLflow: a run of its own, without a model and without a row of the data."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from salesml.config import Tracking
from salesml.errors import Fault, UsageError
from salesml.tracking.log import _BATCH, _ended, _experiment, _numbers, _text
from salesml.tracking.store import connected

if TYPE_CHECKING:
    from mlflow import MlflowClient

FILE = "backtest.json"
KEPT_BACK = ("expected_losses.parquet",)
"""Files with a row for each account: they stay where they were written."""

OF_TAG = "salesml.backtest_of"
"""The model's name. Trainings have another tag, so that comparing them leaves backtests out."""


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
    data = _read(folder)
    with connected(config) as client:
        tags = {str(name): _text(value) for name, value in data["tags"].items()}
        tags |= {
            "kind": "backtest", OF_TAG: data["name"], "salesml.task": data["task"],
            "verdict": data["outlook"]["kind"], "verdict.text": _text(data["outlook"]["text"]),
            "backtest": folder.name,
        }  # fmt: skip
        experiment = _experiment(client, config)
        name = f"{data['name']} backtest"
        run_id = str(client.create_run(experiment, tags=tags, run_name=name).info.run_id)
        with _ended(client, run_id):
            _numbers(client, run_id, data["params"], _pooled(data["pooled"] or {}))
            _series(client, run_id, data["dates"])
            for path in sorted(folder.iterdir()):
                if path.is_file() and path.name not in KEPT_BACK and not path.name.startswith("."):
                    client.log_artifact(run_id, str(path))
    return run_id


def _read(folder: Path) -> dict[str, Any]:
    try:
        data: dict[str, Any] = json.loads((folder / FILE).read_text(encoding="utf-8"))
        whole = all(key in data for key in ("name", "task", "outlook", "params", "tags", "dates", "pooled"))
    except (OSError, ValueError, TypeError) as error:
        raise _not_a_backtest(folder, f"its {FILE} cannot be read: {error}") from error
    if not whole:
        raise _not_a_backtest(folder, f"its {FILE} lacks a part")
    return data


def _not_a_backtest(folder: Path, why: str) -> UsageError:
    return UsageError(
        Fault(
            code="not-a-backtest",
            found=f"{folder} is not a backtest that can be logged: {why}",
            allowed=f"A backtest is a folder with {FILE}, as `salesml backtest` leaves it",
        )
    )


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
