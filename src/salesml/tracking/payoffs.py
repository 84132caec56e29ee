"""Logging whether scoring paid to MLflow."""

from __future__ import annotations

from pathlib import Path

from salesml.config import Tracking
from salesml.tracking.kept import Kept
from salesml.tracking.log import _text

PAYOFF = Kept(
    kind="payoff", of_tag="salesml.payoff_of", file="payoff.json", called="a payoff",
    command="salesml payoff", needs=("name", "task", "conclusion", "params", "metrics"),
)  # fmt: skip


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
    data = PAYOFF.read(folder)
    concluded = data["conclusion"]
    tags = {
        "conclusion": concluded["kind"],
        "conclusion.text": _text(" ".join([*concluded["can"], *concluded["cannot"]])),
    }
    return PAYOFF.log(
        folder, config, data, name=f"{data['name']} payoff", tags=tags, metrics=data["metrics"]
    )  # fmt: skip
