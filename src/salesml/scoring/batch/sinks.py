"""Where a finished generation goes: a dataset, or one file; ``delta`` and ``database`` are further ones."""

from __future__ import annotations

import re
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Protocol

import pyarrow as pa

from salesml.errors import Fault, UsageError
from salesml.scoring.batch import dataset, files
from salesml.scoring.batch.dataset import BY_FOLDER
from salesml.scoring.batch.delta import PREFIX, Delta
from salesml.scoring.batch.durable import digest_of
from salesml.scoring.batch.events import Teller
from salesml.scoring.batch.manifest import MANIFEST, read_manifest, write_manifest
from salesml.scoring.batch.parts import PARTS, QUARANTINE
from salesml.scoring.batch.places import Place, place_of
from salesml.scoring.table import horizons_in, schema
from salesml.scoring.write import check_target, refuse_database, try_folder

Manifest = Mapping[str, Any]


class Sink(Protocol):
    """A place that takes one generation, whole or not at all."""

    @property
    def place(self) -> Place:
        """Where it is."""

    @property
    def without(self) -> tuple[str, ...]:
        """Columns that stand in the names of folders instead."""

    def check(self, name: str) -> None:
        """That scores of a model may go there; worth asking before long work."""

    def there(self, run_id: str) -> dict[str, Any] | None:
        """The manifest of this very job, where it was finished and is whole."""

    def settle(self, run_id: str, teller: Teller) -> None:
        """Have readers see a job that was finished, and forget what is old."""

    def publish(self, built: Path, manifest: Manifest, teller: Teller) -> Manifest:
        """Make a generation visible in one step, and hand out its manifest; may be done again."""


def sink_of(out: Path, task: str, as_of: str) -> Sink:
    """What ``--out`` names: a dataset by task and date, one Parquet or CSV file, or ``delta:FOLDER``."""
    if str(out).startswith(PREFIX):
        _refuse_remote(str(out).removeprefix(PREFIX))
        return Delta(Path(str(out).removeprefix(PREFIX)).absolute(), task, as_of)
    refuse_database(out)
    place = place_of(out, task, as_of)
    return Dataset(place) if place.partition else OneFile(place, task)


def _refuse_remote(folder: str) -> None:
    if re.match(r"(?i)[a-z][a-z0-9+.-]*:/", folder):
        raise UsageError(
            Fault(
                code="no-remote",
                found=f"The Delta table is at an address ({folder.partition(':')[0]}:)",
                allowed="Delta tables are written on the disks of this machine",
                do="Name a folder and copy it there; or write there with --engine spark, as Parquet files",
            )
        )


class Dataset:
    """A folder of scores by task and date."""

    without = BY_FOLDER

    def __init__(self, place: Place) -> None:
        self.place = place

    def check(self, name: str) -> None:
        """That the partition is free or of the same model."""
        target = self.place.target
        if not target.parent.is_dir():
            raise UsageError(
                Fault(
                    code="missing-folder",
                    found=f"The folder {target.parent} does not exist",
                    do="Make it first",
                )
            )
        try_folder(target.parent, target)
        dataset.check_partition(self.place, name)

    def there(self, run_id: str) -> dict[str, Any] | None:
        """The manifest of the generation, whether readers see it or not."""
        folder = dataset.finished(self.place, run_id)
        return read_manifest(folder / MANIFEST) if folder else None

    def settle(self, run_id: str, teller: Teller) -> None:
        """Turn to the generation, if another one is seen."""
        if dataset.current(self.place) != self.place.generations / run_id:
            dataset.turn(self.place, run_id)
        dataset.forget(self.place)

    def publish(self, built: Path, manifest: Manifest, teller: Teller) -> Manifest:
        """Manifest, move, link."""
        write_manifest(built / MANIFEST, manifest)
        dataset.publish(self.place, built, str(manifest["run_id"]))
        dataset.forget(self.place)
        return manifest


class OneFile:
    """A file that was not there before; its manifest and what could not be scored stand beside it."""

    without: tuple[str, ...] = ()

    def __init__(self, place: Place, task: str) -> None:
        self.place = place
        self.task = task

    @property
    def path(self) -> Path:
        """The file."""
        return self.place.target

    def check(self, name: str) -> None:
        """That a file of this ending can be made there."""
        check_target(self.path, overwrite=True)

    def there(self, run_id: str) -> dict[str, Any] | None:
        """The manifest beside the file."""
        there = files.is_there(self.path, run_id)
        return read_manifest(files.manifest_of(self.path)) if there else None

    def settle(self, run_id: str, teller: Teller) -> None:
        """A file that is there is seen."""

    def publish(self, built: Path, manifest: Manifest, teller: Teller) -> Manifest:
        """Merge, manifest, name."""
        merged = built / self.path.name
        told = {"salesml.run_id": str(manifest["run_id"]), "salesml.audit": manifest["audit"]}
        files.merge(_parts(built, manifest, PARTS), _schema(self.task, manifest), merged, told)
        apart = self.path.with_name(self.path.name + ".quarantine.parquet")
        files.set_apart(_parts(built, manifest, QUARANTINE), built / "quarantine.parquet", apart)
        whole = {"file": self.path.name, "rows": manifest["rows"], "sha256": digest_of(merged)}
        manifest = {**manifest, "files": [whole]}
        write_manifest(files.manifest_of(self.path), manifest)
        files.give_name(merged, self.path)
        return manifest


def _schema(task: str, manifest: Manifest) -> pa.Schema:
    return schema(task, horizons=horizons_in(manifest["schema"]))


def _parts(built: Path, manifest: Manifest, folder: str) -> list[Path]:
    return [built / each["file"] for each in manifest["files"] if each["file"].startswith(f"{folder}/")]


def clear(place: Place, but: str = "") -> None:
    """Remove what unfinished jobs of this place left; all but one."""
    for folder in place.work.iterdir():
        if folder.name == but:
            continue
        if folder.is_dir() and not folder.is_symlink():
            shutil.rmtree(folder, ignore_errors=True)
        else:
            folder.unlink(missing_ok=True)
