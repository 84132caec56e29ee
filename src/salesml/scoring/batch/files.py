"""One file of scores: streamed from the parts, and given its name when it is whole and on disk."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from salesml.errors import Fault, UsageError
from salesml.scoring.batch.durable import digest_of, rename, sync_folder
from salesml.scoring.batch.manifest import as_written, read_manifest
from salesml.scoring.write import write


def manifest_of(path: Path) -> Path:
    """Where a file's manifest stands: beside it."""
    return path.with_name(path.name + ".manifest.json")


def is_there(path: Path, run_id: str) -> bool:
    """Whether the file is what this very job wrote.

    Raises
    ------
    UsageError
        ``file-exists`` for any other file.
    """
    if not path.exists() and not path.is_symlink():
        return False
    manifest = read_manifest(manifest_of(path))
    if manifest and manifest["run_id"] == run_id and as_written(_entry(manifest), digest_of(path)):
        return True
    raise UsageError(
        Fault(
            code="file-exists",
            found=f"{path} exists already",
            allowed="A file is never overwritten",
            do="Name another file, or remove this one",
        )
    )


def merge(parts: Sequence[Path], schema: pa.Schema, path: Path, metadata: Mapping[str, str]) -> None:
    """All parts as one file in the work folder."""
    path.unlink(missing_ok=True)
    write(_batches(parts), schema, path, metadata=metadata)


def set_apart(parts: Sequence[Path], merged: Path, apart: Path) -> None:
    """What could not be scored as one file beside the scores; none where all could be."""
    if not parts:
        apart.unlink(missing_ok=True)
        return
    merge(parts, pq.read_schema(parts[0]), merged, {})
    rename(merged, apart)


def give_name(built: Path, path: Path) -> None:
    """Let the finished file appear under its name, unless something stands there by now."""
    try:
        os.link(built, path)
    except FileExistsError:
        raise
    except OSError:  # a file system without links: the check before must do
        if path.exists():
            raise FileExistsError(path) from None
        built.replace(path)
    sync_folder(path.parent)


def _batches(parts: Sequence[Path]) -> Iterator[pa.RecordBatch]:
    for part in parts:
        yield from pq.ParquetFile(part, page_checksum_verification=True).iter_batches(16_384)


def _entry(manifest: Mapping[str, Any]) -> Mapping[str, Any]:
    files = manifest.get("files")
    return files[0] if isinstance(files, list) and files else {"sha256": ""}
