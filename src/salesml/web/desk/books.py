"""The books of those whom somebody leads: how many accounts, how many of them at risk, what is at stake."""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final
from weakref import WeakKeyDictionary

import sqlalchemy as sa

from salesml.store.generations import Current
from salesml.store.models import SCORED, Score
from salesml.web.desk.counts import MOST_ROWS, SECONDS
from salesml.web.desk.desk import Desk

AT_RISK: Final = ("A", "B")
"""Bands that are called so."""

MOST_KEPT: Final = 1_000


@dataclass(frozen=True)
class Book:
    """One rep's accounts.

    Attributes
    ----------
    rows : int
        Accounts, also those that could not be scored.
    at_stake : float or None
        The sum of what is at stake; nothing where it is known of no account.
    at_risk : int or None
        Accounts of the two highest bands; nothing where there were too many rows to look at.
    """

    rep_id: str
    rows: int
    at_stake: float | None
    at_risk: int | None


_Key = tuple[int, "frozenset[str] | None"]
_kept: WeakKeyDictionary[sa.Engine, dict[_Key, tuple[float, list[Book]]]] = WeakKeyDictionary()


def books(desk: Desk, now: Current) -> list[Book]:
    """The books that somebody leads, the most at stake first; those without an account are not among them.

    Kept for some minutes, since a generation's rows do not change but by erasing.
    """
    kept = _kept.setdefault(desk.connection.engine, {})
    found = kept.get((now.id, desk.person.led))
    if found and time.monotonic() - found[0] < SECONDS:
        return found[1]
    if len(kept) >= MOST_KEPT:
        kept.clear()
    asked = _books(desk, now)
    kept[now.id, desk.person.led] = time.monotonic(), asked
    return asked


def _books(desk: Desk, now: Current) -> list[Book]:
    """Counted and added up by the index of books alone, as there may be a million rows."""
    query = (
        desk.visible(
            now.id, Score.rep_id, sa.func.count(), sa.func.sum(Score.expected), books=desk.person.led
        )
        .where(*([Score.rep_id.is_not(None)] if desk.person.led is None else []))
        .group_by(Score.rep_id)
    )
    rows = [tuple(row) for row in desk.connection.execute(query)]
    few = sum(row[1] for row in rows) <= MOST_ROWS
    at_risk = _at_risk(desk, now, (row[0] for row in rows)) if few else None
    found = [
        Book(rep, count, stake, None if at_risk is None else at_risk.get(rep, 0))
        for rep, count, stake in rows
    ]
    return sorted(found, key=lambda each: (each.at_stake is None, -(each.at_stake or 0.0), each.rep_id))


def _at_risk(desk: Desk, now: Current, reps: Iterable[str]) -> dict[str, int]:
    query = (
        desk.visible(now.id, Score.rep_id, sa.func.count(), books=reps)
        .where(Score.status == SCORED, Score.band.in_(AT_RISK))
        .group_by(Score.rep_id)
    )
    return {row[0]: row[1] for row in desk.connection.execute(query)}
