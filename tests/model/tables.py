"""Small tables with known truth."""

from __future__ import annotations

import numpy as np
import pandas as pd


def customers(rows: int = 800, seed: int = 0) -> tuple[pd.DataFrame, np.ndarray]:
    """Customers whose chance to leave depends on orders and plan; some numbers are missing."""
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame(
        {
            "orders (90 days)": rng.poisson(3, rows).astype(float),
            "plan": rng.choice(["basic", "plus", "pro"], rows),
            "late": rng.random(rows) < 0.3,
            "size": np.where(rng.random(rows) < 0.1, np.nan, rng.lognormal(3, 1, rows)),
        }
    )
    logit = 0.5 - 0.5 * frame["orders (90 days)"] + (frame["plan"] == "basic") + frame["late"]
    y = rng.random(rows) < 1 / (1 + np.exp(-logit))
    return frame, y.to_numpy().astype(np.int8)
