"""The table of score changes: its columns."""

from __future__ import annotations

import pyarrow as pa

from salesml.scoring.table import NOT_SCORED

__all__ = ["CHANGE", "COMPARED", "GONE", "NEW", "NOT_SCORED", "SCHEMA"]

COMPARED, NEW, GONE = "compared", "new", "gone"
"""Scored both times, for the first time, or no longer; NOT_SCORED where one of the two rows cannot be."""

CHANGE = pa.struct(
    [
        ("features", pa.list_(pa.string())),
        ("words", pa.string()),
        ("text_before", pa.string()),
        ("text_now", pa.string()),
        ("number_before", pa.float64()),
        ("number_now", pa.float64()),
        ("contribution_before", pa.float64()),
        ("contribution_now", pa.float64()),
        ("contribution", pa.float64()),
        ("direction", pa.string()),
        ("share", pa.float64()),
        ("strength", pa.string()),
        ("only_in", pa.string()),
    ]
)
"""One reason for a change. ``contribution`` is what it moved, in log-odds: ``contribution_now`` less
``contribution_before``. For a change of data these are the old model's, of the row now and as it was; for
a change of the model the new and the old model's, of the row now. ``share`` is of the absolute values of
all that moved in the same part; ``only_in`` says "old" or "new" where only that model has the features."""

SCHEMA = pa.schema(
    [
        ("model", pa.string()),
        ("task", pa.string()),
        ("entity_id", pa.string()),
        ("since", pa.date32()),
        ("as_of", pa.date32()),
        ("rep_id", pa.string()),
        ("status", pa.string()),
        ("problem", pa.string()),
        ("probability_before", pa.float64()),
        ("probability", pa.float64()),
        ("log_odds_before", pa.float64()),
        ("log_odds", pa.float64()),
        ("change", pa.float64()),
        ("data_change", pa.float64()),
        ("model_change", pa.float64()),
        ("base_change", pa.float64()),
        ("data_other", pa.float64()),
        ("model_other", pa.float64()),
        ("data_reasons", pa.list_(CHANGE)),
        ("model_reasons", pa.list_(CHANGE)),
        ("words", pa.string()),
        ("model_version_before", pa.string()),
        ("model_version", pa.string()),
    ]
)
"""Columns, in order. All but probabilities are in log-odds, and

- ``change`` = ``log_odds`` - ``log_odds_before`` = ``data_change`` + ``model_change``,
- ``data_change`` = contributions of ``data_reasons`` + ``data_other``,
- ``model_change`` = ``base_change`` + contributions of ``model_reasons`` + ``model_other``.

With one and the same model all of the model's are 0 and its list is empty. Where there is no score of one
of the two days, its columns and the changes are null."""
