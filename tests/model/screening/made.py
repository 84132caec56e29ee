"""Tables for the tests of the checks before training."""

from __future__ import annotations

import numpy as np
import pandas as pd

from salesml.model.screening import Finding, Screening

ROWS = 2_000


def honest(seed: int = 0, rows: int = ROWS) -> tuple[pd.DataFrame, np.ndarray]:
    """Numbers, money, categories and flags with a signal of about AUC .75."""
    rng = np.random.default_rng(seed)
    X = pd.DataFrame(
        {
            "age": rng.normal(45, 12, rows).round(),
            "spend": np.exp(rng.normal(3, 1, rows)).round(2),
            "usage": rng.normal(size=rows),
            "plan": rng.choice(["basic", "pro", "max"], rows),
            "region": rng.choice([f"r{number}" for number in range(20)], rows),
            "paperless": rng.choice(["no", "yes"], rows),
        }
    )
    z = -1.2 + X["usage"] + 0.6 * (X["plan"] == "basic")
    return X, (rng.random(rows) < 1 / (1 + np.exp(-z))).astype(np.int8).to_numpy()


def found(screening: Screening, code: str) -> list[Finding]:
    """The findings of one code."""
    return [finding for finding in screening.findings if finding.code == code]


def alarms(screening: Screening) -> list[str]:
    """The codes of what warns or stops."""
    return [finding.code for finding in screening.findings if finding.severity != "note"]
