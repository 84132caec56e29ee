"""What every leaf of an ensemble weighs, and which features it speaks of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from salesml.explain.forest import read_trees

if TYPE_CHECKING:
    import lightgbm as lgb

FINEST = 2**31 - 1
"""What the heaviest leaves of all trees weigh together: weights are whole numbers, so that their sums
are the same in any order."""


@dataclass(frozen=True)
class Leaves:
    """The leaves of all trees, one tree after the other.

    Parameters
    ----------
    first : ndarray of shape (trees + 1,), int64
        Where the leaves of each tree begin.
    weight : ndarray of shape (leaves,), int64
        ``|leaf value - mean of its tree|``, the mean weighted by training rows: the size of what the tree
        adds to the base value of a row in that leaf. In units of which ``FINEST`` are the sum over trees
        of their heaviest leaf.
    used : ndarray of shape (used,), int64
        Positions of the features that any tree asks for.
    parts : ndarray of shape (leaves + 1, used), float32
        The part of each leaf's value that is the feature's, in raw log-odds; see ``Tree.parts``. The last
        row holds zeros.
    """

    first: NDArray[np.int64]
    weight: NDArray[np.int64]
    used: NDArray[np.int64]
    parts: NDArray[np.float32]

    @classmethod
    def read(cls, text: str) -> Leaves:
        """The leaves of a LightGBM model text."""
        trees = read_trees(text)
        sizes = [np.abs(tree.value - np.average(tree.value, weights=tree.count)) for tree in trees]
        asked = [feature for tree in trees for feature in tree.feature.tolist()]
        used = np.unique(np.array(asked, dtype=np.int64))
        return cls(
            first=np.cumsum([0, *(len(tree.value) for tree in trees)], dtype=np.int64),
            weight=_whole(sizes),
            used=used,
            parts=_dense([part for tree in trees for part in tree.parts], used),
        )

    @property
    def trees(self) -> int:
        return len(self.first) - 1

    def of(self, booster: lgb.Booster, coded: NDArray[np.float64], *, threads: int = 0) -> NDArray[np.uint16]:
        """The leaf of each row in each tree, shape (rows, trees)."""
        if not len(coded) or not self.trees:
            return np.zeros((len(coded), self.trees), dtype=np.uint16)
        found: Any = booster.predict(coded, pred_leaf=True, num_threads=threads)
        return np.ascontiguousarray(np.reshape(found, (len(coded), self.trees)), dtype=np.uint16)


def _dense(parts: list[dict[int, float]], used: NDArray[np.int64]) -> NDArray[np.float32]:
    column = {int(feature): place for place, feature in enumerate(used)}
    dense = np.zeros((len(parts) + 1, len(used)), dtype=np.float32)
    for leaf, part in enumerate(parts):
        for feature, amount in part.items():
            dense[leaf, column[feature]] = amount
    return dense


def _whole(sizes: list[NDArray[np.float64]]) -> NDArray[np.int64]:
    if not sizes:
        return np.zeros(0, dtype=np.int64)
    most = sum(float(size.max()) for size in sizes)
    unit = (FINEST - len(sizes)) / most if most > 0 else 0.0
    return np.rint(np.concatenate(sizes) * unit).astype(np.int64)
