"""Whether a row of a table of changes comes to what it says: sums, signs and headlines, made again."""

from __future__ import annotations

from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray
from scipy.special import expit

from salesml.scoring.changes.table import SCHEMA as CHANGES
from salesml.words.changes import headline
from salesml.words.reasons import direction

EXACT: Final = 1e-6
"""What sums may differ by, relative to the greatest of them or to 1."""

Floats = NDArray[np.float64]


def floats(column: pa.Array | pa.ChunkedArray) -> Floats:
    """A column as floats, NaN for null."""
    found: Floats = pc.fill_null(column.cast(pa.float64()), float("nan")).to_numpy(zero_copy_only=False)
    return found


def wrong_sums(batch: pa.RecordBatch) -> NDArray[np.bool_]:
    of = {field.name: batch.column(field.name) for field in CHANGES}
    value = {name: floats(of[name]) for name in _NUMBERS}
    parts = {part: _listed(of[f"{part}_reasons"]) for part in ("data", "model")}
    pairs = (
        (value["log_odds"] - value["log_odds_before"], value["data_change"] + value["model_change"]),
        (value["data_change"], parts["data"] + value["data_other"]),
        (value["model_change"], value["base_change"] + parts["model"] + value["model_other"]),
        (value["probability_before"], expit(value["log_odds_before"])),
        (value["probability"], expit(value["log_odds"])),
    )
    wrong = np.zeros(len(batch), dtype=bool)
    for here, there in pairs:
        wrong |= ~(np.abs(here - there) <= EXACT * np.maximum(1, np.abs(here)))
    return wrong


_NUMBERS: Final = (
    "probability_before", "probability", "log_odds_before", "log_odds", "data_change", "model_change",
    "base_change", "data_other", "model_other",
)  # fmt: skip


def _rows_of(lists: pa.ListArray) -> NDArray[np.intp]:
    """The row of each member of lists."""
    lengths = pc.fill_null(pc.list_value_length(lists), 0).to_numpy(zero_copy_only=False)
    return np.repeat(np.arange(len(lists)), lengths)


def _listed(lists: pa.ListArray) -> Floats:
    """The sum of the contributions of each row."""
    values = floats(pc.struct_field(lists.flatten(), "contribution"))
    found: Floats = np.bincount(_rows_of(lists), values, minlength=len(lists)).astype(np.float64)
    return found


def wrong_signs(batch: pa.RecordBatch) -> NDArray[np.bool_]:
    """Rows with a reason whose direction is not that of its contribution."""
    wrong = np.zeros(len(batch), dtype=bool)
    for name in ("data_reasons", "model_reasons"):
        lists = batch.column(name)
        flat = lists.flatten()
        raises = pc.equal(pc.struct_field(flat, "direction"), direction(1.0)).to_numpy(zero_copy_only=False)
        falls = floats(pc.struct_field(flat, "contribution")) <= 0
        wrong[_rows_of(lists)[raises == falls]] = True
    return wrong


def wrong_headlines(batch: pa.RecordBatch) -> NDArray[np.bool_]:
    texts = batch.column("words").to_pylist()
    pairs = zip(texts, headlines(batch), strict=True)
    return np.array([text is None or not text.startswith(head) for text, head in pairs], dtype=bool)


def headlines(batch: pa.RecordBatch) -> list[str]:
    """The first sentence of each change, made again from its chances and day."""
    names = ("task", "probability_before", "probability", "since", "as_of")
    rows = zip(*(batch.column(name).to_pylist() for name in names), strict=True)
    return [
        headline(task, before, now, None if since == day else since) for task, before, now, since, day in rows
    ]
