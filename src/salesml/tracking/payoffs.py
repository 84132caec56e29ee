"""Logging whether scoring paid to MLflow: a run of its own, without a row of the data."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from salesml.config import Tracking
from salesml.errors import Fault, UsageError
from salesml.tracking.log import _ended, _experiment, _numbers, _text
from salesml.tracking.store import connected

FILE = "payoff.json"
OF_TAG = "salesml.payoff_of"
"""The model's name. Trainings have another tag, so that comparing them leaves payoffs out."""


def log_payoff(folder: Path, config: Tracking) -> str:
    """Log the folder of a payoff as a run tagged ``kind=payoff``, and return the run's id.

    Raises
    ------
    OutsideError
        ``tracking-away``. The folder is untouched: call this again later.
    UsageError
        ``not-a-payoff`` when it is not the folder of one.
    """
    folder = Path(folder)
    data = _read(folder)
    with connected(config) as client:
        tags = {
            "kind": "payoff", OF_TAG: data["name"], "salesml.task": data["task"],
            "conclusion": data["conclusion"]["kind"],
            "conclusion.text": _text(" ".join([*data["conclusion"]["can"], *data["conclusion"]["cannot"]])),
            "payoff": folder.name,
        }  # fmt: skip
        name = f"{data['name']} payoff"
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
        lacks = [key for key in ("name", "task", "conclusion", "params", "metrics") if key not in data]
    except (OSError, ValueError, TypeError) as error:
        raise _not_a_payoff(folder, f"its {FILE} cannot be read: {error}") from error
    if lacks:
        raise _not_a_payoff(folder, f"its {FILE} lacks {', '.join(lacks)}")
    return data


def _not_a_payoff(folder: Path, why: str) -> UsageError:
    return UsageError(
        Fault(
            code="not-a-payoff",
            found=f"{folder} cannot be logged: {why}",
            allowed=f"A folder with {FILE}, as `salesml payoff` leaves it",
        )
    )
