"""An ensemble as cell tables: everything that exact SHAP values of any row are read from."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from salesml.explain import cells
from salesml.explain.codes import Codes, code
from salesml.explain.forest import Tree
from salesml.explain.halves import Halves, halve, tabulate_halves
from salesml.explain.layout import lay_out
from salesml.explain.long_leaves import LongLeaves
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
        groups, pairs, long = [], [], []
        for tree, asked in zip(trees, splits, strict=True):
            for leaves in cells.group(tree, asked, codes):
                alone = len(leaves) == 1 and len(leaves[0].box.share) >= cells.HALVED
                pair = halve(leaves[0], codes) if alone else None
                layout = None if pair else lay_out(leaves, codes)
                if pair:
                    pairs.append(pair)
                elif layout:
                    groups.append((leaves, layout))
                else:
                    long += list(leaves)
        base = 0.0
        for tree in trees:
            base += tree.mean
        return cls(
            codes,
            tabulate(groups, used),
            tabulate_halves(pairs, used),
            LongLeaves.of(long, codes, used),
            np.array(used, dtype=np.int64),
            base,
        )
