"""Who stands in today for whom somebody leads."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

import sqlalchemy as sa

from salesml.store.access import Person
from salesml.store.engine import Store
from salesml.store.people import Deputy


def stand_ins(store: Store, person: Person, today: dt.date) -> Mapping[str, list[tuple[str, dt.date]]]:
    """By rep who stands in for them today, and the last day of it."""
    query = (
        sa.select(Deputy.rep_id, Deputy.deputy_id, sa.func.max(Deputy.ends_on))
        .where(Deputy.ended_at.is_(None), Deputy.starts_on <= today, Deputy.ends_on >= today)
        .group_by(Deputy.rep_id, Deputy.deputy_id)
        .order_by(Deputy.rep_id, Deputy.deputy_id)
    )
    if person.led is not None:
        query = query.where(Deputy.rep_id.in_(sorted(person.led)))
    found: dict[str, list[tuple[str, dt.date]]] = {}
    rows = store.read(lambda connection: connection.execute(query).all(), store.feedback)
    for rep, deputy, last in rows:
        found.setdefault(rep, []).append((deputy, last))
    return found
