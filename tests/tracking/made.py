"""A run folder as training leaves it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from salesml.config import Tracking, read_tracking
from tests.scoring.made import bundle


def run_folder(folder: Path, **changes: Any) -> Path:
    folder.mkdir(parents=True)
    bundle().save(folder / "bundle")
    run = {
        "name": "churn",
        "task": "churn",
        "registered_name": "salesml-churn",
        "params": {"seed": 0, "learner": "lightgbm"},
        "metrics": {"auc": 0.75, "auc_low": 0.7},
        "tags": {"git.commit": "c0ffee", "verdict": "usable"},
    }
    (folder / "run.json").write_text(json.dumps({**run, **changes}))
    (folder / "model_card.md").write_text("# Card\n")
    (folder / "snapshot.sql").write_text("SELECT 1\n")
    (folder / "plots").mkdir()
    (folder / "plots" / "reliability.png").write_bytes(b"png")
    (folder / ".hidden").write_text("no")
    (folder / "outcomes.csv").write_text("account\nA1\n")
    return folder


def config(folder: Path) -> Tracking:
    """A store of its own, as mlflow.yaml's defaults make it."""
    folder.mkdir(parents=True, exist_ok=True)
    return read_tracking(folder / "mlflow.yaml")
