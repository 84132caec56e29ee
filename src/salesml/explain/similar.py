"""Which of some accounts a row resembles, in the eyes of an ensemble of trees.

Two rows are alike in a tree when they fall into the same leaf. Each tree counts by how far that leaf lies
from the tree's mean, which is what the tree adds to the base value of the row. The similarity of a row x to
an account y is what they have in common, as a share of all that moves x:

    w_t(x) = | value of the leaf of x in tree t - mean of tree t over training rows |

    similarity(x, y) = sum of w_t(x) over trees in which x and y share a leaf / sum of w_t(x) over all trees

It is 1 where they share every leaf that counts, 0 where they share none. A tree of one leaf counts nothing;
trees of a single column, as a regression's are written, count like all others. What is in common is the
same from either side, so that the nearest account is the one with the most in common. Equally near ones
go by their order. A row whose every leaf lies at its tree's mean has nothing to compare and no neighbours,
and an account that shares nothing is no neighbour.

References
----------
Breiman and Cutler's proximities of random forests (Breiman, "Random forests", Machine Learning 45, 2001);
weighted by contribution for boosted trees in the manner of Tan, Soloviev, Hooker and Wells, "Tree space
prototypes", FODS (2020), who weigh whole trees; here each leaf weighs what it contributes.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from salesml.explain.leaves import Leaves
from salesml.explain.side_by_side import side_by_side

MOST = 20
"""Accounts that are kept for each row."""

LIGHT = 0.12
"""The lightest trees that together weigh at most this share are not compared for all accounts, only for
those that can still be among the nearest: it decides the time and never the result."""


@dataclass(frozen=True)
class Neighbours:
    """The nearest accounts of some rows.

    Parameters
    ----------
    index : ndarray of shape (rows, most)
        Their positions, nearest first; -1 where there are no more.
    similarity : ndarray of shape (rows, most)
        From 1, alike in all that counts, to 0, in nothing; 0 where there are no more.
    leaf : ndarray of shape (rows, trees)
        The rows' own leaves.
    """

    index: NDArray[np.int64]
    similarity: NDArray[np.float64]
    leaf: NDArray[np.uint16]


class Crowd:
    """Accounts to which rows are compared.

    Parameters
    ----------
    text : str
        LightGBM model text, checked as a bundle's is.
    coded : ndarray of shape (accounts, features)
        The accounts as ``Coding.encode`` gives them. Where two are equally near the first is taken.
    threads : int
        Threads to use, 0 for all. The result does not depend on it.
    """

    def __init__(self, text: str, coded: NDArray[np.float64], *, threads: int = 0) -> None:
        import lightgbm as lgb

        self._booster = lgb.Booster(model_str=text)
        self.leaves = Leaves.read(text)
        self.threads = threads
        self.leaf = self.leaves.of(self._booster, coded, threads=threads)
        self._tiles = _tiled(self.leaf)

    def nearest(self, coded: NDArray[np.float64], most: int = MOST) -> Neighbours:
        """The nearest accounts of each row, all of them where there are fewer than ``most``.

        Parameters
        ----------
        coded : ndarray of shape (rows, features)
        most : int
            At least 1.
        """
        from salesml.explain import kernels

        leaf = self.leaves.of(self._booster, coded, threads=self.threads)
        index = np.full((len(leaf), most), -1, dtype=np.int64)
        common = np.zeros((len(leaf), most), dtype=np.int64)
        total = np.zeros(len(leaf), dtype=np.int64)
        leaves = self.leaves

        def work(rows: slice) -> None:
            kernels.nearest(
                leaf[rows], leaves.first, leaves.weight, self._tiles, self.leaf, LIGHT,
                index[rows], common[rows], total[rows],
            )  # fmt: skip

        if len(self.leaf) and leaves.trees:
            side_by_side(work, len(leaf), self.threads)
        return Neighbours(index, common / np.maximum(total, 1)[:, None], leaf)


def _tiled(leaf: NDArray[np.uint16]) -> NDArray[np.uint8]:
    """The accounts' leaves as (tiles, trees, accounts of a tile), in one byte.

    Leaves that agree in their last byte look the same here, which may only raise a bound.
    """
    from salesml.explain.kernels import TILE

    tiles = -(-len(leaf) // TILE)
    padded = np.zeros((tiles * TILE, leaf.shape[1]), dtype=np.uint8)
    padded[: len(leaf)] = leaf & 255
    return np.ascontiguousarray(padded.reshape(tiles, TILE, leaf.shape[1]).transpose(0, 2, 1))
