"""What the lists of some reps hold, and the hours it takes: counted once in a while."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from weakref import WeakKeyDictionary

import sqlalchemy as sa

from salesml.store.generations import Current
from salesml.store.models import Rep, Score
from salesml.web.desk.counts import MOST_KEPT, SECONDS
from salesml.web.desk.desk import Desk

LOT: Final = "explore"


@dataclass(frozen=True)
class Workload:
    """What the lists of some reps hold.

    Attributes
    ----------
    ranked : bool
        Whether the prospects were put into lists at all.
    listed : int
    by_lot : int
        Those of them that were drawn by lot.
    work : float or None
        Hours that the listed are expected to take; missing where that is known of none.
    hours : float or None
        Hours that the reps have; missing where one of them has none named.
    """

    ranked: bool
    listed: int = 0
    by_lot: int = 0
    work: float | None = None
    hours: float | None = None


_Key = tuple[int, "frozenset[str] | None", "str | None"]
_kept: WeakKeyDictionary[sa.Engine, dict[_Key, tuple[float, Workload]]] = WeakKeyDictionary()


def workload(desk: Desk, now: Current, rep_id: str | None) -> Workload:
    """What the lists hold; counted once in a while, since generations never change."""
    kept = _kept.setdefault(desk.connection.engine, {})
    key = (now.id, desk.person.books, rep_id)
    found = kept.get(key)
    if found and time.monotonic() - found[0] < SECONDS:
        return found[1]
    if len(kept) >= MOST_KEPT:
        kept.clear()
    held = _counted(desk, now, rep_id)
    kept[key] = time.monotonic(), held
    return held


def _counted(desk: Desk, now: Current, rep_id: str | None) -> Workload:
    listed = Score.rank.is_not(None)
    query = desk.visible(
        now.id, Score.rep_id, sa.func.count(Score.list), sa.func.count(Score.rank),
        sa.func.count(sa.case((Score.picked == LOT, 1))),
        sa.func.sum(sa.case((listed, Score.expected_hours))), books=None if rep_id is None else (rep_id,),
    ).group_by(Score.rep_id)  # fmt: skip
    rows = [tuple(row) for row in desk.connection.execute(query)]
    of_reps = [row for row in rows if row[0] is not None]  # a list of nobody has no hours
    work = [row[4] for row in of_reps if row[4] is not None]
    return Workload(
        ranked=any(row[1] for row in rows),
        listed=sum(row[2] for row in rows),
        by_lot=sum(row[3] for row in rows),
        work=sum(work) if work else None,
        hours=_hours(desk, [row[0] for row in of_reps if row[2]]),
    )


def _hours(desk: Desk, reps: Sequence[str]) -> float | None:
    """The hours that reps with a list have in a week."""
    query = sa.select(Rep.hours_per_week).where(Rep.rep_id.in_(reps))
    found = list(desk.connection.execute(query).scalars())
    known = [each for each in found if each is not None]
    return sum(known) if known and len(known) == len(reps) else None
