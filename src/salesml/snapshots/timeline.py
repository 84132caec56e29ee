"""Time cut at every edge of every window, so that an event is looked at once for all as-of dates."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from sqlglot import exp

from salesml.snapshots.sql import col, date, greatest, grouped, joined, named, rel, select, table_of, whole

DATES = "as_of_dates"
EDGES = "edges"

_BEGINNING = dt.date(1, 1, 1)


@dataclass(frozen=True)
class Timeline:
    """As-of dates and the intervals between all edges of their windows.

    Interval ``i`` holds the days from edge ``i`` to the day before edge ``i + 1``; interval 0
    begins with time itself. A window is then a range of intervals, and whether something was known
    before an as-of date is a comparison of two small whole numbers.

    Parameters
    ----------
    as_of : sequence of date
        In rising order.
    reaches : sequence of int
        Days before an as-of date at which windows begin.
    """

    as_of: tuple[dt.date, ...]
    reaches: tuple[int, ...]
    edges: tuple[dt.date, ...] = field(init=False)

    def __post_init__(self) -> None:
        days = {_BEGINNING, *self.as_of}
        days |= {_back(day, reach) for day in self.as_of for reach in self.reaches}
        object.__setattr__(self, "edges", tuple(sorted(days)))

    @classmethod
    def of(cls, as_of: Sequence[dt.date], reaches: Iterable[int]) -> Timeline:
        return cls(tuple(sorted(set(as_of))), tuple(sorted(set(reaches))))

    def edge(self, k: int, reach: int) -> int:
        """The interval that begins so many days before an as-of date."""
        return self.edges.index(_back(self.as_of[k], reach))

    def dates(self) -> exp.Select:
        """The step of as-of dates: ``k``, ``as_of``, the interval ``until`` and one ``since_`` per reach."""
        place = {day: index for index, day in enumerate(self.edges)}
        rows = [
            [
                whole(k),
                date(day),
                whole(place[day]),
                *(whole(place[_back(day, reach)]) for reach in self.reaches),
            ]
            for k, day in enumerate(self.as_of)
        ]
        return table_of(rows, ["k", "as_of", "until", *(since(reach) for reach in self.reaches)])

    def intervals(self) -> exp.Select:
        """The step of edges: ``i`` and ``edge``."""
        return table_of([[whole(i), date(day)] for i, day in enumerate(self.edges)], ["i", "edge"])


def since(reach: int) -> str:
    """The column of as-of dates that says in which interval a window begins."""
    return f"since_{reach}"


def calendar(days: exp.Select) -> exp.Select:
    """The interval ``i`` of each ``day`` of a query of distinct days."""
    query = select(
        col("day", "d"),
        named(greatest(col("i", "e")), "i"),
        source=days.subquery(exp.to_identifier("d", quoted=True)),
    )
    return grouped(
        joined(query, rel(EDGES, "e"), col("edge", "e") <= col("day", "d")),
        [col("day", "d")],
    )


def _back(day: dt.date, days: int) -> dt.date:
    # A window that reaches before the first year simply begins with time.
    return day - dt.timedelta(days=min(days, (day - _BEGINNING).days))
