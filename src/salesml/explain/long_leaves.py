"""Leaves whose way asks for too many features for a table: they are computed row by row."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from salesml.explain.boxes import FREE, Leaf
from salesml.explain.codes import Codes
from salesml.explain.quadrature import gauss

Ints = NDArray[np.int64]


class LongLeaves(NamedTuple):
    """Their values and ways, as ``cell_kernels`` read them; ``tree_first`` says where each tree's begin."""

    tree_first: Ints
    value: NDArray[np.float64]
    part_first: Ints
    slot: Ints
    share: NDArray[np.float64]
    ask_first: Ints
    ask_row: Ints
    ask_at: NDArray[np.uint16]
    ask_bit: NDArray[np.bool_]
    ask_right: NDArray[np.bool_]
    nodes: NDArray[np.float64]
    weights: NDArray[np.float64]


def long_leaves(trees: Sequence[Sequence[Leaf]], codes: Codes, used: Sequence[int]) -> LongLeaves:
    """The leaves without a table of each tree; ``used`` as for ``tabulate``."""
    slot = {feature: number for number, feature in enumerate(used)}
    leaves = [leaf for tree in trees for leaf in tree]
    parts = [(leaf, feature) for leaf in leaves for feature in leaf.box.share]
    asks = [_asks(leaf, feature, codes) for leaf, feature in parts]
    flat = [ask for part in asks for ask in part]
    row, at, bit, right = ([ask[place] for ask in flat] for place in range(4))
    nodes, weights = gauss((max((len(leaf.box.share) for leaf in leaves), default=1) + 1) // 2)
    return LongLeaves(
        np.cumsum([0, *map(len, trees)], dtype=np.int64),
        np.array([leaf.value for leaf in leaves]),
        np.cumsum([0, *(len(leaf.box.share) for leaf in leaves)], dtype=np.int64),
        np.array([slot[feature] for _, feature in parts], dtype=np.int64),
        np.array([leaf.box.share[feature] for leaf, feature in parts]),
        np.cumsum([0, *map(len, asks)], dtype=np.int64),
        np.array(row, dtype=np.int64),
        np.array(at, dtype=np.uint16),
        np.array(bit, dtype=np.bool_),
        np.array(right, dtype=np.bool_),
        nodes,
        weights,
    )


def _asks(leaf: Leaf, feature: int, codes: Codes) -> list[tuple[int, int, bool, bool]]:
    """What must be answered how for a row to take all branches of a feature."""
    asks = []
    for (row, bit), (low, high) in leaf.box.bounds.items():
        if codes.feature[row] != feature:
            continue
        asks += [(row, 1 << bit if bit >= 0 else low, bit >= 0, True)] if low > FREE[0] else []
        asks += [(row, 1 << bit if bit >= 0 else high, bit >= 0, False)] if high < FREE[1] else []
    return asks
