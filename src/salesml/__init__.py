"""Which customers are about to leave, which prospects resemble the best ones, and why."""

from __future__ import annotations

import importlib
from typing import Any

__version__ = "0.1.0"

_PUBLIC: dict[str, str] = {
    "CRM": "salesml.crm",
    "PropensityClassifier": "salesml.model",
    "SalesmlError": "salesml.errors",
    "Scorer": "salesml.scoring",
    "backtest": "salesml.lifecycle.backtest",
    "changes": "salesml.scoring",
    "load": "salesml.tracking",
    "payoff": "salesml.lifecycle.payoff",
    "promote": "salesml.lifecycle.promotion",
    "rank": "salesml.scoring",
    "read_scores": "salesml.scoring.batch",
    "revert": "salesml.lifecycle.promotion",
    "sample": "salesml.crm.sample",
    "snapshot": "salesml.lifecycle.snapshot",
    "train": "salesml.lifecycle",
    "train_seeds": "salesml.lifecycle.train_seeds",
    "tune": "salesml.lifecycle.tuning",
}
"""Public names and the modules they come from, imported when first asked for."""

__all__ = [*_PUBLIC]


def __getattr__(name: str) -> Any:
    if name not in _PUBLIC:
        raise AttributeError(f"module 'salesml' has no attribute {name!r}")
    value = getattr(importlib.import_module(_PUBLIC[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(["__version__", *_PUBLIC])
