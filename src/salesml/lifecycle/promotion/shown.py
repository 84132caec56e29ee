"""Published scores turned back to the last ones of a version: in a store, and in folders of scores."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from salesml.errors import Fault, UsageError
from salesml.scoring.batch import dataset
from salesml.scoring.batch.alone import alone
from salesml.scoring.batch.manifest import MANIFEST, is_whole, read_manifest
from salesml.scoring.batch.places import Place, place_of
from salesml.store.engine import Store
from salesml.store.generations import Current, current, point
from salesml.store.migrate import usable
from salesml.store.models import WHOLE, Generation
from salesml.store.turn import WAIT, turn


@dataclass(frozen=True)
class Turned:
    """What became of scores in one place.

    Parameters
    ----------
    place : str
        The store's address without a password, or a folder.
    changed : bool
        Whether readers see other scores now.
    done : bool
        Whether they see scores of the version that was restored.
    text : str
        What happened, in a sentence.
    """

    place: str
    changed: bool
    done: bool
    text: str

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


def check_store(address: str, name: str) -> None:
    """That a store can be reached, before anything is moved.

    Raises
    ------
    OutsideError
        ``store-away``.
    UsageError
        ``no-scores`` when nothing of the model is published there.
    """
    with Store(address) as store:
        now = store.read(lambda connection: current(connection, name)) if usable(store) else None
    if now is None:
        raise UsageError(
            Fault(
                code="no-scores",
                found=f"No scores of {name} are published in {store.address}",
                do="Leave out --store, or name the store whose pages show them; nothing was moved",
            )
        )


def turn_store(address: str, name: str, labels: Collection[str], *, wait: float = WAIT) -> Turned:
    """Show the generation that was last published of a version, if it is still kept whole.

    Parameters
    ----------
    labels : collection of str
        What its scores have as ``model_version``.
    """
    with Store(address) as store, turn(store, wait=wait) as writer:
        now, kept = store.read(lambda connection: _kept(connection, name, labels))
        place = str(store.address)
        if now is not None and now.model_version in labels:
            return Turned(place, False, True, f"{place} shows its scores already, as of {now.as_of}")
        if kept is None:
            return Turned(place, False, False, _not_kept(place, name, now))
        writer.write(lambda connection: point(connection, name, kept.id, None))
    return Turned(
        place, True, True, f"{place} shows its scores as of {kept.as_of} again (generation {kept.id})"
    )


def _kept(
    connection: sa.Connection, name: str, labels: Collection[str]
) -> tuple[Current | None, sa.Row[int, dt.date] | None]:
    query = (
        sa.select(Generation.id, Generation.as_of)
        .where(Generation.name == name, Generation.state == WHOLE)
        .where(Generation.model_version.in_(tuple(labels)))
        .order_by(Generation.id.desc())
    )
    kept: Any = connection.execute(query).first()
    return current(connection, name), kept


def _not_kept(place: str, name: str, now: Current | None) -> str:
    day = f" --as-of {now.as_of}" if now else ""
    return (
        f"{place} keeps no whole scores of the restored version. Score again with it: "
        f"salesml score {name}{day} --out FOLDER, then salesml publish --scores FOLDER --store URL --older"
    )


def turn_folder(folder: Path, name: str, task: str, labels: Collection[str]) -> list[Turned]:
    """Turn the links of a folder of scores to the generations of a version, date by date.

    Only dates whose scores are not of that version are turned; what the version has never scored stays, and
    is named.

    Raises
    ------
    UsageError
        ``no-scores`` for a folder that has none of the task.
    OutsideError
        ``job-running`` when a job is writing there.
    """
    return [_turned(place, name, labels) for place in places(folder, task)]


def places(folder: Path, task: str) -> list[Place]:
    """The dates of a task in a folder of scores, in order.

    Raises
    ------
    UsageError
        ``no-scores``.
    """
    found = sorted((folder / f"task={task}").glob("as_of=*"))
    if not found:
        raise UsageError(
            Fault(
                code="no-scores",
                found=f"{folder} is no folder of scores of {task} by date",
                allowed="A folder that `salesml score --out FOLDER` writes",
                do="Name that folder, or leave out --out; a single file is scored again",
            )
        )
    return [place_of(folder, task, each.name.partition("=")[2]) for each in found]


def _turned(place: Place, name: str, labels: Collection[str]) -> Turned:
    dataset.check_partition(place, name)
    seen = dataset.current(place)
    where, day = place.shown(), place.partition.rpartition("=")[2]
    if seen is not None and _version(seen) in labels:
        return Turned(where, False, True, f"{where} has its scores already")
    with alone(place):
        kept = _whole(place, labels)
        if kept is None:
            again = f"salesml score {name} --as-of {day} --out {place.target}"
            return Turned(where, False, False, f"{where} keeps no scores of it. Score again: {again}")
        dataset.turn(place, kept)
    return Turned(where, True, True, f"{where} has its scores again")


def _version(generation: Path) -> str:
    manifest = read_manifest(generation / MANIFEST)
    return str(manifest["model"]["version"]) if manifest else ""


def _whole(place: Place, labels: Collection[str]) -> str | None:
    """The latest generation of a version that is whole."""
    try:
        found = sorted(place.generations.iterdir(), key=lambda each: each.stat().st_mtime_ns, reverse=True)
    except OSError:
        return None
    for folder in found:
        manifest = read_manifest(folder / MANIFEST)
        if manifest and manifest["model"]["version"] in labels and is_whole(folder, manifest):
            return folder.name
    return None
