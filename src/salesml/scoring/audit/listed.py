"""The reasons of a score table as flat arrays, one entry per sentence."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from salesml.explain.grouping import Groups
from salesml.snapshots.feature import Feature

Ints = NDArray[np.intp]

BETWEEN = "\x1f"
"""Stands between the names of features where a list of them is one text."""


@dataclass(frozen=True)
class Texts:
    """A column of texts: each distinct one once, and which entry has which; -1 for null."""

    codes: Ints
    distinct: pa.StringArray

    @classmethod
    def of(cls, column: pa.ChunkedArray) -> Texts:
        """The texts of a column, whose chunks need not be put together for it."""
        encoded = column.unify_dictionaries() if _is_coded(column) else column.dictionary_encode()
        if not encoded.num_chunks:
            return cls(np.empty(0, dtype=np.intp), pa.array([], type=pa.string()))
        codes = [chunk.indices.fill_null(-1).to_numpy(zero_copy_only=False) for chunk in encoded.chunks]
        # The chunks of one column share one dictionary, of which the last chunk has all.
        distinct = encoded.chunks[-1].dictionary.cast(pa.string())
        found = cls(np.concatenate(codes).astype(np.intp, copy=False), distinct)
        return found._once() if _is_coded(column) else found

    def _once(self) -> Texts:
        """The same where a dictionary that came from elsewhere may hold a text twice, or none."""
        again = self.distinct.dictionary_encode()
        codes = again.indices.fill_null(-1).to_numpy(zero_copy_only=False).tolist()
        return Texts(self.mapped(codes), again.dictionary)

    @cached_property
    def values(self) -> list[str]:
        """The distinct texts."""
        texts: list[str] = self.distinct.to_pylist()
        return texts

    def among(self, wanted: Sequence[str]) -> Ints:
        """For each entry its place in ``wanted``, -1 for what is not there."""
        place = {text: number for number, text in enumerate(wanted)}
        return self.mapped([place.get(text, -1) for text in self.values])

    def mapped(self, numbers: Sequence[int]) -> Ints:
        """For each entry the number of its text, -1 for null."""
        return np.append(np.array(numbers, dtype=np.intp), -1)[self.codes]


@dataclass(frozen=True)
class Listed:
    """All reasons of a score table.

    Parameters
    ----------
    row, place : ndarray of int
        The row of each, and its place in the row's list.
    group : ndarray of int
        Its group of features; -1 where the features named are none.
    contribution, share, number : ndarray of float
        NaN for null.
    words, value, direction, strength, tag : Texts
    """

    row: Ints
    place: Ints
    group: Ints
    contribution: NDArray[np.float64]
    share: NDArray[np.float64]
    number: NDArray[np.float64]
    words: Texts
    value: Texts
    direction: Texts
    strength: Texts
    tag: Texts

    def __len__(self) -> int:
        return len(self.row)

    @classmethod
    def of(cls, scores: pa.Table, features: Sequence[Feature], groups: Groups) -> Listed:
        """The reasons of a score table.

        Parameters
        ----------
        scores : pyarrow.Table
        features : sequence of Feature
            The bundle's.
        groups : Groups
            Their groups.
        """
        chunks = scores["reasons"].chunks
        flat = [pc.list_flatten(chunk) for chunk in chunks]
        first = np.cumsum([0, *map(len, chunks)])
        parents = [pc.list_parent_indices(chunk).to_numpy() + first[at] for at, chunk in enumerate(chunks)]
        row = np.concatenate([np.empty(0, dtype=np.intp), *parents]).astype(np.intp)
        starts = np.flatnonzero(np.diff(row, prepend=-1))
        place = np.arange(len(row)) - np.repeat(starts, np.diff(np.append(starts, len(row))))

        def field(name: str) -> pa.ChunkedArray:
            of_chunks = [pc.struct_field(each, name) for each in flat]
            return pa.chunked_array(of_chunks, type=scores.schema.field("reasons").type.value_type[name].type)

        def numbers(name: str) -> NDArray[np.float64]:
            found: NDArray[np.float64] = field(name).to_numpy().astype(np.float64, copy=False)
            return found

        return cls(
            row, place, _groups(field("features"), features, groups),
            numbers("contribution"), numbers("share"), numbers("value_number"),
            *(Texts.of(field(name)) for name in ("words", "value_text", "direction", "strength", "tag")),
        )  # fmt: skip


def _is_coded(column: pa.ChunkedArray) -> bool:
    return bool(pa.types.is_dictionary(column.type))


def _groups(column: pa.ChunkedArray, features: Sequence[Feature], groups: Groups) -> Ints:
    """The group whose members are exactly the features of each entry, in their order."""
    named = [BETWEEN.join(features[at].name for at in members) for members in groups.members]
    found = [
        Texts.of(pa.chunked_array([pc.binary_join(chunk, BETWEEN)])).among(named) for chunk in column.chunks
    ]
    return np.concatenate([np.empty(0, dtype=np.intp), *found])
