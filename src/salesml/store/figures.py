"""The figures that a store has of one model and date, whole or as history."""

from __future__ import annotations

import datetime as dt
from typing import Final

import pyarrow as pa
import sqlalchemy as sa

from salesml.store.engine import Store
from salesml.store.migrate import usable
from salesml.store.models import HISTORY, SCORED, WHOLE, Generation, History, Score

ROWS: Final = 50_000


def figures(store: Store, name: str, day: dt.date) -> pa.Table | None:
    """The probabilities that were published of a date.

    Returns
    -------
    pyarrow.Table or None
        ``entity_id`` and ``probability`` of the latest generation of that date; nothing where it has none.
    """
    return store.read(lambda connection: _read(connection, name, day)) if usable(store) else None


def _read(connection: sa.Connection, name: str, day: dt.date) -> pa.Table | None:
    latest = (
        sa.select(Generation.id, Generation.state)
        .where(Generation.name == name, Generation.as_of == day, Generation.state.in_((WHOLE, HISTORY)))
        .order_by(Generation.id.desc())
    )
    found = connection.execute(latest).first()
    if found is None:
        return None
    if found.state == WHOLE:
        query = sa.select(Score.entity_id, Score.probability).where(
            Score.generation_id == found.id, Score.status == SCORED
        )
    else:
        query = sa.select(History.entity_id, History.probability).where(History.generation_id == found.id)
    rows = connection.execution_options(yield_per=ROWS).execute(query)
    parts = [_table([row[0] for row in some], [row[1] for row in some]) for some in rows.partitions()]
    return pa.concat_tables(parts) if parts else _table([], [])


def _table(ids: list[str], numbers: list[float | None]) -> pa.Table:
    return pa.table({"entity_id": pa.array(ids, pa.string()), "probability": pa.array(numbers, pa.float64())})
