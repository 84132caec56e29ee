"""Batches to audit: a quickly trained bundle, the rows that it scores and their score table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import lightgbm as lgb
import numpy as np
import pandas as pd
import pyarrow as pa

from salesml.model.bundle import Bundle, Training, band_cutoffs, count_levels
from salesml.model.calibration import Calibration
from salesml.model.coding import Coding
from salesml.model.peers import count_peers
from salesml.scoring import Scorer
from salesml.scoring.audit import Audit, audit
from salesml.snapshots import Snapshot
from salesml.snapshots.feature import Feature


@dataclass(frozen=True)
class Batch:
    """A scored batch."""

    bundle: Bundle
    rows: pa.Table
    scores: pa.Table

    def audited(self, scores: pa.Table | None = None, **more: Any) -> Audit:
        """The audit of its score table, or of another one in its place."""
        return audit(self.scores if scores is None else scores, self.rows, self.bundle, threads=1, **more)

    def part(self, size: int) -> Batch:
        """Its first rows."""
        return Batch(self.bundle, self.rows.slice(0, size), self.scores.slice(0, size))


def bundle_of(
    features: Sequence[Feature], frame: pd.DataFrame, y: Sequence[int], *, task: str = "churn",
    days: int = 90, trees: int = 40,
) -> Bundle:  # fmt: skip
    """A bundle of one plain booster; ``frame`` has the features and ``entity_id``."""
    values = frame[[feature.name for feature in features]]
    entity = [str(key) for key in frame["entity_id"]]
    coding = Coding.learn(values, groups=np.array(entity))
    coded = coding.encode(values)
    label = np.asarray(y, dtype=np.int8)
    data = lgb.Dataset(
        coded, label, feature_name=coding.internal_names, categorical_feature=coding.categories,
        params={"verbosity": -1, "min_data_in_leaf": 10, "max_cat_to_onehot": 1},
    )  # fmt: skip
    settings = {
        "objective": "binary", "num_leaves": 15, "learning_rate": 0.2, "verbosity": -1, "seed": 1,
        "deterministic": True, "num_threads": 1, "feature_fraction": 0.3, "force_col_wise": True,
    }  # fmt: skip
    booster = lgb.train(settings, data, trees)
    calibration = Calibration(0.9, -0.1)
    answer: Any = booster.predict(coded[:1], pred_contrib=True)
    raw: Any = booster.predict(coded, raw_score=True)
    return Bundle(
        name=task,
        task=task,
        booster=booster.model_to_string(),
        features=tuple(features),
        coding=coding,
        calibration=calibration,
        base_value=float(answer[0, -1]) * calibration.a + calibration.b,
        cutoffs=band_cutoffs(np.asarray(raw), {"A": 0.05, "B": 0.2, "C": 0.5}),
        level_accounts=count_levels(coding, values, entity),
        peers=count_peers(
            features, coded, values.isna().to_numpy(), [column.levels for column in coding.columns],
            label, np.ones(len(label)), entity, task=task, days=days,
        ),
        training=Training(horizon_days=days, rows=len(frame), positives=int(label.sum())),
        fingerprint="0" * 64,
        versions={"salesml": "0.1.0"},
    )  # fmt: skip


def batch_of(learned: Snapshot, rows: pa.Table, *, task: str = "churn", trees: int = 40) -> Batch:
    """A bundle learned from one snapshot, and the rows of a later one scored with it."""
    frame = learned.table.to_pandas()
    frame = frame[frame["label"].notna()]
    bundle = bundle_of(learned.features, frame, frame["label"].astype(int), task=task, trees=trees)
    return Batch(bundle, rows, Scorer(bundle, version="v", threads=1).table(rows, run_id="r"))
