"""A dataset of scores: folders by task and date, each a link that turns to a new generation at once."""

from __future__ import annotations

import datetime as dt
import os
import shutil
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from salesml.errors import DataError, Fault, UsageError
from salesml.scoring.batch.durable import TEMPORARY, make_folder, rename, sync_folder
from salesml.scoring.batch.manifest import MANIFEST, is_whole, read_manifest
from salesml.scoring.batch.parts import PARTS
from salesml.scoring.batch.places import Place, place_of
from salesml.scoring.table import horizons_in, schema

KEPT = 2
"""Generations that stay, the current one among them: a reader that is at the one before can finish."""

TRIES = 3

BY_FOLDER = ("task", "as_of")
"""Columns that stand in the names of the folders, as every reader of such datasets expects."""


def current(place: Place) -> Path | None:
    """The generation that readers see: its folder, with the manifest in it."""
    try:
        return Path(os.path.normpath(place.link.parent / place.link.readlink())).parent
    except OSError:
        return None


def check_partition(place: Place, name: str) -> None:
    """That nothing else stands where the link goes.

    Raises
    ------
    UsageError
        ``not-a-generation`` for what salesml did not write, ``other-model`` for scores of another spec.
    """
    if not place.link.is_symlink():
        if place.link.exists():
            raise UsageError(
                Fault(
                    code="not-a-generation",
                    found=f"{place.shown()} is not a link to scores that salesml wrote",
                    allowed="Files of others are never replaced",
                    do="Move it away, or name another folder",
                )
            )
        return
    folder = current(place)
    manifest = read_manifest(folder / MANIFEST) if folder else None
    if manifest and manifest["model"]["name"] != name:
        raise UsageError(
            Fault(
                code="other-model",
                found=f"{place.shown()} holds scores of the model {manifest['model']['name']}",
                allowed="A dataset has one model of a task",
                do=f"Give scores of {name} a folder of their own",
            )
        )


def finished(place: Place, run_id: str) -> Path | None:
    """A generation of this very job that is there and whole."""
    folder = place.generations / run_id
    manifest = read_manifest(folder / MANIFEST)
    return folder if manifest and is_whole(folder, manifest) else None


def publish(place: Place, built: Path, run_id: str) -> None:
    """Move a finished generation to its place and turn the link to it, in one step."""
    folder = place.generations / run_id
    if built.exists():
        shutil.rmtree(folder, ignore_errors=True)  # a damaged one of the same name
        rename(built, folder)
    turn(place, run_id)


def turn(place: Place, run_id: str) -> None:
    """Have readers see a generation that is there."""
    parts = place.generations / run_id / PARTS
    waiting = place.work / f"{run_id}{TEMPORARY}"  # never in the dataset, where readers would find it
    waiting.unlink(missing_ok=True)
    waiting.symlink_to(os.path.relpath(parts.resolve(), place.link.parent.resolve()))
    rename(waiting, place.link)


def forget(place: Place, keep: int = KEPT) -> list[str]:
    """Remove generations that readers no longer see, but for the newest; their names."""
    seen = current(place)
    others = [folder for folder in place.generations.iterdir() if seen is None or folder.name != seen.name]
    others.sort(key=lambda folder: (folder.stat().st_mtime_ns, folder.name), reverse=True)
    gone = others[max(0, keep - 1) :]
    for folder in gone:
        shutil.rmtree(folder, ignore_errors=True)
    if gone:
        sync_folder(place.generations)
    return [folder.name for folder in gone]


def read_scores(folder: str | Path, task: str, as_of: dt.date | str) -> pa.Table:
    """The scores of a task and a date as they were published last.

    The generation is looked up once and read from the files that its manifest names, so that a job
    which publishes meanwhile changes nothing.

    Parameters
    ----------
    folder : str or Path
        What ``salesml score --out`` named.
    task : str
        Such as ``churn``.
    as_of : date or text such as "2026-01-31"

    Returns
    -------
    pyarrow.Table
        See :func:`salesml.scoring.table.schema`; its metadata hold ``salesml.run_id``.

    Raises
    ------
    UsageError
        ``no-scores`` when nothing was published there.
    DataError
        ``changed-file`` when a file is not there or not what was written.
    """
    place = place_of(Path(folder), task, str(as_of))
    fault: Exception | None = None
    for _ in range(TRIES):
        seen = current(place) if place.partition else None
        manifest = read_manifest(seen / MANIFEST) if seen else None
        if seen is None or manifest is None:
            raise UsageError(Fault(code="no-scores", found=f"{folder} holds no scores of {task} for {as_of}"))
        try:
            return _read(seen, manifest, task, dt.date.fromisoformat(str(as_of)))
        except (OSError, pa.ArrowException) as error:
            fault = error  # this generation may just have been removed: look up the current one
    raise DataError(
        Fault(
            code="changed-file",
            found=f"The scores in {place.shown()} cannot be read: {fault}",
            do="Run the scoring job again: it writes what is missing",
        )
    ) from fault


def _read(folder: Path, manifest: dict[str, Any], task: str, as_of: dt.date) -> pa.Table:
    wanted = schema(task, horizons=horizons_in(manifest.get("schema", ())))
    names = [each["file"] for each in manifest["files"] if each["file"].startswith(f"{PARTS}/")]
    read = [pq.ParquetFile(folder / name, page_checksum_verification=True).read() for name in names]
    table = pa.concat_tables(read) if read else wanted.empty_table().drop_columns(list(BY_FOLDER))
    fixed = {
        "task": pa.repeat(task, len(table)),
        "as_of": pa.repeat(pa.scalar(as_of, pa.date32()), len(table)),
    }
    columns = [fixed[field.name] if field.name in fixed else table[field.name] for field in wanted]
    return pa.table(columns, schema=wanted.with_metadata({"salesml.run_id": manifest["run_id"]}))


def make_generation(folder: Path) -> None:
    """The folders of a generation that is being written."""
    make_folder(folder / PARTS)
