"""The score that somebody saw when they answered, whatever was published since."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import sqlalchemy as sa

from salesml.store.answers import Seen
from salesml.store.generations import Current
from salesml.store.models import Generation, History, Reasons, Score
from salesml.web.desk.desk import Desk
from salesml.web.desk.plain import mappings
from salesml.web.desk.prospects import TASKS

KINDS: Final[Mapping[str, tuple[str, ...]]] = {"account": ("churn",), "prospect": TASKS}
"""Tasks of the scores of accounts and of prospects; the first that is published is shown."""

LISTED: Final = ("band", "rank", "list", "pick_probability", "picked")
"""What a list says of a row, which stays with what is answered to it."""


@dataclass(frozen=True)
class Sight:
    """A score, as it was seen.

    Attributes
    ----------
    called : str
        What the account or prospect is called.
    reasons : mapping
        Words of the reasons, by their features; those of the present score are among them.
    """

    seen: Seen
    called: str
    reasons: Mapping[str, str]


def sight(desk: Desk, kind: str, entity_id: str, generation: int | None = None) -> Sight | None:
    """The score of a generation, or the present one; nothing unless it is theirs to see today.

    Parameters
    ----------
    kind : str
        A key of :data:`KINDS`.
    generation : int, optional
        Any that was published of the kind; where there is none such, the present one is taken.
    """
    now = desk.of_task(*KINDS[kind])
    if now is None:
        return None
    columns = (
        Score.name,
        Score.rep_id,
        Score.probability,
        Reasons.reasons,
        *(getattr(Score, n) for n in LISTED),
    )
    query = desk.visible(now.id, *columns).where(Score.entity_id == entity_id)
    row = desk.connection.execute(query.outerjoin(Reasons, Reasons.score_id == Score.id)).one_or_none()
    if row is None:
        return None
    seen = Seen(
        now.name, now.task, entity_id, now.as_of, now.model_version, row.probability, row.rep_id,
        **{name: getattr(row, name) for name in LISTED},
    )  # fmt: skip
    reasons = mappings(row.reasons)
    if generation is not None and generation != now.id:
        older = _older(desk, now, kind, seen, generation)
        if older:
            seen, reasons = older[0], [*reasons, *older[1]]
    return Sight(seen, row.name or entity_id, {features(each): str(each.get("words")) for each in reasons})


def features(reason: Mapping[str, Any]) -> str:
    """What a reason is known by in answers."""
    named = reason.get("features")
    return ",".join(map(str, named)) if isinstance(named, list) else ""


def _older(
    desk: Desk, now: Current, kind: str, seen: Seen, generation: int
) -> tuple[Seen, Sequence[Mapping[str, Any]]] | None:
    """What a generation said that is not shown any more, as far as it is kept."""
    kept: Any = sa.orm.aliased(Score, name="kept")
    left: Any = sa.orm.aliased(History, name="left_over")
    of_kept = sa.and_(kept.generation_id == Generation.id, kept.entity_id == Score.entity_id)
    of_left = sa.and_(left.generation_id == Generation.id, left.entity_id == Score.entity_id)
    query = (
        desk.visible(
            now.id, Generation.name, Generation.task, Generation.as_of, Generation.model_version,
            sa.func.coalesce(kept.probability, left.probability).label("probability"), Reasons.reasons,
            sa.func.coalesce(kept.band, left.band).label("band"),
            *(getattr(kept, name) for name in LISTED if name != "band"),
        )
        .select_from(Score)
        .join(Generation, Generation.id == generation)
        .outerjoin(kept, of_kept)
        .outerjoin(left, of_left)
        .outerjoin(Reasons, Reasons.score_id == kept.id)
        .where(Score.entity_id == seen.entity_id, Generation.task.in_(KINDS[kind]))
        .where(Generation.id < now.id, Generation.finished_at.is_not(None))
    )  # fmt: skip
    row = desk.connection.execute(query).one_or_none()
    if row is None:
        return None
    then = Seen(
        row.name, row.task, seen.entity_id, row.as_of, row.model_version, row.probability, seen.rep_id,
        **{name: getattr(row, name) for name in LISTED},
    )  # fmt: skip
    return then, mappings(row.reasons)
