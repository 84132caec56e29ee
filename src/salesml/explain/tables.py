"""The tables of all groups of leaves: what each cell adds to each feature."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from salesml.explain.boxes import Leaf
from salesml.explain.cells import MOST_CELLS, WIDTH
from salesml.explain.layout import Layout

Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Tables:
    """All groups of an ensemble, ready for ``cell_kernels.add_up``; the arrays' names are its arguments."""

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


def tabulate(groups: Sequence[tuple[Sequence[Leaf], Layout]], used: Sequence[int]) -> Tables:
    """Fill the tables of all groups.

    Parameters
    ----------
    groups : sequence of (leaves, layout)
    used : sequence of int
        The features that have sums, in their order; what lies beyond takes what is not used.
    """
    slot = {feature: number for number, feature in enumerate(used)}
    chunk_first, base, width, slots = [0], [0], [], []
    for _, layout in groups:
        for begin in range(0, len(layout.features), WIDTH):
            features = layout.features[begin : begin + WIDTH]
            width.append(WIDTH if len(features) > WIDTH // 2 else WIDTH // 2)
            base.append(base[-1] + width[-1] * layout.cells)
            slots += [*(slot[feature] for feature in features), *[len(used)] * (WIDTH - len(features))]
        chunk_first.append(len(width))
    table = np.zeros(base[-1], dtype=np.float32)
    for number, (leaves, layout) in enumerate(groups):
        _fill(leaves, layout, table, base[chunk_first[number] :], width[chunk_first[number] :])
    asks = [ask for _, layout in groups for ask in layout.asks]
    row, at, bit, step = ([ask[place] for ask in asks] for place in range(4))
    return Tables(
        np.array([layout.start % MOST_CELLS for _, layout in groups], dtype=np.uint16),
        np.cumsum([0, *(len(layout.asks) for _, layout in groups)], dtype=np.int64),
        np.array(row, dtype=np.int32),
        np.array(at, dtype=np.uint16),
        np.array(bit, dtype=np.bool_),
        np.array([value % MOST_CELLS for value in step], dtype=np.uint16),
        np.array(chunk_first, dtype=np.int64),
        np.array(base[:-1], dtype=np.int64),
        np.array(width, dtype=np.int64),
        np.array(slots, dtype=np.int32),
        table,
    )


def _fill(
    leaves: Sequence[Leaf],
    layout: Layout,
    table: NDArray[np.float32],
    base: Sequence[int],
    width: Sequence[int],
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
        np.array(base[: -(-len(layout.features) // WIDTH)], dtype=np.int64),
        np.array(width[: -(-len(layout.features) // WIDTH)], dtype=np.int64),
    )
