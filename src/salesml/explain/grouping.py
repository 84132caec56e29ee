"""Features that say the same thing make one reason: their contributions are added up."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Groups:
    """Which features belong together, in the order in which each group's first feature stands.

    Parameters
    ----------
    names : tuple of str
        One per group.
    members : tuple of tuple of int
        The features' positions, one tuple per group.
    """

    names: tuple[str, ...]
    members: tuple[tuple[int, ...], ...]

    @classmethod
    def of(cls, groups: Sequence[str]) -> Groups:
        """Groups from one name per feature; a feature with an empty name stands alone."""
        members: dict[object, list[int]] = {}
        for position, name in enumerate(groups):
            members.setdefault(name or position, []).append(position)
        names = tuple(key if isinstance(key, str) else "" for key in members)
        return cls(names, tuple(tuple(group) for group in members.values()))

    @property
    def features(self) -> int:
        """How many features there are in all groups."""
        return sum(len(group) for group in self.members)

    @property
    def places(self) -> NDArray[np.intp]:
        """The members' positions as an array of shape (groups, widest), -1 beyond a group's members."""
        widest = max(map(len, self.members), default=0)
        padded = [(*group, *[-1] * (widest - len(group))) for group in self.members]
        return np.array(padded, dtype=np.intp).reshape(len(self.members), widest)

    def total(self, contributions: NDArray[np.float64]) -> NDArray[np.float64]:
        """Contributions per group.

        Parameters
        ----------
        contributions : ndarray of shape (rows, features)
            Without the base value.

        Returns
        -------
        ndarray of shape (rows, groups)
        """
        if len(self.members) == self.features:
            return contributions[:, [group[0] for group in self.members]]
        owner = np.zeros((self.features, len(self.members)))
        for number, group in enumerate(self.members):
            owner[list(group), number] = 1.0
        return contributions @ owner
