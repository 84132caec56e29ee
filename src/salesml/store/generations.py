"""The life of a generation: begun, filled, found whole, pointed at, or abandoned."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import sqlalchemy as sa

from salesml.errors import Fault, OutsideError
from salesml.store.models import (
    ABANDONED,
    GONE,
    HISTORY,
    LOADING,
    PLACES,
    SCORED,
    WHOLE,
    Generation,
    Moved,
    Pointer,
    Reasons,
    Recent,
    Rep,
    Score,
    ScorecardRow,
    Similar,
)
from salesml.store.moments import clock
from salesml.store.source import About
from salesml.store.turn import Writer

CHUNK = 2_500
"""Rows that are removed in one transaction."""


@dataclass(frozen=True)
class Current:
    """The generation that readers see."""

    id: int
    name: str
    task: str
    model_version: str
    as_of: dt.date
    digest: str
    rows: int
    unscored: int
    finished_at: dt.datetime | None


_SEEN = (
    Generation.id, Generation.name, Generation.task, Generation.model_version, Generation.as_of,
    Generation.digest, Generation.rows, Generation.unscored, Generation.finished_at,
)  # fmt: skip


def current(connection: sa.Connection, name: str) -> Current | None:
    """What is current of a name."""
    query = (
        sa.select(*_SEEN).join(Pointer, Pointer.generation_id == Generation.id).where(Pointer.name == name)
    )
    row = connection.execute(query).one_or_none()
    return Current(*row) if row else None


def every_current(connection: sa.Connection) -> dict[str, Current]:
    """What is current, by its name and in the order of the names."""
    query = sa.select(*_SEEN).join(Pointer, Pointer.generation_id == Generation.id).order_by(Pointer.name)
    return {row.name: Current(*row) for row in connection.execute(query)}


def with_digest(connection: sa.Connection, name: str, digest: str) -> tuple[int, str] | None:
    """The latest generation of that content that was ever whole, and its state."""
    query = (
        sa.select(Generation.id, Generation.state)
        .where(Generation.name == name, Generation.digest == digest)
        .where(Generation.state.in_((WHOLE, HISTORY, GONE)))
        .order_by(Generation.id.desc())
    )
    row = connection.execute(query).first()
    return (row.id, row.state) if row else None


def begin(
    connection: sa.Connection,
    about: About,
    digest: str,
    *,
    by: str,
    summary: str | None,
    display: str | None = None,
) -> tuple[int, int]:
    """A new generation of some content, or one of it that was begun before and not ended.

    Returns
    -------
    tuple of int
        Its id, and how far it has come.
    """
    begun = (
        sa.select(Generation.id, Generation.loaded)
        .where(Generation.name == about.model, Generation.digest == digest, Generation.state == LOADING)
        .order_by(Generation.id)
    )
    row = connection.execute(begun).first()
    if row:
        return row.id, row.loaded
    made = sa.insert(Generation).values(
        name=about.model, task=about.task, model_version=about.model_version, as_of=about.as_of,
        scoring_run_id=about.scoring_run_id, digest=digest, state=LOADING, loaded=0, rows=0, unscored=0,
        similar=0, erased=0, summary=summary, display=display, published_by=by, started_at=clock(connection),
    )  # fmt: skip
    key = connection.execute(made).inserted_primary_key
    return (int(key[0]) if key else 0), 0


class Move(Protocol):
    """Rows that take a load from one place to another."""

    @property
    def start(self) -> int: ...
    @property
    def end(self) -> int: ...
    @property
    def scored(self) -> int: ...
    @property
    def erased(self) -> int: ...


def advance(connection: sa.Connection, generation: int, move: Move, insert: Callable[[], None]) -> None:
    """Add rows and say how far the load has come, both or neither; nothing when that was done before.

    Raises
    ------
    OutsideError
        ``lost-load`` when somebody else has moved it.
    """
    moved = (
        sa.update(Generation)
        .where(Generation.id == generation, Generation.state == LOADING, Generation.loaded == move.start)
        .values(loaded=move.end, rows=Generation.rows + move.scored, erased=Generation.erased + move.erased)
    )
    if connection.execute(moved).rowcount == 1:
        insert()
        return
    come = connection.execute(sa.select(Generation.loaded).where(Generation.id == generation)).scalar()
    if come != move.end:
        raise _lost(f"it stands at place {come}, not {move.start}")


@dataclass(frozen=True)
class Counts:
    """What is in a generation."""

    rows: int
    unscored: int
    erased: int
    similar: int
    recent: int = 0
    moves: int = 0


def count(connection: sa.Connection, generation: int) -> Counts:
    """Count a generation's rows.

    Raises
    ------
    OutsideError
        ``lost-load`` when there are other rows than were loaded.
    """
    line = sa.select(Generation.rows, Generation.erased, Generation.state).where(Generation.id == generation)
    loaded, erased, state = connection.execute(line).one()
    counted = sa.select(sa.func.count(), sa.func.count().filter(Score.status == SCORED))
    rows, scored = connection.execute(counted.where(Score.generation_id == generation)).one()
    of_card = sa.select(sa.func.count()).where(ScorecardRow.generation_id == generation)
    told = connection.execute(of_card).scalar_one()
    rows, scored = rows + told, scored + told
    if state == LOADING and scored != loaded:
        raise _lost(f"{loaded:,} rows were loaded and {scored:,} are there")
    beside = [_rows_of(connection, table, generation) for table in (Similar, Recent, Moved)]
    return Counts(rows, rows - scored, erased, *beside)


def _rows_of(connection: sa.Connection, table: type[Similar | Recent | Moved], generation: int) -> int:
    query = sa.select(sa.func.count()).where(table.generation_id == generation)
    return int(connection.execute(query).scalar_one())


def show(
    connection: sa.Connection,
    name: str,
    generation: int,
    counts: Counts,
    reps: list[dict[str, str | float | None]] | None,
) -> None:
    """Mark a generation whole and make it the current one, both or neither."""
    moment = clock(connection)
    connection.execute(
        sa.update(Generation)
        .where(Generation.id == generation)
        .values(
            state=WHOLE,
            rows=counts.rows,
            unscored=counts.unscored,
            similar=counts.similar,
            finished_at=moment,
        )
    )
    point(connection, name, generation, reps)


def point(
    connection: sa.Connection, name: str, generation: int, reps: list[dict[str, str | float | None]] | None
) -> None:
    """Make a whole generation the current one of a name, and, where they are given, replace the reps."""
    if reps:
        connection.execute(sa.delete(Rep))
        connection.execute(sa.insert(Rep), reps)
    values = {"generation_id": generation, "moved_at": clock(connection)}
    if connection.execute(sa.update(Pointer).where(Pointer.name == name).values(values)).rowcount == 0:
        connection.execute(sa.insert(Pointer).values(name=name, **values))


def abandon_others(writer: Writer, keep: int | None = None) -> int:
    """Remove what loads left that did not end; how many there were.

    Parameters
    ----------
    keep : int, optional
        A generation that is going on.
    """
    query = sa.select(Generation.id).where(Generation.state == LOADING).order_by(Generation.id)
    left = [
        each for each in writer.store.read(lambda con: con.execute(query).scalars().all()) if each != keep
    ]
    for generation in left:
        abandon(writer, generation)
    return len(left)


def abandon(writer: Writer, generation: int) -> None:
    """Remove the rows of a load that will not end."""
    remove_rows(writer, generation)
    writer.write(lambda connection: set_state(connection, generation, ABANDONED))


def set_state(connection: sa.Connection, generation: int, state: str) -> None:
    """Say what became of a generation."""
    connection.execute(sa.update(Generation).where(Generation.id == generation).values(state=state))


def remove_rows(
    writer: Writer, generation: int, before: Callable[[sa.Connection, int, int], None] | None = None
) -> None:
    """Remove a generation's rows in short transactions, in the order of their ids.

    Parameters
    ----------
    before : callable, optional
        Called with the first and last id of the scores that are about to go, in the same transaction.
    """
    while writer.write(lambda connection: _remove_some(connection, generation, before)):
        pass


def _lost(found: str) -> OutsideError:
    return OutsideError(
        Fault(
            code="lost-load",
            found=f"Somebody else has changed the rows that were being loaded: {found}",
            do="Run this job again; it has published nothing",
        )
    )


_RANGES = (
    (Score.id, (Reasons.score_id,)), (Similar.id, ()), (Recent.id, ()), (Moved.id, ()), (ScorecardRow.id, ()),
)  # fmt: skip
"""Keys of tables whose ids say which generation they are of, and keys of what goes with them."""


def _remove_some(
    connection: sa.Connection, generation: int, before: Callable[[sa.Connection, int, int], None] | None
) -> bool:
    """Remove some rows; whether there were any."""
    low, high = generation * PLACES, (generation + 1) * PLACES - 1
    found = False
    for key, others in _RANGES:
        some = sa.select(key).where(key.between(low, high)).order_by(key).limit(CHUNK).subquery()
        first, last = connection.execute(sa.select(sa.func.min(some.c.id), sa.func.max(some.c.id))).one()
        if first is None:
            continue
        found = True
        if before and key is Score.id:
            before(connection, first, last)
        for each in (*others, key):
            connection.execute(sa.delete(each.class_).where(each.between(first, last)))
    return found
