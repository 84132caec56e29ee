"""Single leaves with long ways, tabulated in two halves.

What a leaf adds to a feature is an integral over t of a product over all features on its way, which a few
values of t give exactly. Half of the features make a table of what their own product is at each of these
values, and of what is left of it without each one of them; for a row, one half's cell is multiplied by the
other half's factors. Two tables of 2 ** 7 cells do the work of one of 2 ** 14.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from salesml.explain.boxes import Box, Leaf
from salesml.explain.cells import MOST_CELLS, WIDTH
from salesml.explain.codes import Codes
from salesml.explain.layout import Layout, lay_out
from salesml.explain.quadrature import gauss

Ints = NDArray[np.int64]
Pair = tuple[tuple[Leaf, Layout], tuple[Leaf, Layout]]

MOST_HALF = 1024
"""Cells of a half."""


@dataclass(frozen=True)
class Halves:
    """Both halves of each leaf, one after the other; the names are arguments of ``add_halves``."""

    start: NDArray[np.uint16]
    ask_first: Ints
    ask_row: NDArray[np.int32]
    ask_at: NDArray[np.uint16]
    ask_bit: NDArray[np.bool_]
    ask_step: NDArray[np.uint16]
    base: Ints
    by: Ints
    slots: NDArray[np.int32]
    table: NDArray[np.float32]
    factor: NDArray[np.float32]


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


def tabulate_halves(pairs: Sequence[Pair], used: Sequence[int]) -> Halves:
    """Fill the tables of all leaves; ``used`` as for ``tabulate``."""
    slot = {feature: number for number, feature in enumerate(used)}
    halves = [half for pair in pairs for half in pair]
    ends = np.cumsum([0, *(layout.cells for _, layout in halves)], dtype=np.int64)
    table = np.zeros(ends[-1] * WIDTH * WIDTH, dtype=np.float32)
    factor = np.zeros(ends[-1] * WIDTH, dtype=np.float32)
    nodes, weights = gauss(WIDTH)
    if halves:
        from salesml.explain.table_kernels import fill_half

        for number, (leaf, layout) in enumerate(halves):
            # The value and the weights go into one half's table and, by its factors, not into the other's.
            share = np.array([leaf.box.share[feature] for feature in leaf.box.share])
            cells = slice(ends[number], ends[number + 1])
            fill_half(
                leaf.value, share, np.array(layout.sizes, dtype=np.int64), layout.allowed[0], nodes, weights,
                table.reshape(-1, WIDTH, WIDTH)[cells], factor.reshape(-1, WIDTH)[cells],
            )  # fmt: skip
    asks = [ask for _, layout in halves for ask in layout.asks]
    row, at, bit, step = ([ask[place] for ask in asks] for place in range(4))
    slots = [
        [*(slot[feature] for feature in leaf.box.share), *[len(used)] * (WIDTH - len(leaf.box.share))]
        for leaf, _ in halves
    ]
    return Halves(
        np.array([layout.start % MOST_CELLS for _, layout in halves], dtype=np.uint16),
        np.cumsum([0, *(len(layout.asks) for _, layout in halves)], dtype=np.int64),
        np.array(row, dtype=np.int32),
        np.array(at, dtype=np.uint16),
        np.array(bit, dtype=np.bool_),
        np.array([value % MOST_CELLS for value in step], dtype=np.uint16),
        ends[:-1] * WIDTH * WIDTH,
        ends[:-1] * WIDTH,
        np.array(slots, dtype=np.int32).reshape(-1),
        table,
        factor,
    )
