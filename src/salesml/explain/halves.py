"""Single leaves with long ways, tabulated in two halves.

What a leaf adds to a feature is an integral over t of a product over all features on its way, which a few
values of t give exactly. Half of the features make a table of what their own product is at each of these
values, and of what is left of it without each one of them; for a row, one half's cell is multiplied by the
other half's factors. Two tables of 2 ** 7 cells do the work of one of 2 ** 14.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from salesml.explain.boxes import Box, Leaf
from salesml.explain.cells import WIDTH
from salesml.explain.codes import Codes
from salesml.explain.layout import Layout, asks_of, lay_out
from salesml.explain.quadrature import gauss

Ints = NDArray[np.int64]
Pair = tuple[tuple[Leaf, Layout], tuple[Leaf, Layout]]

MOST_HALF = 1024
"""Cells of a half."""


class Halves(NamedTuple):
    """Both halves of each leaf, one after the other, as ``cell_kernels`` read them.

    ``tree_first`` says where the leaves of each tree begin; the product of both cells' ``worth`` is what a
    leaf adds to the raw score.
    """

    tree_first: Ints
    start: NDArray[np.uint16]
    ask_first: Ints
    ask_row: NDArray[np.int32]
    ask_at: NDArray[np.uint16]
    ask_bit: NDArray[np.bool_]
    ask_step: NDArray[np.uint16]
    cell_first: Ints
    slots: NDArray[np.int32]
    table: NDArray[np.float32]
    factor: NDArray[np.float32]
    worth: NDArray[np.float64]


def halve(leaf: Leaf, codes: Codes) -> Pair | None:
    """The layouts of both halves of a leaf's way; None where a half is too long."""
    features = list(leaf.box.share)
    middle = (len(features) + 1) // 2
    if middle > WIDTH:
        return None
    one, two = (_part(leaf, set(half), codes) for half in (features[:middle], features[middle:]))
    layouts = lay_out([one], codes), lay_out([two], codes)
    if layouts[0] is None or layouts[1] is None or max(half.cells for half in layouts if half) > MOST_HALF:
        return None
    return (one, layouts[0]), (two, layouts[1])


def _part(leaf: Leaf, features: set[int], codes: Codes) -> Leaf:
    bounds = {
        axis: found for axis, found in leaf.box.bounds.items() if int(codes.feature[axis[0]]) in features
    }
    share = {feature: found for feature, found in leaf.box.share.items() if feature in features}
    return Leaf(leaf.value, Box(bounds, share))


def tabulate_halves(pairs: Sequence[Sequence[Pair]], used: Sequence[int]) -> Halves:
    """Fill the tables of all leaves, those of each tree; ``used`` as for ``tabulate``."""
    slot = {feature: number for number, feature in enumerate(used)}
    halves = [half for tree in pairs for pair in tree for half in pair]
    ends = np.cumsum([0, *(layout.cells for _, layout in halves)], dtype=np.int64)
    table = np.zeros((ends[-1], WIDTH, WIDTH), dtype=np.float32)
    factor, worth = np.zeros((ends[-1], WIDTH), dtype=np.float32), np.zeros(ends[-1])
    for number, (leaf, layout) in enumerate(halves):
        cells = slice(ends[number], ends[number + 1])
        # The value is told once, by the first half.
        _fill(leaf, layout, 1.0 if number % 2 else leaf.value, table[cells], factor[cells], worth[cells])
    slots = [
        [*(slot[feature] for feature in leaf.box.share), *[len(used)] * (WIDTH - len(leaf.box.share))]
        for leaf, _ in halves
    ]
    return Halves(
        np.cumsum([0, *map(len, pairs)], dtype=np.int64),
        *asks_of([layout for _, layout in halves]),
        ends,
        np.array(slots, dtype=np.int32).reshape(-1),
        table.reshape(-1),
        factor.reshape(-1),
        worth,
    )


def _fill(
    leaf: Leaf,
    layout: Layout,
    told: float,
    table: NDArray[np.float32],
    factor: NDArray[np.float32],
    worth: NDArray[np.float64],
) -> None:
    from salesml.explain.table_kernels import fill_half

    share = np.array(list(leaf.box.share.values()))
    sizes = np.array(layout.sizes, dtype=np.int64)
    nodes, weights = gauss(WIDTH)
    fill_half(leaf.value, told, share, sizes, layout.allowed[0], nodes, weights, table, factor, worth)
