"""Logging a look of monitoring to MLflow: a run of its own, without a row of the data."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from salesml.config import Tracking
from salesml.errors import Fault, UsageError
from salesml.tracking.log import _ended, _experiment, _numbers, _text
from salesml.tracking.store import connected

FILE = "monitor.json"
OF_TAG = "salesml.monitor_of"
"""The model's name. Trainings have another tag, so that comparing them leaves monitoring out."""


def log_monitor(folder: Path, config: Tracking) -> str:
    """Log the folder of a look as a run tagged ``kind=monitor``, and return the run's id.

    Raises
    ------
    OutsideError
        ``tracking-away``. The folder is untouched: call this again later.
    UsageError
        ``not-a-look`` when it is not the folder of one.
    """
    folder = Path(folder)
    data = _read(folder)
    with connected(config) as client:
        tags = {
            "kind": "monitor", OF_TAG: data["name"], "salesml.task": data["task"],
            "salesml.bundle": data["bundle"], "as_of": data["as_of"],
            "alarms": str(len(data["alarms"])), "advice": data["advice"]["kind"],
            "advice.text": _text(" ".join(data["advice"]["reasons"])), "monitor": folder.name,
        }  # fmt: skip
        name = f"{data['name']} monitor {data['as_of']}"
        run_id = str(client.create_run(_experiment(client, config), tags=tags, run_name=name).info.run_id)
        with _ended(client, run_id):
            _numbers(client, run_id, data["params"], data["metrics"])
            for path in sorted(folder.iterdir()):
                if path.is_file() and not path.name.startswith("."):
                    client.log_artifact(run_id, str(path))
    return run_id


def _read(folder: Path) -> dict[str, Any]:
    try:
        data: dict[str, Any] = json.loads((folder / FILE).read_text(encoding="utf-8"))
        wanted = ("name", "task", "bundle", "as_of", "alarms", "advice", "params", "metrics")
        lacks = [key for key in wanted if key not in data]
    except (OSError, ValueError, TypeError) as error:
        raise _not_a_look(folder, f"its {FILE} cannot be read: {error}") from error
    if lacks:
        raise _not_a_look(folder, f"its {FILE} lacks {', '.join(lacks)}")
    return data


def _not_a_look(folder: Path, why: str) -> UsageError:
    return UsageError(
        Fault(
            code="not-a-look",
            found=f"{folder} is not a look that can be logged: {why}",
            allowed=f"A look is a folder with {FILE}, as `salesml monitor` leaves it",
        )
    )
