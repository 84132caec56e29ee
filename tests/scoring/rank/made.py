"""Score tables of prospects for the tests of ranking."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from salesml.scoring.table import schema

DAY = dt.date(2026, 1, 1)


def prospects(
    value: Sequence[float], hours: Sequence[float], rep: Sequence[str | None] | None = None, **columns: Any
) -> pd.DataFrame:
    """Scored prospects called p000, p001 and so on, each with what is expected of it and its hours."""
    size = len(value)
    frame = pd.DataFrame({name: [None] * size for name in schema("conversion").names})
    numbers = {"expected_value": value, "expected_hours": hours, "raw_score": np.zeros(size)}
    frame = frame.assign(
        task="conversion",
        model="conversion",
        status="scored",
        as_of=DAY,
        entity_id=[f"p{number:03d}" for number in range(size)],
        rep_id=["ann"] * size if rep is None else list(rep),
        **{name: np.asarray(values, dtype=float) for name, values in numbers.items()},
    )
    return frame.assign(**columns)


def drawn(size: int, seed: int, reps: Sequence[str | None] = ("ann", "bob", None)) -> pd.DataFrame:
    """Prospects with skewed values and hours."""
    random = np.random.default_rng(seed)
    return prospects(
        np.round(random.lognormal(5, 1, size), 2),
        np.round(random.gamma(2, 2, size) + 0.2, 2),
        random.choice(np.array(reps, dtype=object), size).tolist(),
        raw_score=random.normal(size=size),
    )


def of(ranked: pd.DataFrame, column: str) -> dict[str, Any]:
    """A column by entity."""
    return dict(zip(ranked["entity_id"], ranked[column], strict=True))
