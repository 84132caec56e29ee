"""How many rows of a generation some books have: counted once in a while, since generations never change."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from weakref import WeakKeyDictionary

import sqlalchemy as sa

from salesml.store.generations import Current
from salesml.store.models import SCORED, Score
from salesml.web.desk.desk import Desk

SECONDS: Final = 300.0
"""After which is counted again: an erased customer's row is gone from a generation that is shown."""

MOST_KEPT: Final = 5_000

MOST_ROWS: Final = 20_000
"""Rows that a list may be chosen from, and that are counted one by one; whoever sees more chooses a rep."""


@dataclass(frozen=True)
class Counts:
    """Rows of a generation that somebody may see.

    Attributes
    ----------
    scored, unscored : int
    bands : mapping or None
        How many of each band; not counted for those who see every row of many.
    valued : int
        Rows of which is known what is at stake; not counted either.
    """

    scored: int
    unscored: int
    bands: Mapping[str, int] | None
    valued: int

    @property
    def rows(self) -> int:
        return self.scored + self.unscored


_Key = tuple[int, "frozenset[str] | None"]
_kept: WeakKeyDictionary[sa.Engine, dict[_Key, tuple[float, Counts]]] = WeakKeyDictionary()


def counts(desk: Desk, now: Current, rep_id: str | None = None) -> Counts:
    """How many rows the person may see, or of these how many are one rep's."""
    books = desk.person.books
    if rep_id is not None:
        books = frozenset({rep_id}) if desk.person.sees(rep_id) else frozenset()
    kept = _kept.setdefault(desk.connection.engine, {})
    found = kept.get((now.id, books))
    if found and time.monotonic() - found[0] < SECONDS:
        return found[1]
    if len(kept) >= MOST_KEPT:
        kept.clear()
    counted = _all(now) if books is None and now.rows > MOST_ROWS else _counted(desk, now, rep_id)
    kept[now.id, books] = time.monotonic(), counted
    return counted


def _all(now: Current) -> Counts:
    """As the load counted them."""
    return Counts(now.rows - now.unscored, now.unscored, None, 0)


def _counted(desk: Desk, now: Current, rep_id: str | None) -> Counts:
    query = desk.visible(
        now.id, Score.status, Score.band, sa.func.count(), sa.func.count(Score.expected),
        books=None if rep_id is None else (rep_id,),
    ).group_by(Score.status, Score.band)  # fmt: skip
    rows = [tuple(row) for row in desk.connection.execute(query)]
    scored = [row for row in rows if row[0] == SCORED]
    return Counts(
        scored=sum(row[2] for row in scored),
        unscored=sum(row[2] for row in rows if row[0] != SCORED),
        bands={str(row[1]): row[2] for row in scored if row[1] is not None},
        valued=sum(row[3] for row in scored),
    )
