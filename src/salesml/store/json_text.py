"""Columns of lists and structs as JSON text, made column by column."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

NULL = "null"


def json_text(column: pa.Array) -> pa.StringArray:
    """Each value as JSON; ``null`` where it is missing, and where a number is not finite.

    Lists, structs, text, numbers, truth values and dates, one within another. A million lists of five reasons
    take seconds, as no value ever becomes a Python object.
    """
    kind = column.type
    if pa.types.is_list(kind) or pa.types.is_large_list(kind):
        return _lists(column)
    if pa.types.is_struct(kind):
        return _structs(column)
    if pa.types.is_string(kind) or pa.types.is_large_string(kind):
        return _or_null(quoted(column.cast(pa.string())))
    if pa.types.is_floating(kind):
        finite = pc.if_else(pc.is_finite(column), column, pa.scalar(None, kind))
        return _or_null(pc.cast(finite, pa.string()))
    if pa.types.is_integer(kind) or pa.types.is_boolean(kind):
        return _or_null(pc.cast(column, pa.string()))
    return _or_null(quoted(pc.cast(column, pa.string())))


def quoted(column: pa.StringArray) -> pa.StringArray:
    """Texts as JSON strings; missing ones stay missing."""
    letters = _letters(column)
    if (letters < ord(" ")).any():
        texts = [
            None if text is None else json.dumps(text, ensure_ascii=False) for text in column.to_pylist()
        ]
        return pa.array(texts, pa.string())
    for letter in ("\\", '"'):
        if (letters == ord(letter)).any():
            column = pc.replace_substring(column, letter, "\\" + letter)
    return joined('"', column, '"')


def _letters(column: pa.StringArray) -> NDArray[np.uint8]:
    """All bytes of all texts, one after the other."""
    _, offsets, data = column.buffers()
    if data is None or not len(column):
        return np.empty(0, dtype=np.uint8)
    ends = np.frombuffer(offsets, dtype=np.int32)
    return np.frombuffer(data, dtype=np.uint8)[ends[column.offset] : ends[column.offset + len(column)]]


def joined(*parts: Any) -> pa.StringArray:
    """Texts one after the other; missing where one of them is."""
    return pc.binary_join_element_wise(*parts, "")


def bracketed(lengths: pa.Array, texts: pa.StringArray) -> pa.StringArray:
    """Consecutive texts as JSON lists of the given lengths."""
    offsets = pa.concat_arrays([pa.array([0], pa.int32()), pc.cumulative_sum(lengths.cast(pa.int32()))])
    return joined("[", pc.binary_join(pa.ListArray.from_arrays(offsets, texts), ","), "]")


def _lists(column: pa.Array) -> pa.StringArray:
    lengths = pc.fill_null(pc.list_value_length(column), 0)
    text = bracketed(lengths, json_text(column.flatten()))
    return pc.if_else(column.is_valid(), text, NULL)


def _structs(column: pa.StructArray) -> pa.StringArray:
    parts: list[Any] = []
    for field, values in zip(column.type, column.flatten(), strict=True):
        parts += [("," if parts else "{") + json.dumps(field.name) + ":", json_text(values)]
    text = joined(*parts, "}") if parts else "{}"
    return pc.if_else(column.is_valid(), text, NULL)


def _or_null(texts: pa.StringArray) -> pa.StringArray:
    return pc.fill_null(texts, NULL)
