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
    def of(cls, column: pa.Array) -> Texts:
        encoded = column if pa.types.is_dictionary(column.type) else column.dictionary_encode()
        codes = encoded.indices.fill_null(-1).to_numpy(zero_copy_only=False)
        return cls(codes.astype(np.intp, copy=False), encoded.dictionary.cast(pa.string()))

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
        column = scores["reasons"].combine_chunks()
        flat = pc.list_flatten(column)
        row = pc.list_parent_indices(column).to_numpy().astype(np.intp)
        starts = np.flatnonzero(np.diff(row, prepend=-1))
        place = np.arange(len(row)) - np.repeat(starts, np.diff(np.append(starts, len(row))))

        def field(name: str) -> pa.Array:
            return pc.struct_field(flat, name)

        def numbers(name: str) -> NDArray[np.float64]:
            found: NDArray[np.float64] = field(name).to_numpy(zero_copy_only=False).astype(np.float64)
            return found

        return cls(
            row, place, _groups(field("features"), features, groups),
            numbers("contribution"), numbers("share"), numbers("value_number"),
            *(Texts.of(field(name)) for name in ("words", "value_text", "direction", "strength", "tag")),
        )  # fmt: skip


def _groups(column: pa.ListArray, features: Sequence[Feature], groups: Groups) -> Ints:
    """The group whose members are exactly the features of each entry, in their order."""
    named = [BETWEEN.join(features[at].name for at in members) for members in groups.members]
    return Texts.of(pc.binary_join(column, BETWEEN)).among(named)
