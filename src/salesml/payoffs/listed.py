"""The rows of ripe lists: who was drawn with which chance, what was done, what came of it."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

from salesml.scoring.rank.explore import Deal

BY_RANK, BY_LOT = "rank", "explore"
"""As in the column ``picked`` of a ranked list."""

FEWEST_LISTS = 10
"""Clusters below which lists of a rep are not joined over dates, if lots can be drawn again."""


@dataclass(frozen=True, kw_only=True)
class Listed:
    """One entry for each row of a list whose outcome is known.

    Parameters
    ----------
    entity, list, band : ndarray of object
    as_of : ndarray of datetime64[D]
    probability : ndarray
        What the score said of the outcome.
    value : ndarray
        What the list said the row is worth; NaN where it said nothing.
    label : ndarray
        1 where the outcome came about, otherwise 0.
    listed : ndarray of bool
    picked : ndarray of object
        ``rank``, ``explore`` or nothing.
    chance : ndarray
        The exact probability of having been listed; NaN where the list does not say.
    contacted : ndarray of bool or None
        None where nothing says who was contacted.
    hours : ndarray or None
        Selling hours that were spent on the row.
    money : ndarray or None
        What it brought in, NaN where that has not been observed.
    """

    entity: NDArray[np.object_]
    list: NDArray[np.object_]
    band: NDArray[np.object_]
    as_of: NDArray[np.datetime64]
    probability: NDArray[np.float64]
    value: NDArray[np.float64]
    label: NDArray[np.float64]
    listed: NDArray[np.bool_]
    picked: NDArray[np.object_]
    chance: NDArray[np.float64]
    contacted: NDArray[np.bool_] | None = None
    hours: NDArray[np.float64] | None = None
    money: NDArray[np.float64] | None = None

    def __len__(self) -> int:
        return len(self.label)

    def where(self, chosen: NDArray[np.bool_]) -> Listed:
        """Some of the rows."""
        parts = {each.name: getattr(self, each.name) for each in fields(self)}
        cut: dict[str, Any] = {name: None if part is None else part[chosen] for name, part in parts.items()}
        return Listed(**cut)

    @property
    def by_lot(self) -> NDArray[np.bool_]:
        """Rows that chance could have listed or left out: all that lots can tell of."""
        return np.asarray((self.chance > 0) & (self.chance < 1))


@dataclass(frozen=True)
class Lottery:
    """The bundles of one list of one date, and where its rows stand.

    Parameters
    ----------
    rows : ndarray of int
        For each row of the list its place among the rows of :class:`Listed`, -1 where its outcome is not
    known. deal : Deal
    """

    rows: NDArray[np.int64]
    deal: Deal


@dataclass(frozen=True)
class Clusters:
    """Rows that are not independent of each other.

    Parameters
    ----------
    codes : ndarray of int, shape (rows,)
    number : int
    joined : bool
        Whether lists of one name are one cluster over all dates, since somebody stands on several of them
        while an earlier outcome is still open.
    recurring : int
        How many rows are of somebody who stands there again within the horizon.
    """

    codes: NDArray[np.int64]
    number: int
    joined: bool = False
    recurring: int = 0


def clusters_of(rows: Listed, reach_days: int, *, drawn_again: bool) -> Clusters:
    """Which rows belong together: those of one list and date, or of one list where its dates overlap.

    Parameters
    ----------
    reach_days : int
        Gap and horizon together.
    drawn_again : bool
        Whether lots can be drawn again. Then the test needs no clusters, and lists are not joined where
        hardly any would be left.
    """
    names, name = np.unique(rows.list.astype(str), return_inverse=True)
    days, day = np.unique(rows.as_of, return_inverse=True)
    apart = name * len(days) + day
    recurring = _recurring(rows, reach_days)
    joined = bool(recurring) and not (drawn_again and len(names) < FEWEST_LISTS)
    _, codes = np.unique(name if joined else apart, return_inverse=True)
    return Clusters(codes.astype(np.int64), int(codes.max()) + 1 if len(codes) else 0, joined, recurring)


def _recurring(rows: Listed, reach_days: int) -> int:
    """Rows whose account or prospect stands there on another date less than ``reach_days`` before."""
    _, who = np.unique(rows.entity.astype(str), return_inverse=True)
    places = np.lexsort((rows.as_of, who))
    same = np.diff(who[places]) == 0
    near = np.diff(rows.as_of[places]) < np.timedelta64(reach_days, "D")
    return int((same & near).sum())
