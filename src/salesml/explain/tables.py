"""The tables of all groups of leaves: what each cell adds to each feature."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from salesml.explain.boxes import Leaf
from salesml.explain.cells import WIDTH
from salesml.explain.layout import Layout, asks_of

Ints = NDArray[np.int64]


class Tables(NamedTuple):
    """All groups of an ensemble, as ``cell_kernels`` read them.

    ``tree_first`` says where the groups of each tree begin, ``worth`` what each cell adds to the raw score,
    and ``constant`` what trees of one leaf do.
    """

    constant: NDArray[np.float64]
    tree_first: Ints
    start: NDArray[np.uint16]
    ask_first: Ints
    ask_row: NDArray[np.int32]
    ask_at: NDArray[np.uint16]
    ask_bit: NDArray[np.bool_]
    ask_step: NDArray[np.uint16]
    chunk_first: Ints
    base: Ints
    width: Ints
    slots: NDArray[np.int32]
    table: NDArray[np.float32]
    worth_first: Ints
    worth: NDArray[np.float64]


def tabulate(
    groups: Sequence[Sequence[tuple[Sequence[Leaf], Layout]]],
    constant: Sequence[float],
    used: Sequence[int],
) -> Tables:
    """Fill the tables of all groups.

    Parameters
    ----------
    groups : sequence of sequence of (leaves, layout)
        Those of each tree.
    constant : sequence of float
        The value of each tree of one leaf, 0 for others.
    used : sequence of int
        The features that have sums, in their order; what lies beyond takes what is not used.
    """
    slot = {feature: number for number, feature in enumerate(used)}
    every = [group for tree in groups for group in tree]
    chunk_first, base, width, slots = [0], [0], [], []
    for _, layout in every:
        for begin in range(0, len(layout.features), WIDTH):
            features = layout.features[begin : begin + WIDTH]
            width.append(WIDTH if len(features) > WIDTH // 2 else WIDTH // 2)
            base.append(base[-1] + width[-1] * layout.cells)
            slots += [*(slot[feature] for feature in features), *[len(used)] * (WIDTH - len(features))]
        chunk_first.append(len(width))
    ends = np.cumsum([0, *(layout.cells for _, layout in every)], dtype=np.int64)
    table, worth = np.zeros(base[-1], dtype=np.float32), np.zeros(ends[-1])
    for number, (leaves, layout) in enumerate(every):
        chunks = slice(chunk_first[number], chunk_first[number + 1])
        _fill(leaves, layout, table, base[chunks], width[chunks], worth[ends[number] : ends[number + 1]])
    return Tables(
        np.array(constant, dtype=np.float64),
        np.cumsum([0, *map(len, groups)], dtype=np.int64),
        *asks_of([layout for _, layout in every]),
        np.array(chunk_first, dtype=np.int64),
        np.array(base[:-1], dtype=np.int64),
        np.array(width, dtype=np.int64),
        np.array(slots, dtype=np.int32),
        table,
        ends,
        worth,
    )


def _fill(
    leaves: Sequence[Leaf],
    layout: Layout,
    table: NDArray[np.float32],
    base: Sequence[int],
    width: Sequence[int],
    worth: NDArray[np.float64],
) -> None:
    from salesml.explain.table_kernels import fill

    ends = np.cumsum([0, *(len(leaf.box.share) for leaf in leaves)], dtype=np.int64)
    place = {feature: number for number, feature in enumerate(layout.features)}
    fill(
        np.array([leaf.value for leaf in leaves]),
        ends,
        np.array([place[feature] for leaf in leaves for feature in leaf.box.share], dtype=np.int64),
        np.array([share for leaf in leaves for share in leaf.box.share.values()]),
        np.array(layout.sizes, dtype=np.int64),
        layout.allowed,
        len(layout.features),
        table,
        np.array(base, dtype=np.int64),
        np.array(width, dtype=np.int64),
        worth,
    )
