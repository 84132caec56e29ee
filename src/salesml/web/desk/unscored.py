"""Accounts and prospects that could not be scored."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from salesml.store.generations import Current
from salesml.store.models import SCORED, Score
from salesml.web.desk.counts import MOST_ROWS, counts
from salesml.web.desk.desk import Desk
from salesml.web.desk.lists import ORDERS


@dataclass(frozen=True)
class Unscored:
    """One of them, and why."""

    entity_id: str
    name: str | None
    rep_id: str | None
    problem: str | None

    @property
    def called(self) -> str:
        return self.name or self.entity_id


@dataclass(frozen=True)
class UnscoredPage:
    """A page of them."""

    lines: Sequence[Unscored]
    count: int
    page: int
    pages: int


def unscored(desk: Desk, now: Current, rep_id: str | None, page: int, rows: int) -> UnscoredPage:
    """A page of those that could not be scored; none where a rep must be chosen first."""
    counted = counts(desk, now, rep_id)
    if not counted.unscored or counted.rows > MOST_ROWS:
        return UnscoredPage([], counted.unscored, page, 1)
    query = (
        desk.visible(
            now.id, Score.entity_id, Score.name, Score.rep_id, Score.problem,
            books=(rep_id,) if rep_id else None,
        )
        .where(Score.status != SCORED)
        .order_by(*ORDERS["name"])
        .limit(rows)
        .offset((page - 1) * rows)
    )  # fmt: skip
    lines = [Unscored(*row) for row in desk.connection.execute(query)]
    return UnscoredPage(lines, counted.unscored, page, max(1, -(-counted.unscored // rows)))
