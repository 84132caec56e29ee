"""The score table: its columns, and how they are put together."""

from __future__ import annotations

import pyarrow as pa

SCORED, NOT_SCORED = "scored", "not scored"

REASON = pa.struct(
    [
        ("features", pa.list_(pa.string())),
        ("words", pa.string()),
        ("value_text", pa.string()),
        ("value_number", pa.float64()),
        ("contribution", pa.float64()),
        ("direction", pa.string()),
        ("share", pa.float64()),
        ("strength", pa.string()),
        ("tag", pa.string()),
    ]
)
"""One reason. ``contribution`` is in log-odds, ``share`` of all contributions' absolute values."""


def expected_column(task: str) -> str:
    """What probability times value is called: a loss where the outcome is one."""
    return "expected_loss" if task == "churn" else "expected_value"


def schema(task: str) -> pa.Schema:
    """Columns of the score table of a task, in order.

    ``raw_score`` is the ensemble's sum; ``base_value``, the contributions of ``reasons`` and
    ``other_contribution`` add up to the log-odds of ``probability``. ``value`` is money over the
    horizon or, of a prospect, over its first year once won. ``expected_low``, ``expected_high``,
    ``expected_hours`` and ``return_on_effort`` are empty where nothing gives them.
    """
    return pa.schema(
        [
            ("scoring_run_id", pa.string()),
            ("model", pa.string()),
            ("task", pa.string()),
            ("entity_id", pa.string()),
            ("as_of", pa.date32()),
            ("rep_id", pa.string()),
            ("status", pa.string()),
            ("problem", pa.string()),
            ("probability", pa.float64()),
            ("raw_score", pa.float64()),
            ("base_value", pa.float64()),
            ("other_contribution", pa.float64()),
            ("band", pa.string()),
            ("value", pa.float64()),
            (expected_column(task), pa.float64()),
            ("expected_low", pa.float64()),
            ("expected_high", pa.float64()),
            ("expected_hours", pa.float64()),
            ("return_on_effort", pa.float64()),
            ("reasons", pa.list_(REASON)),
            ("model_version", pa.string()),
        ]
    )
