"""What the templates of an account and of a prospect are given, on a page of the site as in a file."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from salesml.store.generations import Current
from salesml.web.desk import Desk
from salesml.web.desk.account import Account, account
from salesml.web.desk.display import display
from salesml.web.desk.likeness import LIKENESS, alike, chance_of
from salesml.web.drawn import drawn, went


def of_account(desk: Desk, now: Current, entity_id: str, reps: Mapping[str, str]) -> dict[str, Any] | None:
    """What is known of one account; nothing when it is not there, or not theirs to see."""
    found = account(desk, now, entity_id)
    return _score(desk, now, found, reps) if found else None


def of_prospect(desk: Desk, now: Current, entity_id: str, reps: Mapping[str, str]) -> dict[str, Any] | None:
    """What is known of one prospect, and the customers that it resembles."""
    found = account(desk, now, entity_id)
    if found is None:
        return None
    likeness = desk.of_task(*LIKENESS)
    other = likeness if likeness and likeness.id != now.id else None
    return _score(desk, now, found, reps) | {
        "likeness": other,
        "fits": chance_of(desk, other, entity_id) if other else None,
        "alike": alike(desk, [now, *([other] if other else [])], entity_id),
    }


def _score(desk: Desk, now: Current, found: Account, reps: Mapping[str, str]) -> dict[str, Any]:
    return {
        "now": now, "account": found, "task": now.task, "shown": display(desk, now.id),
        "rep": reps.get(found.rep_id or "", found.rep_id),
        **drawn(found, now.task), **went(desk, now, found, now.task),
    }  # fmt: skip
