"""What a store knows of scoring jobs: the generation that a job made, and what it said of itself."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from salesml.store.engine import Store
from salesml.store.generations import current, point
from salesml.store.models import GONE, HISTORY, WHOLE, Generation
from salesml.store.turn import turn


@dataclass(frozen=True)
class Made:
    """The latest generation of a job that was ever whole.

    Attributes
    ----------
    generation : int
    whole : bool
        Whether its rows are still there.
    as_of : date
    summary : dict
        What the job said of itself.
    """

    generation: int
    whole: bool
    as_of: dt.date
    summary: dict[str, Any]


@dataclass(frozen=True)
class Now:
    """What readers see of a name."""

    generation: int
    as_of: dt.date
    run_id: str


def made_by(store: Store, name: str, run_id: str) -> Made | None:
    """What a job made; tables that were published by hand say nothing of a job."""
    query = (
        sa.select(Generation.id, Generation.state, Generation.as_of, Generation.summary)
        .where(Generation.name == name, Generation.scoring_run_id == run_id)
        .where(Generation.state.in_((WHOLE, HISTORY, GONE)), Generation.summary.is_not(None))
        .order_by(Generation.id.desc())
    )
    row = store.read(lambda connection: connection.execute(query).first())
    return Made(row.id, row.state == WHOLE, row.as_of, json.loads(row.summary)) if row else None


def seen(store: Store, name: str) -> Now | None:
    """What readers see of a name now."""
    return store.read(lambda connection: _seen(connection, name))


def _seen(connection: sa.Connection, name: str) -> Now | None:
    now = current(connection, name)
    if now is None:
        return None
    run_id = sa.select(Generation.scoring_run_id).where(Generation.id == now.id)
    return Now(now.id, now.as_of, connection.execute(run_id).scalar_one())


def point_back(store: Store, name: str, generation: int) -> None:
    """Make an earlier generation, which is still whole, the current one again.

    Raises
    ------
    OutsideError
        ``publishing-elsewhere``, ``lost-turn`` or ``store-away``.
    """
    with turn(store) as writer:
        writer.write(lambda connection: point(connection, name, generation, None))
