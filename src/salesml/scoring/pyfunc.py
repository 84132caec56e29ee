"""How MLflow loads a bundle: its pyfunc flavour calls ``_load_pyfunc`` of this module.

Nothing of MLflow is needed here, and nothing in a bundle is executed.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd

from salesml.model.bundle import Bundle
from salesml.model.bundle_files import CACHE
from salesml.scoring.scorer import TOP, Scorer


class Served:
    """A scorer in the form that MLflow calls: plain values in and out."""

    def __init__(self, scorer: Scorer) -> None:
        self.scorer = scorer

    def predict(self, model_input: pd.DataFrame, params: dict[str, Any] | None = None) -> pd.DataFrame:
        """The score table of some rows; ``params`` may hold ``top``, the most reasons per row."""
        scores = self.scorer.score(model_input, top=int((params or {}).get("top", TOP)))
        scores["as_of"] = [None if pd.isna(day) else str(day) for day in scores["as_of"]]
        return scores.astype(object).where(scores.notna(), None)


def _load_pyfunc(path: str) -> Served:
    """Called by MLflow with the folder of the bundle."""
    return Served(Scorer(Bundle.load(Path(path)), cache=Path(path) / CACHE))
