"""Lists that go on in the scores they began with, although others are published meanwhile."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import fields

import sqlalchemy as sa

from salesml.store.generations import Current
from salesml.store.models import WHOLE, Generation, Score
from salesml.web.desk.desk import Desk
from salesml.web.refused import Gone


def still(desk: Desk, generation: int, tasks: tuple[str, ...]) -> Current:
    """A generation that is whole.

    Raises
    ------
    Gone
        When there is none of that number any more.
    """
    columns = [getattr(Generation, each.name) for each in fields(Current)]
    query = sa.select(*columns).where(
        Generation.id == generation, Generation.state == WHOLE, Generation.task.in_(tasks)
    )
    row = desk.connection.execute(query).one_or_none()
    if row is None:
        raise Gone
    return Current(*row)


def theirs_today(desk: Desk, now: Current, entity_ids: Iterable[str]) -> frozenset[str]:
    """Which accounts or prospects are theirs to see by the present scores."""
    query = desk.visible(now.id, Score.entity_id).where(Score.entity_id.in_(sorted(entity_ids)))
    return frozenset(desk.connection.execute(query).scalars())
