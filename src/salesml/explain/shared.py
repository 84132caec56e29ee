"""What a row and the accounts nearest to it share, feature by feature.

A leaf's value is shared out among the features on the way to it (``Tree.parts``). What a feature adds in
the leaves that two rows share is common to both; features of one group are added up, as in reasons. Two
rows share a group when enough of what it adds to either of them is common: as large a share of it as of
the row as a whole (their similarity), at least a quarter, and half is always enough. Two firms of 30 and
3,000 people may share a leaf or two, yet are not alike in their size.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from salesml.explain.grouping import Groups
from salesml.explain.side_by_side import side_by_side
from salesml.explain.similar import Crowd, Neighbours
from salesml.explain.strongest import ROUNDING

Floats = NDArray[np.float64]

TOP = 3
"""Groups that are kept for each row and account."""

LEAST, ENOUGH = 0.25, 0.5
"""Limits of the share of what a group adds to either row that must be common for both to share it."""


@dataclass(frozen=True)
class Telling:
    """How features may be told of two rows at once.

    Parameters
    ----------
    groups : sequence of str
        The group of each feature; an empty name stands alone.
    withheld : sequence of bool
        Features that are never told.
    same : sequence of bool
        Features that are told only where both rows have the same value, such as a category; others also
        where both have one.
    """

    groups: Sequence[str]
    withheld: Sequence[bool]
    same: Sequence[bool]

    @property
    def group(self) -> NDArray[np.int64]:
        """The number of each feature's group."""
        found = np.zeros(len(self.groups), dtype=np.int64)
        for number, members in enumerate(Groups.of(self.groups).members):
            found[list(members)] = number
        return found

    @property
    def how(self) -> NDArray[np.int64]:
        from salesml.explain.kernels_shared import NUMBER, SAME, WITHHELD

        pairs = zip(self.withheld, self.same, strict=True)
        return np.array([WITHHELD if never else SAME if same else NUMBER for never, same in pairs])


class Sharing:
    """Tells what rows share with the accounts of a crowd.

    Parameters
    ----------
    crowd : Crowd
    values : ndarray of shape (accounts, features)
        What is told of each account, as numbers, a number for each level of a category; NaN for missing.
    telling : Telling
    """

    def __init__(self, crowd: Crowd, values: Floats, telling: Telling) -> None:
        used = crowd.leaves.used
        self.crowd, self.values = crowd, np.ascontiguousarray(values[:, used], dtype=np.float64)
        self.group, self.how = telling.group[used], telling.how[used]
        self.own = self._totals(crowd.leaf)

    def shared(self, near: Neighbours, values: Floats, top: int = TOP) -> NDArray[np.int64]:
        """The features to tell of each row and each of its nearest accounts.

        One for each group that both share: of the group's features that may be told, the one that adds
        most in the direction of what is common. Groups go by the size of what is common, rounded to
        1e-4, the first of equals; one that rounds to nothing is left out.

        Parameters
        ----------
        near : Neighbours
        values : ndarray of shape (rows, features)
            As those of the accounts.
        top : int
            Most groups for each row and account.

        Returns
        -------
        ndarray of shape (rows, most, top)
            Positions of features, -1 where there are no more.
        """
        from salesml.explain import kernels_shared

        found = np.full((*near.index.shape, top), -1, dtype=np.int64)
        own, leaves, crowd = self._totals(near.leaf), self.crowd.leaves, self.crowd
        values = np.ascontiguousarray(values[:, leaves.used], dtype=np.float64)
        least = np.clip(near.similarity, LEAST, ENOUGH)

        def work(rows: slice) -> None:
            kernels_shared.shared(
                near.leaf[rows], near.index[rows], crowd.leaf, leaves.first, leaves.parts,
                self.group, self.how, values[rows], self.values, own[rows], self.own,
                least[rows], 10.0**ROUNDING, found[rows],
            )  # fmt: skip

        if len(leaves.used):
            side_by_side(work, len(near.leaf), crowd.threads)
        return np.where(found < 0, -1, np.append(leaves.used, -1)[found])

    def _totals(self, leaf: NDArray[np.uint16]) -> Floats:
        """What each group adds to each row, shape (rows, groups), in raw log-odds."""
        from salesml.explain import kernels_shared

        leaves = self.crowd.leaves
        found = np.zeros((len(leaf), int(self.group.max(initial=-1)) + 1))

        def work(rows: slice) -> None:
            kernels_shared.totals(leaf[rows], leaves.first, leaves.parts, self.group, found[rows])

        side_by_side(work, len(leaf), self.crowd.threads)
        return found
