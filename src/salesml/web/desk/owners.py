"""Reps who have accounts or prospects."""

from __future__ import annotations

from salesml.store.models import Score
from salesml.web.desk.desk import Desk


def owners(desk: Desk, *tasks: str) -> list[str]:
    """Ids of the reps that have a row of any current model of some tasks, in their order."""
    shown = [now.id for now in desk.names.values() if now.task in tasks]
    found: set[str] = set()
    for generation in shown:
        query = desk.visible(generation, Score.rep_id).where(Score.rep_id.is_not(None)).distinct()
        found |= set(desk.connection.execute(query).scalars())
    return sorted(found)
