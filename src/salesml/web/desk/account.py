"""All that is published of one account or prospect."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

import sqlalchemy as sa

from salesml.store.generations import Current
from salesml.store.models import HISTORY, SCORED, WHOLE, Generation, History, Moved, Reasons, Recent, Score
from salesml.web.desk.desk import Desk
from salesml.web.desk.earlier import LONGEST, WEEK, trend
from salesml.web.desk.plain import mapping, mappings
from salesml.words.drawing.timeline import Then

ACTIONABLE: Final = "actionable"
RAISES: Final = "raises"

_ROW: Final = (
    Score.entity_id, Score.name, Score.attributes, Score.rep_id, Score.status, Score.problem,
    Score.probability, Score.base_value, Score.other_contribution, Score.band, Score.value, Score.expected,
    Score.expected_low, Score.expected_high, Score.expected_hours, Score.return_on_effort, Score.rank,
    Score.list, Score.picked, Score.unlisted, Score.curve, Reasons.reasons, Recent.events, Moved.moved,
)  # fmt: skip


@dataclass(frozen=True)
class Account:
    """An account or prospect with its score, if it has one.

    Attributes
    ----------
    attributes : mapping
        What is known of it, by the name of the attribute.
    curve : mapping
        How likely it is still there, by number of days; empty where its model does not tell.
    reasons : sequence of mapping
        Strongest first, each as in the score table.
    events : sequence of mapping
        The latest, newest first.
    moved : mapping
        What moved the score; empty where nothing was published of it.
    """

    entity_id: str
    name: str | None
    attributes: Mapping[str, Any]
    rep_id: str | None
    status: str
    problem: str | None
    probability: float | None
    base_value: float | None
    other_contribution: float | None
    band: str | None
    value: float | None
    expected: float | None
    expected_low: float | None
    expected_high: float | None
    expected_hours: float | None
    return_on_effort: float | None
    rank: int | None
    list: str | None
    picked: str | None
    unlisted: str | None
    curve: Mapping[int, float]
    reasons: Sequence[Mapping[str, Any]]
    events: Sequence[Mapping[str, Any]]
    moved: Mapping[str, Any]

    @property
    def called(self) -> str:
        return self.name or self.entity_id

    @property
    def scored(self) -> bool:
        return self.status == SCORED and self.probability is not None

    @property
    def explained(self) -> bool:
        """Whether it is known how the score comes about."""
        return self.scored and self.base_value is not None and self.other_contribution is not None

    def leaves(self, besides: int | None = None) -> Sequence[tuple[int, float]]:
        """How likely it leaves within so many days, the nearest first, but for those that are told anyway."""
        return [(days, 1.0 - stays) for days, stays in self.curve.items() if days != besides]

    @cached_property
    def to_work_on(self) -> Sequence[Mapping[str, Any]]:
        """Reasons that raise the score and about which something can be done."""
        return [each for each in self.raising if each.get("tag") == ACTIONABLE]

    @cached_property
    def raising(self) -> Sequence[Mapping[str, Any]]:
        return [each for each in self.reasons if each.get("direction") == RAISES]

    @cached_property
    def lowering(self) -> Sequence[Mapping[str, Any]]:
        return [each for each in self.reasons if each.get("direction") != RAISES]


def account(desk: Desk, now: Current, entity_id: str) -> Account | None:
    """One account or prospect; nothing when there is none, or it is not theirs to see."""
    query = (
        desk.visible(now.id, *_ROW)
        .where(Score.entity_id == entity_id)
        .outerjoin(Reasons, Reasons.score_id == Score.id)
        .outerjoin(Recent, _beside(Recent))
        .outerjoin(Moved, _beside(Moved))
    )
    row = desk.connection.execute(query).one_or_none()
    if row is None:
        return None
    values = dict(zip((each.key for each in _ROW), row, strict=True))
    return Account(**values | {
        "attributes": mapping(row.attributes), "curve": _curve(mapping(row.curve)),
        "reasons": mappings(row.reasons), "events": mappings(row.events), "moved": mapping(row.moved),
    })  # fmt: skip


def _curve(found: Mapping[str, Any]) -> Mapping[int, float]:
    """By rising number of days; what is not as expected is left out."""
    known = {
        int(days): float(stays)
        for days, stays in found.items()
        if days.isdecimal() and isinstance(stays, int | float) and not isinstance(stays, bool)
    }
    return dict(sorted(known.items()))


def course(desk: Desk, now: Current, found: Account) -> list[Then]:
    """The chances that one account or prospect had, up to the present one; one a day, the latest of it."""
    chances: dict[dt.date, float] = {}
    for figures, state in _COURSE:
        same = sa.and_(figures.generation_id == Generation.id, figures.entity_id == Score.entity_id)
        query = (
            desk.visible(now.id, Generation.as_of, figures.probability)
            .select_from(Score)
            .join(Generation, sa.and_(Generation.name == now.name, Generation.state == state))
            .join(figures, same)
            .where(Score.entity_id == found.entity_id, figures.probability.is_not(None))
            .where(Generation.as_of <= now.as_of, Generation.id != now.id)
            .order_by(Generation.id)
        )
        chances |= {row[0]: row[1] for row in desk.connection.execute(query)}
    if found.probability is not None:
        chances[now.as_of] = found.probability
    return [Then(day, chance) for day, chance in sorted(chances.items())]


def lately(course: Sequence[Then], day: dt.date) -> tuple[Then | None, str]:
    """The chance nearest to a week before a day, and how that of the day compares with it."""
    before = [each for each in course if each.day < day and (day - each.day).days <= LONGEST]
    then = min(before, key=lambda each: abs((day - each.day).days - WEEK), default=None)
    present = course[-1].chance if course and course[-1].day == day else None
    return then, trend(then.chance if then else None, present)


_COURSE: Final[tuple[tuple[Any, str], ...]] = (
    (sa.orm.aliased(History, name="figures"), HISTORY),
    (sa.orm.aliased(Score, name="figures"), WHOLE),
)


def _beside(table: type[Recent] | type[Moved]) -> sa.ColumnElement[bool]:
    return sa.and_(table.generation_id == Score.generation_id, table.entity_id == Score.entity_id)
