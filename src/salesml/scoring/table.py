"""The score table: its columns, and how they are put together."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

import pyarrow as pa

from salesml.config.horizons import curve_columns

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


SHARED = frozenset({"words", "value_text", "direction", "strength", "tag"})
"""Texts of a reason that many rows have alike."""

CODED_REASON = pa.struct(
    [
        field.with_type(pa.dictionary(pa.int32(), pa.string())) if field.name in SHARED else field
        for field in REASON
    ]
)
"""A reason whose texts stand once in a dictionary, each row with their numbers."""


def expected_column(task: str) -> str:
    """What probability times value is called: a loss where the outcome is one."""
    return "expected_loss" if task == "churn" else "expected_value"


def schema(task: str, *, coded: bool = False, horizons: Sequence[int] = ()) -> pa.Schema:
    """Columns of the score table of a task, in order.

    ``raw_score`` is the ensemble's sum; ``base_value``, the contributions of ``reasons`` and
    ``other_contribution`` add up to the log-odds of ``probability``. ``value`` is money over the
    horizon or, of a prospect, over its first year once won. ``expected_low``, ``expected_high``,
    ``expected_hours`` and ``return_on_effort`` are empty where nothing gives them. ``coded`` is the same
    table while it is on its way to a file: its reasons are of ``CODED_REASON``. With ``horizons``, whose
    model tells when accounts leave, it ends with ``stays_30`` and so on, ``expected_days`` and
    ``lifetime_days``.
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
            ("reasons", pa.list_(CODED_REASON if coded else REASON)),
            ("model_version", pa.string()),
            *((name, pa.float64()) for name in curve_columns(tuple(horizons))),
        ]
    )


def horizons_in(columns: Iterable[str]) -> tuple[int, ...]:
    """The days of the curves that a score table with these columns holds."""
    found = (re.fullmatch(r"stays_([1-9][0-9]{0,5})", name) for name in columns)
    return tuple(sorted(int(each[1]) for each in found if each))


def in_full(batch: pa.RecordBatch) -> pa.RecordBatch:
    """A coded score table, or a part of one, with the texts themselves."""
    place = batch.schema.get_field_index("reasons")
    field = batch.schema.field(place).with_type(pa.list_(REASON))
    return batch.set_column(place, field, batch.column(place).cast(field.type))
