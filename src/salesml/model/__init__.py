"""The estimator, its calibration and evaluation, and the bundle it is kept in."""

from __future__ import annotations

import importlib
from typing import Any

_PUBLIC: dict[str, str] = {
    "Baselines": "salesml.model.baselines",
    "Calibration": "salesml.model.calibration",
    "Coding": "salesml.model.coding",
    "Estimate": "salesml.model.bootstrap",
    "Evaluation": "salesml.model.evaluation",
    "PropensityClassifier": "salesml.model.classifier",
    "Recipe": "salesml.model.defaults",
    "Verdict": "salesml.model.verdict",
    "contribution_shares": "salesml.model.verdict",
    "evaluate": "salesml.model.evaluation",
    "fit_baselines": "salesml.model.baselines",
    "judge": "salesml.model.verdict",
}
"""Public names and their modules, imported when first asked for: a scorer needs no training code."""

__all__ = [*_PUBLIC]


def __getattr__(name: str) -> Any:
    if name not in _PUBLIC:
        raise AttributeError(f"module 'salesml.model' has no attribute {name!r}")
    return getattr(importlib.import_module(_PUBLIC[name]), name)
