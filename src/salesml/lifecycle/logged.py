"""A folder that a verb kept, logged where MLflow is there; and where both are, for a person."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from salesml.config import Tracking
from salesml.errors import SalesmlError
from salesml.lifecycle.progress import Say


def log_if_there(
    log: Callable[[Path, Tracking], str], folder: Path, tracking: Tracking | None, say: Say
) -> tuple[str, str]:
    """The run's id, or why there is none: whatever MLflow has against it, nothing is lost."""
    if tracking is None:
        return "", ""
    say(f"Logging to MLflow at {tracking.tracking_uri}")
    try:
        return log(folder, tracking), ""
    except SalesmlError as error:
        return "", str(error)


def whereabouts(folder: Path, run_id: str, away: str) -> str:
    """Where the run and the folder are."""
    lines = []
    if run_id:
        lines.append(f"Logged in MLflow as run {run_id}, without a row of the data")
    elif away:
        lines.append(f"Not in MLflow: {away}")
        lines.append(f"Nothing is lost. Log it later: salesml register {folder}")
    return "\n".join([*lines, f"Kept in {folder}: report.md, chart.png, and every figure as a table"])
