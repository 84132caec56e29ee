"""JSON made column by column is what Python's own writer makes value by value."""

from __future__ import annotations

import json
import math
from typing import Any

import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from salesml.scoring.table import REASON
from salesml.store.json_text import json_text

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
NUMBER = st.floats(allow_nan=True, allow_infinity=True)
ONE = st.fixed_dictionaries(
    {
        field.name: st.none() | (
            st.lists(TEXT, max_size=3) if pa.types.is_list(field.type)
            else TEXT if pa.types.is_string(field.type) else NUMBER
        )
        for field in REASON
    }
)  # fmt: skip
MANY = st.lists(st.none() | st.lists(st.none() | ONE, max_size=3), max_size=8)


def plain(value: Any) -> Any:
    """A value as JSON can say it."""
    if isinstance(value, list):
        return [plain(each) for each in value]
    if isinstance(value, dict):
        return {key: plain(each) for key, each in value.items()}
    return None if isinstance(value, float) and not math.isfinite(value) else value


@given(MANY, st.integers(0, 3))
def test_reasons_read_back_as_they_were(rows: list[Any], start: int) -> None:
    column = pa.array(rows, pa.list_(REASON)).slice(start)
    assert [json.loads(text) for text in json_text(column).to_pylist()] == plain(rows[start:])


def test_other_kinds() -> None:
    assert json_text(pa.array([1, None])).to_pylist() == ["1", "null"]
    assert json_text(pa.array([True, False])).to_pylist() == ["true", "false"]
    assert json_text(pa.array(["ü", None], pa.large_string())).to_pylist() == ['"ü"', "null"]
    assert json_text(
        pa.array([1767225600], pa.int64()).cast(pa.timestamp("s")).cast(pa.date32())
    ).to_pylist() == ['"2026-01-01"']
    assert json_text(pa.array([{}, None], pa.struct([]))).to_pylist() == ["{}", "null"]
