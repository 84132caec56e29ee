"""Models that differ in what they learned, what they look at, or nothing, and rows of two dates."""

from __future__ import annotations

import datetime as dt
import functools
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from salesml.model.bundle import Bundle, count_levels
from salesml.model.classifier import PropensityClassifier
from salesml.scoring import Scorer, changes
from salesml.scoring.changes.table import SCHEMA
from salesml.snapshots.feature import Feature
from salesml.words.peers import Peers
from tests.scoring.made import FEATURES, bundle, rows

SINCE, AS_OF = dt.date(2025, 10, 1), dt.date(2026, 1, 1)
ALL = ()
FEWER = ("recency", "orders_30", "industry")
OTHERS = ("recency", "orders_90", "tickets_30", "industry")

TICKETS = Feature(
    name="tickets_30", words="tickets in the last 30 days", form="count", group="tickets", window_days=30
)


@functools.cache
def scorer(features: tuple[str, ...] = (), seed: int = 0, size: int = 600) -> Scorer:
    """A scorer of some features, all of :func:`tests.scoring.made.rows` by default."""
    known = [feature for feature in (*FEATURES, TICKETS) if not features or feature.name in features]
    known = [feature for feature in known if features or feature.name != TICKETS.name]
    frame = with_tickets(rows(size, seed))
    names = [feature.name for feature in known]
    model = PropensityClassifier(n_jobs=1, max_trees=20).fit(
        frame[names], frame["label"], groups=frame["entity_id"]
    )
    made: Bundle = replace(
        bundle(), booster=model.model_text_, features=tuple(known), coding=model.coding_,
        calibration=model.calibration_, base_value=float(model.contributions(frame[names].iloc[:1])[0, -1]),
        level_accounts=count_levels(model.coding_, frame[names], list(frame["entity_id"])),
        level_shares={}, peers=Peers(),
    )  # fmt: skip
    return Scorer(made, version=f"v{seed}", threads=1)


def with_tickets(frame: pd.DataFrame) -> pd.DataFrame:
    """Rows with one more feature, that follows another one."""
    return frame.assign(tickets_30=(frame["orders_90"] * 7 % 5).astype(float))


def dated(size: int, seed: int, day: dt.date = AS_OF) -> pd.DataFrame:
    """Rows of one date."""
    return with_tickets(rows(size, seed)).assign(as_of=day)


def compared(old: Scorer, before: pd.DataFrame, new: Scorer, now: pd.DataFrame, top: int = 5) -> pd.DataFrame:
    table = changes(old, before, new, now, top)
    assert table.schema == SCHEMA
    frame: pd.DataFrame = table.to_pandas()
    return frame


def sums(column: pd.Series[Any]) -> Any:
    return np.array([sum(reason["contribution"] for reason in reasons) for reasons in column])
