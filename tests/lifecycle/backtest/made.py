"""Dates of a backtest as a replay leaves them, with a quality that is chosen."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from scipy.special import expit
from scipy.stats import norm

from salesml.lifecycle.backtest.plan import Turn
from salesml.lifecycle.backtest.replay import Explained, Played
from salesml.lifecycle.rows import Rows
from salesml.model import evaluate

NAMES = ("orders.recency", "orders.activity", "orders.revenue")


def played(turn: Turn, auc: float, seed: int, *, rows: int = 300, shift: float = 0.0, **more: Any) -> Played:
    """A date on which scores reach about this AUC; ``shift`` is added to the log-odds said."""
    rng = np.random.default_rng(seed)
    apart = np.sqrt(2) * float(norm.ppf(auc))
    y = (rng.random(rows) < 0.3).astype(np.int8)
    z = rng.normal(size=rows) + apart * y
    p = expit(apart * z - apart**2 / 2 + np.log(3 / 7) + shift)
    entity = np.array([f"c{n}" for n in range(rows)], dtype=object)
    made = Rows(
        pd.DataFrame(index=range(rows)), y if turn.ripe else np.full(rows, -1, dtype=np.int8), entity,
        np.full(rows, np.datetime64(turn.as_of)), rng.gamma(2, 50, rows),
    )  # fmt: skip
    baselines = {"base rate": np.full(rows, 0.3), "best single column": expit(0.5 * z)}
    evaluation = (
        evaluate(y, p, groups=entity, baselines=baselines, value=made.value, resamples=100)
        if turn.ripe
        else None
    )
    size = rng.random((rows, 3)).astype(np.float32) * np.array([6, 3, 1], dtype=np.float32)
    return Played(
        turn=turn, status="tested" if turn.ripe else "not ripe", rows=made,
        rep=np.array(["rep1", None] * (rows // 2), dtype=object), p=p, baselines=baselines,
        evaluation=evaluation, explained=Explained(names=NAMES, size=size, entity=entity),
        feature_shares=dict(zip(("recency", "count", "sum"), (0.6, 0.3, 0.1), strict=True)),
        train_rows=900, train_positives=270, digest=f"{seed:064x}", trees=30, **more,
    )  # fmt: skip


def series(aucs: Sequence[float], *, unripe: int = 0, **more: Any) -> list[Played]:
    """A month apart, the last ones not ripe."""
    days = [dt.date(2024 + n // 12, n % 12 + 1, 1) for n in range(len(aucs))]
    learned = [day - dt.timedelta(days=30) for day in days]
    return [
        played(Turn(day, (before,), n < len(aucs) - unripe), auc, n, **more)
        for n, (day, before, auc) in enumerate(zip(days, learned, aucs, strict=True))
    ]
