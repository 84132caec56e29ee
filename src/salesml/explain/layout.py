"""How the cells are numbered that a group of leaves can tell apart."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from salesml.explain.boxes import FREE, Axis, Leaf
from salesml.explain.cells import MOST_CELLS, MOST_FEATURES
from salesml.explain.codes import Codes

Ints = NDArray[np.int64]


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


Asks = tuple[
    NDArray[np.uint16], Ints, NDArray[np.int32], NDArray[np.uint16], NDArray[np.bool_], NDArray[np.uint16]
]


def asks_of(layouts: Sequence[Layout]) -> Asks:
    """Start, and the questions of all layouts: where each one's begin, row of codes, at, bit, step."""
    asks = [ask for layout in layouts for ask in layout.asks]
    row, at, bit, step = ([ask[place] for ask in asks] for place in range(4))
    return (
        np.array([layout.start % MOST_CELLS for layout in layouts], dtype=np.uint16),
        np.cumsum([0, *(len(layout.asks) for layout in layouts)], dtype=np.int64),
        np.array(row, dtype=np.int32),
        np.array(at, dtype=np.uint16),
        np.array(bit, dtype=np.bool_),
        np.array([value % MOST_CELLS for value in step], dtype=np.uint16),
    )
