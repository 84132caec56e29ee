"""Prospects: whom to take on within the hours of a week."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import sqlalchemy as sa

from salesml.store.generations import Current
from salesml.store.models import SCORED, Score
from salesml.web.desk.counts import MOST_ROWS, counts
from salesml.web.desk.desk import Desk
from salesml.web.desk.workload import LOT, Workload, workload

TASKS: Final = ("conversion", "seeds", "fit")
"""What a list of prospects is ordered by: the first of these that is published."""

LISTED: Final = (
    Score.rank, Score.return_on_effort.is_(None), Score.return_on_effort.desc(), Score.expected.is_(None),
    Score.expected.desc(), Score.id,
)  # fmt: skip
EVERYBODY: Final = (Score.rank.is_(None), *LISTED)
BY_VALUE: Final = (Score.expected.is_(None), Score.expected.desc(), Score.probability.desc(), Score.id)


@dataclass(frozen=True)
class Asked:
    """Which prospects somebody asked for.

    Attributes
    ----------
    search : str
        A part of the name or id.
    rep_id : str or None
        Only this rep's.
    everything : bool
        Also those that are not on a list of this week.
    page, rows : int
        From 1, and how many a page has.
    """

    search: str = ""
    rep_id: str | None = None
    everything: bool = False
    page: int = 1
    rows: int = 50

    @property
    def books(self) -> tuple[str, ...] | None:
        """Those asked for; nothing for all."""
        return (self.rep_id,) if self.rep_id else None


@dataclass(frozen=True)
class Prospect:
    """A line of the list."""

    entity_id: str
    name: str | None
    rep_id: str | None
    probability: float
    band: str | None
    value: float | None
    expected: float | None
    expected_hours: float | None
    return_on_effort: float | None
    rank: int | None
    picked: str | None
    unlisted: str | None
    strongest: str | None
    strongest_direction: str | None

    @property
    def called(self) -> str:
        return self.name or self.entity_id

    @property
    def by_lot(self) -> bool:
        return self.picked == LOT


@dataclass(frozen=True)
class Found:
    """A page of prospects.

    Attributes
    ----------
    count : int
        Prospects of all pages.
    scored, unscored : int
        Prospects of the books asked for, on a list or not.
    too_many : bool
        Whether a rep must be chosen first.
    """

    lines: Sequence[Prospect]
    count: int
    scored: int
    unscored: int
    workload: Workload
    asked: Asked
    too_many: bool = False

    @property
    def pages(self) -> int:
        return max(1, -(-self.count // self.asked.rows))


def prospects(desk: Desk, now: Current, asked: Asked) -> Found:
    """A page of the prospects that could be scored: listed ones first, or by what they may bring."""
    counted = counts(desk, now, asked.rep_id)
    if counted.rows > MOST_ROWS:
        return Found([], counted.scored, counted.scored, counted.unscored, Workload(False), asked, True)
    held = workload(desk, now, asked.rep_id)
    chosen = _chosen(asked, held)
    count = counted.scored
    if asked.search:
        query = desk.visible(now.id, sa.func.count(), books=asked.books).where(*chosen)
        count = int(desk.connection.execute(query).scalar_one())
    elif _only_listed(asked, held):
        count = held.listed
    lines = _lines(desk, now, asked, chosen, _order(asked, held)) if count else []
    return Found(lines, count, counted.scored, counted.unscored, held, asked)


def _lines(
    desk: Desk,
    now: Current,
    asked: Asked,
    chosen: Sequence[sa.ColumnElement[bool]],
    order: Sequence[sa.SQLColumnExpression[Any]],
) -> list[Prospect]:
    query = (
        desk.visible(
            now.id, Score.entity_id, Score.name, Score.rep_id, Score.probability, Score.band, Score.value,
            Score.expected, Score.expected_hours, Score.return_on_effort, Score.rank, Score.picked,
            Score.unlisted, Score.strongest, Score.strongest_direction, books=asked.books,
        )
        .where(*chosen)
        .order_by(*order)
        .limit(asked.rows)
        .offset((asked.page - 1) * asked.rows)
    )  # fmt: skip
    return [Prospect(*row) for row in desk.connection.execute(query)]


def _only_listed(asked: Asked, held: Workload) -> bool:
    return held.ranked and not asked.everything and not asked.search


def _order(asked: Asked, held: Workload) -> Sequence[sa.SQLColumnExpression[Any]]:
    """Listed ones come in the order of an index of theirs, which no other order would be read by."""
    if not held.ranked:
        return BY_VALUE
    return LISTED if _only_listed(asked, held) else EVERYBODY


def _chosen(asked: Asked, held: Workload) -> list[sa.ColumnElement[bool]]:
    chosen: list[sa.ColumnElement[bool]] = [Score.status == SCORED]
    if asked.search:
        called = sa.func.coalesce(Score.name, "") + " " + Score.entity_id
        chosen.append(called.icontains(asked.search, autoescape=True))
    elif _only_listed(asked, held):
        chosen.append(Score.rank.is_not(None))
    return chosen
