"""Which leaves of a tree are tabulated together, decided by what a row is expected to cost."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from salesml.explain.boxes import FREE, Axis, Box, Leaf, axis_of, branch
from salesml.explain.codes import Codes, Split
from salesml.explain.forest import Tree

MOST_CELLS = 65_536
"""Cells of a table, so that a cell's number fits two bytes."""

MOST_FEATURES = 16
"""Features on the way to a leaf that is tabulated."""

WIDTH = 8
"""Features of a table: their numbers are read together."""

HALVED = 11
"""From so many features on its way on, a leaf that stands alone is tabulated in two halves."""

PER_HALVES = 20.0
"""What such a leaf costs, as below."""

PER_ASK, PER_GROUP, PER_EIGHT, PER_FOUR = 0.1, 0.4, 2.0, 1.2
"""What a row costs, in the time of a read: for each question, group, and table of eight or four features."""

PER_BYTE = 1.0 / (1 << 12)
"""What a byte of a table costs beside: it is built, kept, and crowds others out of the caches."""


SETTINGS = f"{MOST_CELLS} {MOST_FEATURES} {PER_ASK} {PER_GROUP} {PER_EIGHT} {PER_FOUR} {PER_BYTE}"
"""What decides the groups beside the model: tables made with others are not these."""


@dataclass(frozen=True)
class Subtree:
    """What the leaves under a node ask."""

    leaves: tuple[Leaf, ...]
    asked: dict[Axis, frozenset[int]]
    cost: float
    groups: tuple[tuple[Leaf, ...], ...]


def cost(cells: int, asks: int, features: int) -> float:
    """What a group of leaves costs for each row; infinite for more cells than can be counted."""
    if cells > MOST_CELLS:
        return float("inf")
    eights, rest = divmod(features, 8)
    eights, fours = (eights + 1, 0) if rest > 4 else (eights, int(rest > 0))
    memory = cells * 4 * (8 * eights + 4 * fours)
    return PER_GROUP + PER_ASK * asks + PER_EIGHT * eights + PER_FOUR * fours + PER_BYTE * memory


def group(tree: Tree, splits: Sequence[Split], codes: Codes) -> tuple[tuple[Leaf, ...], ...]:
    """The leaves of a tree in groups of whole subtrees, such that a row costs least.

    A leaf with a way too long for a table is a group of its own.
    """
    if not splits:
        return ()
    return _Grouping(tree, splits, codes).under(0, Box()).groups


class _Grouping:
    def __init__(self, tree: Tree, splits: Sequence[Split], codes: Codes) -> None:
        self.tree, self.codes = tree, codes
        self.axes = [axis_of(split, codes) for split in splits]

    def under(self, node: int, box: Box) -> Subtree:
        if node < 0:
            leaf = Leaf(float(self.tree.value[~node]), box)
            return Subtree((leaf,), {}, self._cost((leaf,), {}, box), ((leaf,),))
        axis, at = self.axes[node]
        left_box, right_box = branch(self.tree, node, axis, at, box)
        left = self.under(int(self.tree.left[node]), left_box)
        right = self.under(int(self.tree.right[node]), right_box)
        asked = _union(left.asked, right.asked)
        asked[axis] = asked.get(axis, frozenset()) | {at}
        leaves = left.leaves + right.leaves
        together, apart = self._cost(leaves, asked, box), left.cost + right.cost
        if together <= apart:
            return Subtree(leaves, asked, together, (leaves,))
        return Subtree(leaves, asked, apart, left.groups + right.groups)

    def _cost(self, leaves: tuple[Leaf, ...], asked: dict[Axis, frozenset[int]], box: Box) -> float:
        features = {int(self.codes.feature[axis[0]]) for axis in asked} | box.share.keys()
        cells, asks = 1, 0
        for axis in asked.keys() | box.bounds.keys():
            low, high = box.bounds.get(axis, FREE)
            inside = sum(low < at < high for at in asked.get(axis, ()))
            cells *= inside + 1 + (axis in box.bounds)
            asks += inside + (low > FREE[0]) + (high < FREE[1])
        if len(leaves) == 1 and len(features) >= HALVED:
            return PER_HALVES if len(features) <= 2 * WIDTH else PER_HALVES * len(features)
        found = cost(cells, asks, len(features))
        return PER_HALVES * len(features) if len(leaves) == 1 and found == float("inf") else found


def _union(one: dict[Axis, frozenset[int]], other: dict[Axis, frozenset[int]]) -> dict[Axis, frozenset[int]]:
    both = dict(one)
    for axis, found in other.items():
        both[axis] = both[axis] | found if axis in both else found
    return both
