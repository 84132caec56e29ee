"""Logging a look of monitoring to MLflow."""

from __future__ import annotations

from pathlib import Path

from salesml.config import Tracking
from salesml.tracking.kept import Kept
from salesml.tracking.log import _text

LOOK = Kept(
    kind="monitor", of_tag="salesml.monitor_of", file="monitor.json", called="a look",
    command="salesml monitor",
    needs=("name", "task", "bundle", "as_of", "alarms", "advice", "params", "metrics"),
)  # fmt: skip


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
    data = LOOK.read(folder)
    tags = {
        "salesml.bundle": data["bundle"], "as_of": data["as_of"], "alarms": str(len(data["alarms"])),
        "advice": data["advice"]["kind"], "advice.text": _text(" ".join(data["advice"]["reasons"])),
    }  # fmt: skip
    name = f"{data['name']} monitor {data['as_of']}"
    return LOOK.log(folder, config, data, name=name, tags=tags, metrics=data["metrics"])
