"""An ensemble as cell tables: everything that exact SHAP values of any row are read from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from salesml.explain import cells
from salesml.explain.boxes import Leaf
from salesml.explain.codes import Codes, Split, code
from salesml.explain.forest import Tree
from salesml.explain.halves import Halves, Pair, halve, tabulate_halves
from salesml.explain.layout import Layout, lay_out
from salesml.explain.long_leaves import LongLeaves, long_leaves
from salesml.explain.tables import Tables, tabulate


@dataclass(frozen=True)
class CellModel:
    """The rows of codes, the tables and the leaves without one, and the base value of an ensemble.

    Parameters
    ----------
    codes : Codes
    tables : Tables
    halves : Halves
    long : LongLeaves
    used : ndarray of shape (used,), int64
        The features that any split asks for, in their order.
    base : float
        The ensemble's mean, weighted by training rows, in raw log-odds.
    """

    codes: Codes
    tables: Tables
    halves: Halves
    long: LongLeaves
    used: NDArray[np.int64]
    base: float

    @classmethod
    def build(cls, trees: list[Tree]) -> CellModel:
        codes, splits = code(trees)
        used = sorted({int(feature) for tree in trees for feature in tree.feature})
        parts = [_tabulated(tree, asked, codes) for tree, asked in zip(trees, splits, strict=True)]
        constant = [0.0 if len(tree.feature) else float(tree.value[0]) for tree in trees]
        base = 0.0
        for tree in trees:
            base += tree.mean
        return cls(
            codes,
            tabulate([part.groups for part in parts], constant, used),
            tabulate_halves([part.pairs for part in parts], used),
            long_leaves([part.long for part in parts], codes, used),
            np.array(used, dtype=np.int64),
            base,
        )


@dataclass
class _Parts:
    """How the leaves of one tree are tabulated: in groups, alone in two halves, or not at all."""

    groups: list[tuple[Sequence[Leaf], Layout]] = field(default_factory=list)
    pairs: list[Pair] = field(default_factory=list)
    long: list[Leaf] = field(default_factory=list)


def _tabulated(tree: Tree, splits: Sequence[Split], codes: Codes) -> _Parts:
    parts = _Parts()
    for leaves in cells.group(tree, splits, codes):
        alone = len(leaves) == 1 and len(leaves[0].box.share) >= cells.HALVED
        pair = halve(leaves[0], codes) if alone else None
        layout = None if pair else lay_out(leaves, codes)
        if pair:
            parts.pairs.append(pair)
        elif layout:
            parts.groups.append((leaves, layout))
        else:
            parts.long += leaves
    return parts
