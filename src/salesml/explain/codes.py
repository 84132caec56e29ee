"""What the splits of an ensemble can tell apart, as small whole numbers.

Every question that any split asks becomes a comparison of whole numbers, or the test of a bit. For each
feature there is one row of codes for each way its splits treat missing values, in which missing stands
before or behind all numbers; and, for each sixteen sets of categories that its splits ask for, a row of
words with a bit for each set.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from salesml.explain.forest import (
    CATEGORICAL,
    DEFAULT_LEFT,
    MISSING_NAN,
    MISSING_NONE,
    MISSING_ZERO,
    Tree,
)

NUMBER, NAN_FIRST, NAN_LAST, ZERO_FIRST, ZERO_LAST, SETS = range(6)
"""How a row of codes is made: missing is the number 0; NaN stands before or behind all numbers; NaN and 0
stand there; or bits of sets of categories."""

BITS = 16
"""Sets of categories in one word."""

MOST = 65_000
"""Thresholds of one feature that a code can tell apart."""


@dataclass(frozen=True)
class Split:
    """A question: right where the code is above ``at``, or, of a row of sets, where the bit ``at`` is set."""

    row: int
    at: int


class Codes(NamedTuple):
    """The rows of codes of an ensemble.

    Parameters
    ----------
    feature, kind : ndarray of shape (rows,), int64
        Whose codes they are, and how they are made.
    first : ndarray of shape (rows + 1,), int64
        Where the thresholds of a row begin, or its words, one for each category and one for all others.
    threshold : ndarray of float64
        Rising within a row.
    word : ndarray of uint16
        Beside the thresholds: bits of sets that a category is not in.
    """

    feature: NDArray[np.int64]
    kind: NDArray[np.int64]
    first: NDArray[np.int64]
    threshold: NDArray[np.float64]
    word: NDArray[np.uint16]

    @property
    def rows(self) -> int:
        return len(self.feature)


def code(trees: Iterable[Tree]) -> tuple[Codes, list[list[Split]]]:
    """The rows of codes of an ensemble, and each tree's splits as questions about them."""
    trees = list(trees)
    numbers: dict[tuple[int, int], set[float]] = {}
    members: dict[int, dict[bytes, int]] = {}
    for tree in trees:
        for node in range(len(tree.feature)):
            feature = int(tree.feature[node])
            if int(tree.decision[node]) & CATEGORICAL:
                known = members.setdefault(feature, {})
                known.setdefault(_set_of(tree, node), len(known))
            else:
                numbers.setdefault((feature, _kind(int(tree.decision[node]))), set()).add(
                    float(tree.threshold[node])
                )
    rows = _Rows()
    for key, found in numbers.items():
        rows.numbers(key, sorted(found))
    for feature, known in members.items():
        rows.sets(feature, list(known))
    return rows.codes(), [
        [_split(tree, node, rows, members) for node in range(len(tree.feature))] for tree in trees
    ]


class _Rows:
    """Rows of codes as they are added."""

    def __init__(self) -> None:
        self.place: dict[tuple[int, int], int] = {}
        self.at: dict[tuple[int, int], dict[float, int]] = {}
        self.kinds: list[tuple[int, int]] = []
        self.threshold: list[NDArray[np.float64]] = []
        self.word: list[NDArray[np.uint16]] = []

    def numbers(self, key: tuple[int, int], thresholds: list[float]) -> None:
        self.place[key] = len(self.kinds)
        self.at[key] = {threshold: number + 1 for number, threshold in enumerate(thresholds)}
        self._add(key, np.array(thresholds), np.zeros(len(thresholds), dtype=np.uint16))

    def sets(self, feature: int, members: list[bytes]) -> None:
        self.place[feature, SETS] = len(self.kinds)
        size = max(8 * len(member) for member in members) + 1
        for start in range(0, len(members), BITS):
            words = np.full(size, 2**BITS - 1, dtype=np.uint16)
            for bit, member in enumerate(members[start : start + BITS]):
                inside = np.unpackbits(np.frombuffer(member, dtype=np.uint8), bitorder="little")
                words[np.flatnonzero(inside)] &= np.uint16(2**BITS - 1 - (1 << bit))
            self._add((feature, SETS), np.zeros(size), words)

    def _add(self, key: tuple[int, int], threshold: NDArray[np.float64], word: NDArray[np.uint16]) -> None:
        self.kinds.append(key)
        self.threshold.append(threshold)
        self.word.append(word)

    def codes(self) -> Codes:
        kinds = np.array(self.kinds, dtype=np.int64).reshape(-1, 2)
        return Codes(
            kinds[:, 0].copy(),
            kinds[:, 1].copy(),
            np.cumsum([0, *map(len, self.threshold)], dtype=np.int64),
            np.concatenate([np.zeros(0), *self.threshold]),
            np.concatenate([np.zeros(0, dtype=np.uint16), *self.word]),
        )


def _split(tree: Tree, node: int, rows: _Rows, members: dict[int, dict[bytes, int]]) -> Split:
    feature, decision = int(tree.feature[node]), int(tree.decision[node])
    if decision & CATEGORICAL:
        number = members[feature][_set_of(tree, node)]
        return Split(rows.place[feature, SETS] + number // BITS, number % BITS)
    key = (feature, _kind(decision))
    return Split(rows.place[key], rows.at[key][float(tree.threshold[node])])


def _kind(decision: int) -> int:
    missing, left = decision >> 2 & 3, bool(decision & DEFAULT_LEFT)
    return {
        MISSING_NONE: NUMBER,
        MISSING_ZERO: ZERO_FIRST if left else ZERO_LAST,
        MISSING_NAN: NAN_FIRST if left else NAN_LAST,
    }[missing]


def _set_of(tree: Tree, node: int) -> bytes:
    return tree.sets[int(tree.threshold[node])].tobytes().rstrip(b"\0") or b"\0"
