"""Accounts whose chance to leave in each interval is known."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from salesml.model.survival.times import Times

Floats = NDArray[np.float64]
HORIZONS = (30, 60, 90, 180)


@dataclass(frozen=True)
class Made:
    """Rows, when they left, and the truth."""

    X: pd.DataFrame
    times: Times
    stays: Floats
    owner: NDArray[np.intp]

    @property
    def y(self) -> NDArray[np.int8]:
        return self.times.gone(90).astype(np.int8)


def made(accounts: int, seed: int, *, seen: tuple[int, ...] = (200, 130), rate: float = 0.1) -> Made:
    """One row per account and span of watching; what holds of an account changes from row to row.

    The hazard of an interval goes with ``risk``, and in the second one with ``renewal`` as well.
    """
    rng = np.random.default_rng(seed)
    parts = []
    for days in seen:
        X = pd.DataFrame(
            {
                "risk": rng.normal(size=accounts),
                "renewal": rng.integers(0, 2, accounts).astype(float),
                "noise": rng.normal(size=accounts),
            }
        )
        widths = np.diff([0, *HORIZONS])
        pull = (
            X["risk"].to_numpy()[:, None] + np.array([0.0, 2.0, 0.0, 0.0]) * X["renewal"].to_numpy()[:, None]
        )
        hazards = np.clip(rate * widths / 60 * np.exp(0.8 * pull - 0.5), 0.0, 0.95)
        left = np.full(accounts, np.nan)
        for place, (start, width) in enumerate(zip((0, *HORIZONS), widths, strict=False)):
            goes = np.isnan(left) & (rng.random(accounts) < hazards[:, place])
            left[goes] = start + rng.integers(0, width, accounts)[goes]
        times = Times(left, np.full(accounts, 1e9)).watched_for(np.full(accounts, float(days)))
        parts.append((X, times, np.cumprod(1 - hazards, axis=1)))
    return Made(
        pd.concat([part[0] for part in parts], ignore_index=True),
        Times(
            np.concatenate([part[1].left for part in parts]), np.concatenate([part[1].seen for part in parts])
        ),
        np.concatenate([part[2] for part in parts]),
        np.tile(np.arange(accounts), len(seen)),
    )
