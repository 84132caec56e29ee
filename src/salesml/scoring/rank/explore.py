"""A share of the work for rows drawn by lot, with the exact probability that each row is picked.

What a list does not hold for its return is dealt by lot into bundles, each small enough for the share; a
row that alone takes more than the share is a bundle of its own. At most one bundle is drawn, each with the
same probability, chosen so that bundles take the share of the work on average, and no more. The work that
the drawn bundle takes is made free by leaving out rows from the end of the list. All of this is fixed but
for one number between 0 and 1, so each row's probability is counted out, not estimated: it is the measure
of the numbers for which the row is listed. Weights of one over it make sums over listed rows unbiased [1]_.

References
----------
.. [1] D. G. Horvitz and D. J. Thompson, "A generalization of sampling without replacement from a finite
   universe", Journal of the American Statistical Association 47 (1952).
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Draw:
    """What was drawn for one list.

    ``kept`` are rows listed for their return, ``drawn`` those listed by lot; ``probability`` is that of
    being listed at all. ``bundles`` were dealt, each with the probability ``each``.
    """

    kept: NDArray[np.bool_]
    drawn: NDArray[np.bool_]
    probability: NDArray[np.float64]
    bundles: int = 0
    each: float = 0.0


@dataclass(frozen=True)
class Deal:
    """The bundles of one list, before one is drawn.

    ``bundle`` is each row's bundle, -1 where it is in none; ``sizes`` is the work of each bundle; ``room``
    is the largest bundle that leaves a row in the list, -1 for rows the list would not hold anyway.
    """

    bundle: NDArray[np.int64]
    sizes: NDArray[np.int64]
    each: float
    room: NDArray[np.int64]

    def draw(self, lot: float) -> Draw:
        """The bundle that a number from 0 up to 1 stands for, and what it leaves of the list."""
        chosen = math.floor(lot / self.each) if self.each else len(self.sizes)
        size = int(self.sizes[chosen]) if chosen < len(self.sizes) else 0
        drawn = self.bundle == chosen
        kept = (self.room >= size) & ~drawn
        return Draw(kept, drawn, self.probability, len(self.sizes), self.each)

    @property
    def probability(self) -> NDArray[np.float64]:
        """Of each row's being listed: kept in the list, or drawn."""
        bundles = len(self.sizes)
        dealt = self.bundle >= 0
        fitting = np.searchsorted(np.sort(self.sizes), self.room, side="right")
        # In the list unless a bundle is drawn that leaves it no room ...
        kept = np.where(self.room >= 0, 1.0 - self.each * (bundles - fitting), 0.0)
        # ... or its own bundle, if that would have left it no room.
        own = self.sizes[self.bundle[dealt]] if bundles else np.empty(0, dtype=np.int64)
        kept[dealt] += np.where(self.room[dealt] < own, self.each, 0.0)
        return np.clip(kept, 0.0, 1.0)


def deal(
    costs: NDArray[np.int64],
    free: NDArray[np.bool_],
    taken: NDArray[np.bool_],
    limit: int,
    quota: float,
    lots: NDArray[np.uint64],
) -> Deal:
    """Deal the rows of one list into bundles.

    Parameters
    ----------
    costs : ndarray of int, shape (rows,)
        What each row takes, in the order of the list.
    free : ndarray of bool, shape (rows,)
        Which may be drawn; none may take more than the limit.
    taken : ndarray of bool, shape (rows,)
        Which the list holds for their return.
    limit : int
        What the list may hold.
    quota : float
        How much of that is for rows drawn by lot, on average.
    lots : ndarray of uint64, shape (rows,)
        Numbers by lot, one for each row.
    """
    size = max(1, math.ceil(round(quota, 6)))
    room = np.where(taken, limit - np.cumsum(np.where(taken, costs, 0)), -1)
    # Rows that the common bundles leave alone need no draw to be listed.
    dealt = np.flatnonzero(free & (room < size))
    dealt = dealt[np.argsort(lots[dealt], kind="stable")]
    numbers = bundled(costs[dealt].tolist(), size)
    bundle = np.full(len(costs), -1, dtype=np.int64)
    bundle[dealt] = numbers
    sizes = np.zeros(int(numbers.max()) + 1 if len(numbers) else 0, dtype=np.int64)
    np.add.at(sizes, numbers, costs[dealt])
    each = min(1 / len(sizes), quota / int(sizes.sum())) if len(sizes) else 0.0
    return Deal(bundle, sizes, each, room)


def bundled(costs: list[int], size: int) -> NDArray[np.int64]:
    """The number of each row's bundle: rows join the open bundle while they fit, larger ones stand alone."""
    numbers = np.empty(len(costs), dtype=np.int64)
    latest, current, left = -1, -1, 0
    for place, cost in enumerate(costs):
        if cost > size:
            latest += 1
            numbers[place] = latest
            continue
        if cost > left:
            latest += 1
            current, left = latest, size
        left -= cost
        numbers[place] = current
    return numbers


def lot(seed: int, day: str, name: str) -> float:
    """A list's number from 0 up to 1, drawn from the seed, the date and the list alone."""
    return (int.from_bytes(_digest(seed, day, name).digest()) >> 11) / 2**53


def lots(seed: int, day: str, name: str, entities: Iterable[str]) -> NDArray[np.uint64]:
    """A number for each entity of a list, which does not depend on the others or on their order."""
    start = _digest(seed, day, name)
    numbers = []
    for entity in entities:
        digest = start.copy()
        digest.update(b"\0" + entity.encode(errors="backslashreplace"))
        numbers.append(int.from_bytes(digest.digest()))
    return np.array(numbers, dtype=np.uint64)


def _digest(seed: int, day: str, name: str) -> hashlib.blake2b:
    return hashlib.blake2b(f"{seed}\0{day}\0{name}".encode(errors="backslashreplace"), digest_size=8)
