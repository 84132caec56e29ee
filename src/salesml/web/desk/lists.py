"""Lists of accounts and prospects: a page of rows at a time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import sqlalchemy as sa

from salesml.store.models import SCORED, Score
from salesml.web.desk.desk import Desk

ORDERS: Final = {
    "at-stake": (Score.expected.desc(), Score.entity_id),
    "chance": (Score.probability.desc(), Score.entity_id),
    "value": (Score.value.desc(), Score.entity_id),
    "name": (sa.func.lower(sa.func.coalesce(Score.name, Score.entity_id)), Score.entity_id),
}
"""How a list may be sorted."""


@dataclass(frozen=True)
class Wanted:
    """Which rows of a list somebody asked for.

    Attributes
    ----------
    search : str
        A part of the name or id, in any case of letters.
    band : str or None
    rep_id : str or None
        Only this rep's.
    order : str
        A key of :data:`ORDERS`.
    page : int
        From 1.
    rows : int
        Rows of a page.
    """

    search: str = ""
    band: str | None = None
    rep_id: str | None = None
    order: str = "at-stake"
    page: int = 1
    rows: int = 50


@dataclass(frozen=True)
class Line:
    """One account or prospect of a list."""

    entity_id: str
    name: str | None
    rep_id: str | None
    probability: float
    band: str
    value: float | None
    expected: float | None
    strongest: str | None
    strongest_direction: str | None

    @property
    def called(self) -> str:
        return self.name or self.entity_id


@dataclass(frozen=True)
class Listed:
    """A page of a list, and how many rows all pages have."""

    lines: Sequence[Line]
    count: int
    wanted: Wanted

    @property
    def pages(self) -> int:
        return max(1, -(-self.count // self.wanted.rows))


def listed(desk: Desk, generation: int, wanted: Wanted) -> Listed:
    """A page of the rows of a generation that could be scored."""
    chosen = _chosen(wanted)
    count = desk.connection.execute(desk.visible(generation, sa.func.count()).where(*chosen)).scalar_one()
    query = (
        desk.visible(
            generation, Score.entity_id, Score.name, Score.rep_id, Score.probability, Score.band,
            Score.value, Score.expected, Score.strongest, Score.strongest_direction,
        )
        .where(*chosen)
        .order_by(*ORDERS[wanted.order])
        .limit(wanted.rows)
        .offset((wanted.page - 1) * wanted.rows)
    )  # fmt: skip
    lines = [Line(*row) for row in desk.connection.execute(query)]
    return Listed(lines, count, wanted)


def _chosen(wanted: Wanted) -> list[sa.ColumnElement[bool]]:
    chosen: list[sa.ColumnElement[bool]] = [Score.status == SCORED]
    if wanted.band:
        chosen.append(Score.band == wanted.band)
    if wanted.rep_id:
        chosen.append(Score.rep_id == wanted.rep_id)
    if wanted.search:
        called = sa.func.coalesce(Score.name, "") + " " + Score.entity_id
        chosen.append(called.icontains(wanted.search, autoescape=True))
    return chosen
