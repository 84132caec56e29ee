"""Texts of a column, whether they come as such or as numbers of a dictionary."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from salesml.scoring.audit.listed import Texts

KIND = pa.dictionary(pa.int32(), pa.string())


def coded(codes: list[int | None], texts: list[str | None]) -> pa.DictionaryArray:
    return pa.DictionaryArray.from_arrays(pa.array(codes, pa.int32()), pa.array(texts, pa.string()))


@pytest.mark.parametrize(
    "column",
    [
        pa.chunked_array([["a", "b"], ["c", None, "a"]]),
        pa.chunked_array([coded([0, 1], ["a", "b"]), coded([1, None, 0], ["a", "c"])]),
        pa.chunked_array([coded([3, 1, 2, None, 0], ["a", "b", "c", "a"])]),
        pa.chunked_array([coded([0, 1, 2, 3, 4], ["a", "b", "c", None, "a"])]),
    ],
)
def test_each_text_is_told_apart_once_whatever_the_dictionary(column: pa.ChunkedArray) -> None:
    found = Texts.of(column)
    assert sorted(found.values) == ["a", "b", "c"]
    assert [found.values[code] if code >= 0 else None for code in found.codes] == ["a", "b", "c", None, "a"]
    np.testing.assert_array_equal(found.among(["c", "a"]), [1, -1, 0, -1, 1])


@pytest.mark.parametrize("kind", [pa.string(), KIND])
def test_no_chunks_have_no_texts(kind: pa.DataType) -> None:
    found = Texts.of(pa.chunked_array([], type=kind))
    assert len(found.codes) == len(found.values) == 0
