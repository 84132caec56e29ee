"""The tables of all groups of leaves: what each cell adds to each feature."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from salesml.explain.boxes import FREE, Axis, Leaf
from salesml.explain.cells import MOST_CELLS, MOST_FEATURES
from salesml.explain.codes import Codes

Ints = NDArray[np.int64]

WIDTH = 8


@dataclass(frozen=True)
class Layout:
    """How the cells of one group of leaves are numbered.

    A row's cell is ``start`` plus the steps of the questions it answers with yes, in two bytes that wrap
    around.

    Parameters
    ----------
    features : tuple of int
        Positions of the features on the ways to the leaves.
    asks : list of (row of codes, at, whether it is a bit, step)
    start : int
    sizes : list of int
        Classes of each axis.
    allowed : ndarray of shape (leaves, all classes), uint32
        Bits of the features of a leaf, cleared where a class leaves the leaf's box.
    """

    features: tuple[int, ...]
    asks: list[tuple[int, int, bool, int]]
    start: int
    sizes: list[int]
    allowed: NDArray[np.uint32]

    @property
    def cells(self) -> int:
        return int(np.prod([1, *self.sizes]))


def lay_out(leaves: Sequence[Leaf], codes: Codes) -> Layout | None:
    """The cells that a group of leaves can tell apart; None where they are too many for a table."""
    features = tuple(sorted({feature for leaf in leaves for feature in leaf.box.share}))
    if any(len(leaf.box.share) > MOST_FEATURES for leaf in leaves):
        return None
    bits = [{feature: bit for bit, feature in enumerate(leaf.box.share)} for leaf in leaves]
    asks: list[tuple[int, int, bool, int]] = []
    sizes: list[int] = []
    allowed: list[NDArray[np.uint32]] = []
    start, stride = 0, 1
    for axis in sorted({axis for leaf in leaves for axis in leaf.box.bounds}):
        cuts, classes, inside = _classes(leaves, axis)
        count = int(classes.max()) + 1
        feature = int(codes.feature[axis[0]])
        start += stride * int(classes[0])
        asks += [
            (axis[0], cut if axis[1] < 0 else 1 << axis[1], axis[1] >= 0, stride * int(step))
            for cut, step in zip(cuts, np.diff(classes), strict=True)
            if step
        ]
        first = [int(np.argmax(classes == number)) for number in range(count)]
        own = np.array([1 << bit[feature] if feature in bit else 0 for bit in bits], dtype=np.uint32)
        allowed.append(np.where(inside[:, first], np.uint32(2**32 - 1), ~own[:, None]))
        sizes.append(count)
        stride *= count
        if stride > MOST_CELLS:
            return None
    return Layout(features, asks, start, sizes, np.concatenate(allowed, axis=1).astype(np.uint32))


def _classes(leaves: Sequence[Leaf], axis: Axis) -> tuple[list[int], Ints, NDArray[np.bool_]]:
    """Where an axis is cut, the class of each piece, and which pieces are inside which leaf's bounds."""
    bounds = [leaf.box.bounds.get(axis, FREE) for leaf in leaves]
    cuts = sorted({cut for low, high in bounds for cut in (low, high)} - set(FREE))
    pieces = np.array([*cuts, FREE[1]])
    low, high = np.array(bounds).T
    inside = (low[:, None] < pieces) & (pieces <= high[:, None])
    known: dict[bytes, int] = {}
    classes = [known.setdefault(piece.tobytes(), len(known)) for piece in np.ascontiguousarray(inside.T)]
    return cuts, np.array(classes, dtype=np.int64), inside


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
