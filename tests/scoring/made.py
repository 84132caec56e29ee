"""A small company's rows and a bundle trained on them, for the tests of scoring and tracking."""

from __future__ import annotations

import functools

import numpy as np
import pandas as pd
from scipy.special import logit

from salesml.model.bundle import Bundle, Training, band_cutoffs, count_levels
from salesml.model.classifier import PropensityClassifier
from salesml.model.peers import count_peers
from salesml.snapshots.feature import Feature

FEATURES = (
    Feature(
        name="recency",
        words="days since the last order",
        form="days",
        group="recency",
        source="events.orders",
    ),
    Feature(
        name="orders_30", words="orders in the last 30 days", form="count", group="orders", window_days=30
    ),
    Feature(
        name="orders_90", words="orders in the last 90 days", form="count", group="orders", window_days=90
    ),
    Feature(name="revenue_90", words="revenue in the last 90 days", form="money", unit="GBP", tag="symptom"),
    Feature(name="industry", kind="category", words="industry", form="category", tag="fixed"),
)


def rows(size: int = 600, seed: int = 0) -> pd.DataFrame:
    """Rows as a snapshot has them, with a label."""
    random = np.random.default_rng(seed)
    recency = random.integers(0, 200, size).astype(float)
    recency[random.random(size) < 0.1] = np.nan
    orders = random.poisson(3, size).astype(float)
    industry = random.choice(np.array(["retail", "health", "farming", None], dtype=object), size)
    risk = np.nan_to_num(recency, nan=150) / 60 - orders / 2 + (industry == "farming") * 1.5 - 1
    return pd.DataFrame(
        {
            "entity_id": [f"c{number:05d}" for number in range(size)],
            "as_of": [pd.Timestamp("2026-01-31").date()] * size,
            "rep_id": random.choice(np.array(["ann", "bob", None], dtype=object), size),
            "value": np.round(random.gamma(2, 100, size), 2),
            "label": (random.random(size) < 1 / (1 + np.exp(-risk))).astype(np.int8),
            "recency": recency,
            "orders_30": random.binomial(orders.astype(int), 0.4).astype(float),
            "orders_90": orders,
            "revenue_90": np.round(orders * random.gamma(2, 50, size), 2),
            "industry": industry,
        }
    )


@functools.cache
def bundle() -> Bundle:
    """A bundle trained on :func:`rows`."""
    return bundle_of(rows(), FEATURES)


def bundle_of(frame: pd.DataFrame, features: tuple[Feature, ...]) -> Bundle:
    """A bundle trained on rows with a label."""
    names = [feature.name for feature in features]
    model = PropensityClassifier(n_jobs=1, max_trees=40).fit(
        frame[names], frame["label"], groups=frame["entity_id"]
    )
    calibration = model.calibration_
    unseen = (logit(model.out_of_fold_) - calibration.b) / calibration.a
    return Bundle(
        name="churn",
        task="churn",
        booster=model.model_text_,
        features=features,
        coding=model.coding_,
        calibration=calibration,
        base_value=float(model.contributions(frame[names].iloc[:1])[0, -1]),
        cutoffs=band_cutoffs(unseen, {"A": 0.05, "B": 0.2, "C": 0.5}),
        level_accounts=count_levels(model.coding_, frame[names], list(frame["entity_id"])),
        peers=count_peers(
            features,
            model.coding_.encode(frame[names]),
            frame[names].isna().to_numpy(),
            [column.levels for column in model.coding_.columns],
            frame["label"].to_numpy(),
            np.ones(len(frame)),
            list(frame["entity_id"]),
            task="churn",
            days=90,
        ),
        training=Training(
            as_of=("2026-01-31",), horizon_days=90, rows=len(frame), positives=int(frame["label"].sum())
        ),
        value="orders.margin",
        fingerprint="0" * 64,
        versions={"salesml": "0.1.0"},
        verdict="usable",
        created_at="2026-02-01T00:00:00Z",
        run_id="1",
    )
