"""The scores that today's are compared with: those of about a week before."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any, Final

import sqlalchemy as sa

from salesml.store.generations import Current
from salesml.store.models import HISTORY, WHOLE, Generation, History, Score
from salesml.web.desk.desk import Desk

_ROWS: Any = sa.orm.aliased(Score, name="earlier")
_FIGURES: Any = sa.orm.aliased(History, name="earlier")

WEEK: Final = 7
LONGEST: Final = 45
"""Days; older scores say nothing of what is new."""

LEAST: Final = 0.01
LEAST_SHARE: Final = 0.1
"""A chance that moved by less than one point in a hundred, or than a tenth of itself, is as it was."""


@dataclass(frozen=True)
class Earlier:
    """A generation that was current before."""

    id: int
    as_of: dt.date
    state: str

    @property
    def figures(self) -> Any:
        """Its table of figures, under a name of its own: the rows themselves, or what is left of them."""
        return _ROWS if self.state == WHOLE else _FIGURES


def earlier(desk: Desk, now: Current) -> Earlier | None:
    """The generation nearest to a week before the one that is shown; the latest of that day."""
    query = (
        sa.select(Generation.id, Generation.as_of, Generation.state)
        .where(Generation.name == now.name, Generation.state.in_((WHOLE, HISTORY)))
        .where(Generation.as_of < now.as_of, Generation.as_of >= now.as_of - dt.timedelta(days=LONGEST))
    )
    found = [Earlier(*row) for row in desk.connection.execute(query)]
    wanted = now.as_of - dt.timedelta(days=WEEK)
    return min(found, key=lambda each: (abs((each.as_of - wanted).days), -each.id), default=None)


def trend(before: float | None, now: float | None) -> str:
    """``up``, ``down``, ``same``; ``new`` where there was no score before."""
    if before is None or now is None:
        return "new"
    if abs(now - before) < max(LEAST, LEAST_SHARE * before):
        return "same"
    return "up" if now > before else "down"
