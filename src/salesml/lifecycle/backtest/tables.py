"""The tables that a backtest leaves, each with a written schema."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from salesml.lifecycle.backtest.replay import PREVIOUS, Played
from salesml.lifecycle.backtest.stability import Stability
from salesml.model import Estimate
from salesml.snapshots import Feature

METRICS = (
    "auc", "average_precision", "log_loss", "brier", "calibration_slope", "calibration_error", "drift",
    "lift_10",
)  # fmt: skip
GAINS = {
    "best single column": "best_column", "recency": "recency", "base rate": "base_rate",
    PREVIOUS: "previous_model",
}  # fmt: skip
STEPS = ("order", "top", "model_order", "model_top", "features")
MONEY = ("expected_value", "value_lost", "value_gap")

EXPECTED_LOSSES = pa.schema(
    [
        ("model", pa.string()),
        ("as_of", pa.date32()),
        ("entity_id", pa.string()),
        ("rep_id", pa.string()),
        ("probability", pa.float64()),
        ("value", pa.float64()),
        ("expected_loss", pa.float64()),
        ("label", pa.int8()),
        ("value_lost", pa.float64()),
        ("horizon_start", pa.date32()),
        ("horizon_end", pa.date32()),
        ("train_from", pa.date32()),
        ("train_until", pa.date32()),
        ("model_digest", pa.string()),
        ("model_seed", pa.int64()),
    ]
)
"""One row per account and date; ``label`` and ``value_lost`` are null where the outcome is not known."""

IMPORTANCES = pa.schema(
    [
        ("as_of", pa.date32()),
        ("group", pa.string()),
        ("feature", pa.string()),
        ("share", pa.float64()),
        ("group_share", pa.float64()),
        ("group_rank", pa.int32()),
    ]
)
"""One row per date and feature: its share of all contributions, and its group's share and place."""


def table(played: Sequence[Played], steps: Sequence[Stability | None]) -> pd.DataFrame:
    """One row per date; figures have ``_low`` and ``_high`` beside them, 95 % intervals by account."""
    return pd.DataFrame([_row(each, step) for each, step in zip(played, steps, strict=True)])


def _row(played: Played, step: Stability | None) -> dict[str, Any]:
    turn, evaluation = played.turn, played.evaluation
    row: dict[str, Any] = {
        "as_of": turn.as_of, "status": played.status, "problem": played.problem,
        "train_from": turn.train[0], "train_until": turn.train[-1], "train_dates": len(turn.train),
        "train_rows": played.train_rows, "train_positives": played.train_positives,
        "rows": len(played.rows), "positives": played.rows.positives if turn.ripe else None,
        "rate": float(played.rows.y.mean()) if turn.ripe and len(played.rows) else None,
        "mean_p": float(played.p.mean()) if len(played.p) else None,
    }  # fmt: skip
    for name in METRICS:
        _put(row, name, evaluation.metrics[name] if evaluation else None)
    for rival, short in GAINS.items():
        gains = evaluation.gains.get(rival, {}) if evaluation else {}
        for metric in ("auc", "log_loss"):
            _put(row, f"gain_over_{short}_{metric}", gains.get(metric))
    for name in MONEY:
        _put(row, name, played.money.get(name))
    for name in STEPS:
        _put(row, f"kept_{name}", getattr(step, name) if step else None)
    shares = list(played.explained.shares.items()) if played.explained else []
    row["same_accounts"] = step.accounts if step else None
    row["best_column"] = played.best_column
    row["main_features"] = "; ".join(f"{name} {share:.0%}" for name, share in shares[:5])
    return {**row, "trees": played.trees, "model_digest": played.digest}


def _put(row: dict[str, Any], name: str, estimate: Estimate | None) -> None:
    row[name] = estimate.value if estimate else None
    row[f"{name}_low"] = estimate.low if estimate else None
    row[f"{name}_high"] = estimate.high if estimate else None


def expected_losses(model: str, played: Sequence[Played], ahead: tuple[int, int]) -> pa.Table:
    """What each account was expected to cost on each date, and what it did.

    Parameters
    ----------
    ahead : (int, int)
        Days from a date to the start and to the end of its horizon.
    """
    return pa.concat_tables(
        [
            EXPECTED_LOSSES.empty_table(),
            *(_losses(model, each, ahead) for each in played if len(each.p)),
        ]
    )


def _losses(model: str, played: Played, ahead: tuple[int, int]) -> pa.Table:
    rows, size = played.rows, len(played.rows)
    ripe = played.turn.ripe
    day = np.datetime64(played.as_of, "D")
    columns: dict[str, Any] = {
        "model": [model] * size, "as_of": rows.as_of, "entity_id": rows.entity, "rep_id": played.rep,
        "probability": played.p, "value": rows.value, "expected_loss": played.p * rows.value,
        "label": rows.y if ripe else [None] * size,
        "value_lost": rows.y * rows.value if ripe else [None] * size,
        "horizon_start": np.full(size, day + ahead[0]), "horizon_end": np.full(size, day + ahead[1]),
        "train_from": [played.turn.train[0]] * size, "train_until": [played.turn.train[-1]] * size,
        "model_digest": [played.digest] * size, "model_seed": [played.seed] * size,
    }  # fmt: skip
    arrays = [
        pa.array(columns[name], type_)
        for name, type_ in zip(EXPECTED_LOSSES.names, EXPECTED_LOSSES.types, strict=True)
    ]
    return pa.Table.from_arrays(arrays, schema=EXPECTED_LOSSES)


def importances(played: Sequence[Played], features: Sequence[Feature]) -> pa.Table:
    """What moved the scores at each date, by feature and by group of features."""
    groups = {feature.name: feature.group or feature.name for feature in features}
    rows = []
    for each in played:
        if each.explained is None:
            continue
        shares = each.explained.shares
        ranks = {name: rank for rank, name in enumerate(shares, start=1)}
        for feature, share in sorted(each.feature_shares.items(), key=lambda item: -item[1]):
            group = groups[feature]
            rows.append(
                {
                    "as_of": each.as_of, "group": group, "feature": feature, "share": share,
                    "group_share": shares[group], "group_rank": ranks[group],
                }
            )  # fmt: skip
    return pa.Table.from_pylist(rows, schema=IMPORTANCES)
