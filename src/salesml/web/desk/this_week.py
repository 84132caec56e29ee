"""What somebody with a book should do first this week: whom to call, why, and what changed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import sqlalchemy as sa

from salesml.store.generations import Current
from salesml.store.models import SCORED, Moved, Reasons, Score
from salesml.web.desk.account import ACTIONABLE, RAISES
from salesml.web.desk.desk import Desk
from salesml.web.desk.display import Display, display
from salesml.web.desk.earlier import LEAST, LEAST_SHARE, Earlier, earlier, trend
from salesml.web.desk.plain import mapping, mappings

CHURN: Final = "churn"
PROSPECTS: Final = ("conversion", "seeds", "fit")

FIRST: Final = 5
"""Lines of each part: what somebody does in a day or two, not a list."""

LOOKED_AT: Final = 400
"""Accounts of a book that are compared with a week before."""


@dataclass(frozen=True)
class Call:
    """An account or prospect to call.

    Attributes
    ----------
    reasons : sequence of mapping
        As in the score table, strongest first.
    moved : mapping
        What moved the score.
    before : float or None
        The chance about a week before.
    """

    entity_id: str
    name: str | None
    rep_id: str | None
    probability: float
    value: float | None
    expected: float | None
    hours: float | None
    reasons: Sequence[Mapping[str, Any]]
    moved: Mapping[str, Any] = field(default_factory=dict)
    before: float | None = None

    @property
    def called(self) -> str:
        return self.name or self.entity_id

    @property
    def trend(self) -> str:
        return trend(self.before, self.probability)

    @property
    def why(self) -> str:
        """The reason to begin with: the strongest that raises the score, one that can be worked on first."""
        raising = [each for each in self.reasons if each.get("direction") == RAISES and each.get("words")]
        to_work_on = [each for each in raising if each.get("tag") == ACTIONABLE]
        return str((to_work_on or raising)[0]["words"]) if raising else ""

    @property
    def by_worth(self) -> bool:
        """Whether it is among the first for its value: it has reasons, and none of them raises the score."""
        return bool(self.reasons and not self.why and self.expected is not None and self.trend != "up")

    @property
    def changed(self) -> str:
        """What changed and raised the score most, as it was published beside the scores."""
        data = self.moved.get("data")
        moved = [each for each in data if isinstance(each, dict)] if isinstance(data, list) else []
        return next((str(each["words"]) for each in moved if each.get("words") and _raises(each)), "")


@dataclass(frozen=True)
class Week:
    """What to do first.

    Attributes
    ----------
    calls : sequence of Call
        Accounts with most at stake.
    risen : sequence of Call
        Other accounts whose risk rose by most money since about a week before.
    prospects : sequence of Call
        The first of the list within the week's hours, or those that may bring most.
    """

    now: Current | None
    shown: Display
    earlier: Earlier | None
    calls: Sequence[Call]
    risen: Sequence[Call]
    prospects: Sequence[Call]
    shown_prospects: Display
    prospects_of: Current | None

    @property
    def says_something(self) -> bool:
        return bool(self.calls or self.prospects)

    @property
    def generation(self) -> tuple[int, ...]:
        """Which scores it was made of."""
        return tuple(each.id for each in (self.now, self.prospects_of) if each)

    @property
    def as_of(self) -> dt.date | None:
        return next((each.as_of for each in (self.now, self.prospects_of) if each), None)


def this_week(desk: Desk) -> Week:
    """The week of the person's own book and of those that they stand in for today."""
    now, later = desk.of_task(CHURN), desk.of_task(*PROSPECTS)
    before = earlier(desk, now) if now else None
    calls = _calls(desk, now, before) if now else []
    return Week(
        now=now,
        shown=display(desk, now.id) if now else Display(),
        earlier=before,
        calls=calls,
        risen=_risen(desk, now, before, [each.entity_id for each in calls]) if now and before else [],
        prospects=_prospects(desk, later) if later else [],
        shown_prospects=display(desk, later.id) if later else Display(),
        prospects_of=later,
    )


def _own(desk: Desk) -> list[str]:
    """A manager sees more books, and calls the customers of one."""
    return [each for each in (desk.person.rep_id, *desk.person.standing_in) if each]


_SCORED: Final = (Score.status == SCORED, Score.probability.is_not(None))


_COLUMNS: Final = (
    Score.entity_id, Score.name, Score.rep_id, Score.probability, Score.value, Score.expected,
    Score.expected_hours, Reasons.reasons,
)  # fmt: skip


def _calls(desk: Desk, now: Current, before: Earlier | None) -> list[Call]:
    figures: Any = before.figures if before else None
    query = _rows(desk, now, Moved.moved, figures.probability if before else sa.null())
    query = query.outerjoin(Moved, _same(Moved)).where(Score.expected.is_not(None))
    if before:
        query = query.outerjoin(figures, _then(figures, before))
    query = query.order_by(Score.expected.desc(), Score.id).limit(FIRST)
    return [_call(row, row[-2], row[-1]) for row in desk.connection.execute(query)]


def _risen(desk: Desk, now: Current, before: Earlier, others: Sequence[str]) -> list[Call]:
    """Of those with most at stake, since no risk rises by more money than is at stake now.

    They are found by their figures alone: reasons and moves are long to read.
    """
    figures: Any = before.figures
    most = (
        desk.visible(now.id, Score.id, books=_own(desk))
        .where(Score.status == SCORED)
        .order_by(Score.expected.is_(None), Score.expected.desc(), Score.id)
        .limit(LOOKED_AT)
    ).subquery("most")
    rise = Score.probability - figures.probability
    first = (
        desk.visible(now.id, Score.id, figures.probability.label("before"), books=_own(desk))
        .join(most, most.c.id == Score.id)
        .join(figures, _then(figures, before))
        .where(*_SCORED, Score.entity_id.not_in(others))
        .where(rise >= LEAST, rise >= LEAST_SHARE * figures.probability)
        .order_by(*_by_rise(rise))
        .limit(FIRST)
    ).subquery("first")
    query = (
        _rows(desk, now, Moved.moved, first.c.before)
        .join(first, first.c.id == Score.id)
        .outerjoin(Moved, _same(Moved))
        .order_by(*_by_rise(Score.probability - first.c.before))
    )
    return [_call(row, row[-2], row[-1]) for row in desk.connection.execute(query)]


def _by_rise(rise: sa.ColumnElement[Any]) -> tuple[Any, ...]:
    return (rise * sa.func.coalesce(Score.value, 0)).desc(), rise.desc(), Score.id


def _prospects(desk: Desk, now: Current) -> list[Call]:
    """The list of the week, in its order; where none was made, what may bring most."""
    listed = _rows(desk, now).where(Score.rank.is_not(None)).order_by(Score.rank, Score.id).limit(FIRST)
    best = _rows(desk, now).where(Score.expected.is_not(None))
    best = best.order_by(Score.expected.desc(), Score.id).limit(FIRST)
    rows = desk.connection.execute(listed).all() or desk.connection.execute(best).all()
    return [_call(row, None, None) for row in rows]


def _rows(desk: Desk, now: Current, *more: Any) -> sa.Select[Any]:
    return (
        desk.visible(now.id, *_COLUMNS, *more, books=_own(desk))
        .outerjoin(Reasons, Reasons.score_id == Score.id)
        .where(*_SCORED)
    )


def _same(table: type[Moved]) -> sa.ColumnElement[bool]:
    return sa.and_(table.generation_id == Score.generation_id, table.entity_id == Score.entity_id)


def _then(figures: Any, before: Earlier) -> sa.ColumnElement[bool]:
    return sa.and_(figures.generation_id == before.id, figures.entity_id == Score.entity_id)


def _call(row: Any, moved: str | None, before: float | None) -> Call:
    entity, name, rep, probability, value, expected, hours, reasons = row[:8]
    return Call(
        entity, name, rep, probability, value, expected, hours, mappings(reasons), mapping(moved), before
    )


def _raises(moved: Mapping[str, Any]) -> bool:
    return moved.get("direction") == RAISES
