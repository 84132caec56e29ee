"""Pictures of a score for its page: how it comes about, and how it went."""

from __future__ import annotations

from typing import Any

from markupsafe import Markup

from salesml.store.generations import Current
from salesml.web.desk import Desk
from salesml.web.desk.account import Account, course, lately
from salesml.words.drawing.timeline import timeline
from salesml.words.drawing.waterfall import NARROW, WIDE, steps_of, waterfall


def drawn(found: Account, task: str) -> dict[str, Any]:
    """How the score comes about, for wide and for narrow pages, and as a table."""
    if not found.explained:
        return {"wide": None, "narrow": None, "steps": []}
    row = {
        "task": task, "entity_id": found.called, "base_value": found.base_value,
        "other_contribution": found.other_contribution, "reasons": found.reasons,
    }  # fmt: skip
    return {
        "wide": Markup(waterfall(row, WIDE)),
        "narrow": Markup(waterfall(row, NARROW)),
        "steps": steps_of(row),
    }


def went(desk: Desk, now: Current, found: Account, task: str) -> dict[str, Any]:
    """How the score went, and how it was about a week before."""
    points = course(desk, now, found)
    then, way = lately(points, now.as_of)
    return {
        "course": points, "timeline": Markup(timeline(points, task)) if len(points) > 1 else None,
        "then": then, "trend": way,
    }  # fmt: skip
