"""Who stands in which list, at which place, and with what probability."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from salesml.scoring.rank.capacity import Capacity, fill, upper_bound
from salesml.scoring.rank.explore import Draw, deal, lot, lots
from salesml.scoring.rank.order import mixed, order
from salesml.scoring.rank.rows import Rows

PICKED = ("rank", "explore")
"""How a row came into its list."""

UNLISTED = (
    "it could not be scored",
    "its list has no hours",
    "the hours it takes are not known",
    "the hours it takes are not above 0",
    "it takes more hours than its list has",
    "it is expected to bring less than nothing",
    "what it brings is not known, and others filled the list",
    "others filled the list",
)
"""Why a row stands in no list, the first that is true."""


@dataclass(frozen=True)
class Listed:
    """What one list holds, as plain figures.

    ``limit`` and ``used`` are hours or places, None where there is no limit; ``expected`` is the sum of
    what the listed rows are expected to bring, ``best`` what no list within the limit can exceed. ``lot``
    is the number that was drawn, ``bundles`` how many there were to draw, each with the probability ``each``.
    """

    as_of: str
    list: str
    limit: float | None
    used: float | None
    rows: int
    listed: int
    explored: int
    expected: float
    best: float
    lot: float | None = None
    bundles: int = 0
    each: float = 0.0

    def as_dict(self) -> dict[str, Any]:
        """The figures as plain data."""
        return asdict(self)


@dataclass(frozen=True)
class Picks:
    """The order of all rows, and the columns that ranking adds to each, in that order."""

    order: NDArray[np.intp]
    columns: pd.DataFrame
    lists: list[Listed]


def pick(rows: Rows, capacity: Capacity, explore: float, seed: int) -> Picks:
    """Fill every list of every date.

    Parameters
    ----------
    capacity : Capacity
        How much each list may hold.
    explore : float
        Share of it for rows drawn by lot.
    seed : int
        What the lots are drawn from.
    """
    by = rows.return_on_effort if capacity.unit == "hours" else rows.expected
    places = order(rows, by)
    filled = _Filled(rows, capacity, explore, seed)
    lists = [filled.fill(group) for group in groups(rows, places)]
    if capacity.unit:
        # Each list for itself, in the order of its places; what is not listed follows.
        rank = np.where(filled.rank > 0, filled.rank, len(rows) + 1)[places]
        keys = (rank, ~rows.scored[places], rows.list_of[places], rows.day[places])
        places = places[np.lexsort(keys)]
    return Picks(places, filled.columns(places), lists)


class _Filled:
    """The columns of a ranked list while its lists are filled one by one."""

    def __init__(self, rows: Rows, capacity: Capacity, explore: float, seed: int) -> None:
        self.rows, self.capacity, self.explore, self.seed = rows, capacity, explore, seed
        self.rank = np.zeros(len(rows), dtype=np.int64)
        self.how = np.full(len(rows), -1, dtype=np.int64)
        self.why = np.full(len(rows), -1, dtype=np.int64)
        self.probability = np.zeros(len(rows))
        self.costs = costs_of(rows, capacity)

    def fill(self, group: NDArray[np.intp]) -> Listed:
        """Fill the list of some rows, which are given in its order."""
        rows, here = self.rows, group[0]
        day, name = rows.days[rows.day[here]], rows.lists[rows.list_of[here]]
        limit = self.capacity.of(name)
        if limit is None:
            return self._all(group, day, name)
        parts = round(limit * self.capacity.step)
        costs, expected = self.costs[group], rows.expected[group]
        free = rows.scored[group] & (costs > 0) & (costs <= parts)
        worth = free & ~(expected < 0)
        taken = fill(costs, worth, parts)
        number = lot(self.seed, day, name) if self.explore else None
        draw = self._draw(group, costs, free, taken, parts, number)
        listed = draw.kept | draw.drawn
        self._note(group, draw, self._reasons(group, free, worth, limit))
        return Listed(
            as_of=day,
            list=name,
            limit=limit,
            used=float(costs[listed].sum()) / self.capacity.step,
            rows=len(group),
            listed=int(listed.sum()),
            explored=int(draw.drawn.sum()),
            expected=float(np.nansum(expected[listed])),
            best=upper_bound(costs, expected, worth & ~np.isnan(expected), parts),
            lot=number,
            bundles=draw.bundles,
            each=draw.each,
        )

    def columns(self, places: NDArray[np.intp]) -> pd.DataFrame:
        """The added columns in the order of the table."""
        rank = self.rank[places]
        return pd.DataFrame(
            {
                "rank": pd.Series(rank, dtype="Int64").mask(rank == 0),
                "list": np.array([*self.rows.lists, None], dtype=object)[self.rows.list_of[places]],
                "pick_probability": self.probability[places],
                "seed": np.full(len(places), self.seed, dtype=np.int64),
                "picked": np.array([*PICKED, None], dtype=object)[self.how[places]],
                "unlisted": np.array([*UNLISTED, None], dtype=object)[self.why[places]],
            }
        )

    def _all(self, group: NDArray[np.intp], day: str, name: str) -> Listed:
        """A list without a limit holds every row that was scored."""
        scored = self.rows.scored[group]
        sure = Draw(scored, np.zeros(len(group), dtype=bool), scored.astype(float))
        self._note(group, sure, np.zeros(len(group), dtype=np.int64))
        if not self.capacity.unit:
            self.probability[group[~scored]] = np.nan
        expected = float(np.nansum(self.rows.expected[group][scored]))
        return Listed(day, name, None, None, len(group), int(scored.sum()), 0, expected, expected)

    def _draw(
        self,
        group: NDArray[np.intp],
        costs: NDArray[np.int64],
        free: NDArray[np.bool_],
        taken: NDArray[np.bool_],
        parts: int,
        number: float | None,
    ) -> Draw:
        if number is None:
            return Draw(taken, np.zeros(len(group), dtype=bool), taken.astype(float))
        day, name = self.rows.days[self.rows.day[group[0]]], self.rows.lists[self.rows.list_of[group[0]]]
        numbers = lots(self.seed, day, name, self.rows.entity[group])
        return deal(costs, free, taken, parts, self.explore * parts, numbers).draw(number)

    def _note(self, group: NDArray[np.intp], draw: Draw, reasons: NDArray[np.int64]) -> None:
        """Write what came of a list into the columns."""
        listed = mixed(group[draw.kept], group[draw.drawn])
        self.rank[listed] = np.arange(1, len(listed) + 1)
        self.how[group[draw.kept]] = PICKED.index("rank")
        self.how[group[draw.drawn]] = PICKED.index("explore")
        self.probability[group] = draw.probability
        left = ~(draw.kept | draw.drawn)
        self.why[group[left]] = reasons[left]

    def _reasons(
        self, group: NDArray[np.intp], free: NDArray[np.bool_], worth: NDArray[np.bool_], limit: float
    ) -> NDArray[np.int64]:
        """For each row of a list, the reason that holds if it is not listed."""
        rows, empty = self.rows, np.full(len(group), limit == 0)
        cases = [
            ~rows.scored[group],
            empty,
            (self.costs[group] == 0) & ~rows.bad_hours[group],
            self.costs[group] == 0,
            ~free,
            ~worth,
            np.isnan(rows.expected[group]),
        ]
        return np.select(cases, list(range(len(cases))), default=len(cases)).astype(np.int64)


def costs_of(rows: Rows, capacity: Capacity) -> NDArray[np.int64]:
    """What each row takes of its list; 0 where that is not known."""
    if capacity.unit != "hours":
        return np.ones(len(rows), dtype=np.int64)
    # More than a list can hold need not be told apart.
    hours = np.clip(np.rint(rows.hours * capacity.step), 1, 1e13)
    return np.asarray(np.nan_to_num(hours), dtype=np.int64)


def groups(rows: Rows, places: NDArray[np.intp]) -> list[NDArray[np.intp]]:
    """The rows of each list, in its order."""
    if not len(rows):
        return []
    key = (rows.day * len(rows.lists) + rows.list_of)[places]
    by_list = np.argsort(key, kind="stable")
    edges = np.flatnonzero(np.diff(key[by_list])) + 1
    return np.split(places[by_list], edges)
