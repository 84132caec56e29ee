"""Publishing a score table: loaded aside in short transactions, then pointed at in one.

Readers see the generation that was current before until the pointer moves, and the new one, whole, from then
on. A load that is killed leaves the old generation; the same table published again goes on where it stopped,
or, once it is there, changes nothing.
"""

from __future__ import annotations

import getpass
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import sqlalchemy as sa

from salesml.errors import DataError, Fault, OutsideError
from salesml.store import steps
from salesml.store.beside import Beside
from salesml.store.card_source import CardContent
from salesml.store.engine import Store
from salesml.store.erased import Forgotten
from salesml.store.failures import collides
from salesml.store.generations import (
    Current,
    abandon,
    abandon_others,
    begin,
    count,
    current,
    point,
    show,
    with_digest,
)
from salesml.store.migrate import ready
from salesml.store.models import WHOLE
from salesml.store.progress import Progress
from salesml.store.published import Published
from salesml.store.retention import Retention, retain
from salesml.store.rows import Entities
from salesml.store.source import ScoreTable, digest_of, digest_of_table, similar_table
from salesml.store.steps import Content
from salesml.store.tidy import tidy
from salesml.store.turn import WAIT, Writer, turn

FORM = "2"
"""The form of what is loaded: a change of it makes every content new, so that loads are not mixed."""

Say = Callable[[str], None]
Told = Callable[[int, int], None]


def publish(
    store: Store,
    path: Path,
    *,
    similar: Path | None = None,
    entities: pa.Table | None = None,
    accounts: pa.Table | None = None,
    reps: pa.Table | None = None,
    beside: Beside | None = None,
    retention: Retention | None = None,
    older: bool = False,
    wait: float = WAIT,
    summary: Mapping[str, Any] | None = None,
    say: Say = lambda _: None,
    told: Told | None = None,
) -> Published:
    """Publish a score table or a ranked list.

    Parameters
    ----------
    path : Path
        A Parquet file, or a folder of them, of one model and date.
    similar : Path, optional
        The table of similar accounts of the same prospects.
    entities : pyarrow.Table, optional
        Names and attributes to show: ``entity_id``, ``name``, ``attributes`` (a JSON object as text).
    accounts : pyarrow.Table, optional
        Names of the accounts that prospects resemble, in the same form.
    reps : pyarrow.Table, optional
        Who works them, in place of those that the store has: ``rep_id``, ``name``, ``team``, ``login``,
        ``role``, ``manager_id``, and ``hours_per_week`` where they are known.
    beside : Beside, optional
        Recent events, what moved scores, and what pages say of all of them.
    retention : Retention, optional
        What of older generations stays.
    older : bool
        Whether scores of an earlier date may take the place of later ones.
    wait : float
        Seconds to wait while another job writes.
    summary : mapping, optional
        What the scoring job says of itself; kept with the generation.
    told : callable, optional
        Called when the load begins and after each transaction with the rows that are done and all there
        are, in place of a line now and then; rows count twice where some could not be scored.

    Raises
    ------
    UsageError, DataError
        When the table is not one that can be published; ``older-scores``; ``repeated-entity``.
    OutsideError
        ``publishing-elsewhere``, ``lost-turn`` or ``store-away``; what was published before stays.
    """
    content = _content(path, similar, entities, accounts if similar else None, reps, beside or Beside())
    return publish_content(store, content, retention, older, wait, summary, say, told)


def publish_content(
    store: Store,
    content: Content | CardContent,
    retention: Retention | None,
    older: bool,
    wait: float,
    summary: Mapping[str, Any] | None,
    say: Say,
    told: Told | None = None,
) -> Published:
    """Publish some content that was read; the rest as for :func:`publish`."""
    ready(store)
    with turn(store, wait=wait) as writer:
        there = store.read(lambda connection: _there(connection, content))
        done = _already(there, content, older=older)
        if done is None:
            _refuse_older(there, content, older=older)
            done = _revived(writer, there, content) or _load(writer, content, summary, say, told)
        if not done.changed:
            return done
        return _tidied(writer, done, retention or Retention())


@dataclass(frozen=True)
class _There:
    """What the store has of a name: what is current, and where this content is already."""

    now: Current | None
    found: tuple[int, str] | None


def _content(
    path: Path,
    similar: Path | None,
    entities: pa.Table | None,
    accounts: pa.Table | None,
    reps: pa.Table | None,
    beside: Beside,
) -> Content:
    table = ScoreTable(path)
    near = similar_table(similar) if similar else None
    parts = [
        f"{FORM}, {steps.BATCH} rows at once",
        table.digest,
        near.digest if near else "",
        *(digest_of_table(each) for each in (entities, accounts, reps)),
        *beside.digests,
    ]
    team = reps.to_pylist() if reps else None
    return Content(
        table, near, Entities(entities), digest_of(parts), team, Entities(accounts), beside.files, beside.told
    )


def _there(connection: sa.Connection, content: Content | CardContent) -> _There:
    name = content.table.about.model
    return _There(current(connection, name), with_digest(connection, name, content.digest))


def _already(there: _There, content: Content | CardContent, *, older: bool) -> Published | None:
    """What to say when the content was published before; nothing when it is to be current again."""
    if there.found is None or there.now is None:
        return None
    about, is_now = content.table.about, there.now.id == there.found[0]
    if not is_now and older:
        return None
    notes = () if is_now else (f"Since then {about.model} as of {there.now.as_of} was published",)
    return Published(there.found[0], about.model, str(about.as_of), False, notes=notes)


def _refuse_older(there: _There, content: Content | CardContent, *, older: bool) -> None:
    about = content.table.about
    if there.now is None or about.as_of >= there.now.as_of or older:
        return
    raise DataError(
        Fault(
            code="older-scores",
            found=f"{content.table.path} holds {about.model} as of {about.as_of}; as of {there.now.as_of} is "
            "published already",
            allowed="Scores of an earlier date do not take the place of later ones by themselves",
            do="Give --older if they shall",
        )
    )


def _revived(writer: Writer, there: _There, content: Content | CardContent) -> Published | None:
    """An earlier generation of that content, current again; nothing when its rows are no longer there."""
    if there.found is None or there.found[1] != WHOLE:
        return None
    generation, about = there.found[0], content.table.about
    writer.write(lambda connection: point(connection, about.model, generation, content.reps))
    return Published(generation, about.model, str(about.as_of), True, content.table.rows)


def _load(
    writer: Writer,
    content: Content | CardContent,
    summary: Mapping[str, Any] | None,
    say: Say,
    told: Told | None,
) -> Published:
    about, store = content.table.about, writer.store
    kept = json.dumps(summary) if summary else None
    generation, start = writer.write(
        lambda connection: begin(
            connection, about, content.digest, by=_user(), summary=kept, display=content.display
        )
    )
    left = abandon_others(writer, keep=generation)
    if start:
        say("Going on with a load of the same table that was stopped")
    load = content.load(store.read(Forgotten.read), generation, store.published.dialect.name)
    at = _watching(say, told, content.places, start)
    try:
        for step in load.steps(start):
            writer.write(lambda connection, step=step: step.run(connection, generation))  # type: ignore[misc]
            at(step.end)
    except OutsideError:
        raise
    except Exception as error:
        # Going on later would come to the same.
        abandon(writer, generation)
        if collides(error):
            raise _repeated(content.table.path) from error
        raise
    tidy(store)
    counts = store.read(lambda connection: count(connection, generation))
    writer.write(lambda connection: show(connection, about.model, generation, counts, content.reps))
    notes = (f"Removed what was left of loads that did not end: {left}",) if left else ()
    return Published(
        generation, about.model, str(about.as_of), True,
        counts.rows, counts.unscored, counts.erased, counts.similar, counts.recent, counts.moves, notes,
    )  # fmt: skip


def _watching(say: Say, told: Told | None, places: int, start: int) -> Callable[[int], None]:
    """Who hears how far the load has come."""
    if told is None:
        return Progress(say, places, start).at
    told(start, places)
    return lambda done: told(done, places)


def _tidied(writer: Writer, done: Published, rule: Retention) -> Published:
    """Apply the rule of retention; readers have the new generation, whatever comes of it."""
    try:
        retain(writer, done.name, rule)
        tidy(writer.store)
    except OutsideError as error:
        note = f"Older generations could not be removed, which the next publishing does: {error}"
        return replace(done, notes=(*done.notes, note), alarming=True)
    return done


def _user() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return "unknown"


def _repeated(path: Path) -> DataError:
    return DataError(
        Fault(
            code="repeated-entity",
            found=f"{path}, or a table that is published beside it, has several rows of one account or "
            "prospect that are all scored",
            allowed="One row for each",
            do="Score again; nothing was published",
        )
    )
