"""What a row and an account share, as an Arrow column of words."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray

from salesml.explain.grouping import Groups
from salesml.explain.shared import Telling
from salesml.model.coding import Coding
from salesml.snapshots.feature import Feature
from salesml.words.english import NOTHING_SHARED
from salesml.words.facts import TRENDS, read_fact
from salesml.words.ranges import ends
from salesml.words.shared import both_have, both_rare
from salesml.words.texts import named

Floats = NDArray[np.float64]

SHARED = pa.struct([("features", pa.list_(pa.string())), ("words", pa.string())])
"""One thing that two share: the features of its group, and a sentence that is true of both."""

RARE = -1.0
"""Stands for a level that the model does not tell apart."""

KEY = 4096
"""More than a grid of range ends has."""


class SharedWords:
    """Values of features as they are told of two rows at once, and their sentences.

    Parameters
    ----------
    features : sequence of Feature
    coding : Coding
    withheld : collection of str
        Names of features, columns or groups that are never told.
    """

    def __init__(self, features: Sequence[Feature], coding: Coding, withheld: Collection[str] = ()) -> None:
        self.features, self.coding = features, coding
        never = [not withheld_names(feature).isdisjoint(withheld) for feature in features]
        self._turn = [_turn(feature) for feature in features]
        same = [
            feature.kind == "category" or feature.form == "month" or turn is not None
            for feature, turn in zip(features, self._turn, strict=True)
        ]
        self.telling = Telling([feature.group for feature in features], never, same)
        self._same = same
        self._ends = [np.array(ends(feature.form)) for feature in features]
        self._members = _members(features, never)
        self._known: dict[tuple[int, int], str] = {}

    def values(self, shown: pd.DataFrame, coded: Floats) -> Floats:
        """What is told of each row, shape (rows, features): numbers, codes of levels, ways of trends."""
        told = np.empty(shown.shape)
        for place, feature in enumerate(self.features):
            if feature.kind == "category":
                present = shown.iloc[:, place].notna().to_numpy()
                told[:, place] = np.where(present & np.isnan(coded[:, place]), RARE, coded[:, place])
                continue
            numbers = shown.iloc[:, place].to_numpy(dtype=np.float64)
            turn = self._turn[place]
            told[:, place] = numbers if turn is None else np.sign(numbers - turn)
        return told

    def column(self, found: NDArray[np.int64], one: Floats, other: Floats) -> pa.ListArray:
        """Lists of what pairs share.

        Parameters
        ----------
        found : ndarray of shape (pairs, top)
            Positions of features as ``Sharing.shared`` gives them.
        one, other : ndarray of shape (pairs, features)
            What is told of both sides.
        """
        nothing = len(self.features)
        found = np.where((found[:, :1] < 0) & (np.arange(found.shape[1]) == 0), nothing, found)
        pairs, places = np.nonzero(found >= 0)
        chosen = found[pairs, places]
        words = np.zeros(len(chosen), dtype=np.int64)
        vocabulary = [NOTHING_SHARED]
        for position in np.unique(chosen[chosen < nothing]).tolist():
            here = np.flatnonzero(chosen == position)
            low, high = self._ends_of(position, one[pairs[here], position], other[pairs[here], position])
            keys, place = np.unique(low * KEY + high, return_inverse=True)
            words[here] = place + len(vocabulary)
            vocabulary += [self._worded(position, int(key)) for key in keys]
        structs = pa.StructArray.from_arrays(
            [self._members.take(pa.array(chosen)), pa.array(vocabulary).take(pa.array(words))],
            fields=list(SHARED),
        )
        offsets = np.concatenate([[0], np.cumsum((found >= 0).sum(axis=1))]).astype(np.int32)
        return pa.ListArray.from_arrays(pa.array(offsets), structs)

    def _ends_of(
        self, position: int, one: Floats, other: Floats
    ) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Ends of the range around both values, as places in the grid or codes, plus two; 0 for missing."""
        missing = np.isnan(one)
        if self._same[position]:
            code = np.where(missing, 0, np.nan_to_num(one) + 2).astype(np.int64)
            return code, np.zeros_like(code)
        grid = self._ends[position]
        low = np.searchsorted(grid, np.minimum(one, other), side="right") - 1
        high = np.searchsorted(grid, np.maximum(one, other), side="left")
        return np.where(missing, 0, low + 2), np.where(missing, 0, high)

    def _worded(self, position: int, key: int) -> str:
        if (position, key) not in self._known:
            self._known[position, key] = self._sentence(position, *divmod(key, KEY))
        return self._known[position, key]

    def _sentence(self, position: int, low: int, high: int) -> str:
        feature = self.features[position]
        what = named(feature.words, feature.name)
        if low == 0:
            return both_have(what, None, None, feature.form)
        if feature.kind == "category":
            level = low - 2
            if level == RARE:
                return both_rare(what)
            text = self.coding.columns[position].levels[level]
            return both_have(what, text, text, feature.form, feature.unit)
        turn = self._turn[position]
        if turn is not None:
            value = turn + (low - 2) / 2
            return both_have(what, value, value, feature.form, feature.unit)
        if self._same[position]:
            return both_have(what, float(low - 2), float(low - 2), feature.form, feature.unit)
        grid = self._ends[position]
        return both_have(what, float(grid[low - 2]), float(grid[high]), feature.form, feature.unit)


def withheld_names(feature: Feature) -> set[str]:
    """The names by which a feature may be withheld: its own, its column's and its group's."""
    own = {feature.name, feature.column, f"{feature.source}.{feature.column}", feature.group}
    return (own | feature.groups) - {""}


def _turn(feature: Feature) -> int | None:
    """The value at which a trend turns, of which only the direction is told; None for all others."""
    if feature.kind != "number":
        return None
    return TRENDS.get(read_fact(feature.words, feature.form, feature.unit).kind)


def _members(features: Sequence[Feature], withheld: Sequence[bool]) -> pa.ListArray:
    """For each feature the names of its group that may be told; last an empty list."""
    groups = Groups.of([feature.group for feature in features])
    names: list[list[str]] = [[] for _ in range(len(features) + 1)]
    for members in groups.members:
        told = [features[member].name for member in members if not withheld[member]]
        for member in members:
            names[member] = told
    return pa.array(names, type=pa.list_(pa.string()))
