"""Every leaf of an ensemble as a box: between which codes a row must lie to reach it."""

from __future__ import annotations

from dataclasses import dataclass, field

from salesml.explain.codes import SETS, Codes, Split
from salesml.explain.forest import Tree

Axis = tuple[int, int]
"""A row of codes and -1, or a row of words and the bit that is asked for."""

FREE = (-1, 1 << 20)
"""Bounds that every code lies between."""

LEAST = 1e-100
"""In place of a share of no rows, so that it can be divided by."""


@dataclass(frozen=True)
class Box:
    """The way to a node: what it asks of a row, and what it is worth when it is not asked.

    Parameters
    ----------
    bounds : dict
        For each axis, the bounds ``(low, high)``: low < code <= high.
    share : dict
        For each feature, the product of the parts of training rows that took the branches.
    """

    bounds: dict[Axis, tuple[int, int]] = field(default_factory=dict)
    share: dict[int, float] = field(default_factory=dict)

    def narrowed(self, axis: Axis, at: int, right: bool, feature: int, share: float) -> Box:
        low, high = self.bounds.get(axis, FREE)
        bounds = (max(low, at), high) if right else (low, min(high, at))
        before = self.share.get(feature, 1.0)
        return Box({**self.bounds, axis: bounds}, {**self.share, feature: max(before * share, LEAST)})


@dataclass(frozen=True)
class Leaf:
    """A leaf's value and the way to it."""

    value: float
    box: Box


def axis_of(split: Split, codes: Codes) -> tuple[Axis, int]:
    """The axis a split cuts, and where: a bit is a code of 0 or 1."""
    if codes.kind[split.row] == SETS:
        return (split.row, split.at), 0
    return (split.row, -1), split.at


def branch(tree: Tree, node: int, axis: Axis, at: int, box: Box) -> tuple[Box, Box]:
    """The boxes of a split's two sides."""
    feature, (left, right) = int(tree.feature[node]), tree.share[node].tolist()
    return box.narrowed(axis, at, False, feature, left), box.narrowed(axis, at, True, feature, right)
