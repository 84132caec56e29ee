"""Writing a table whole or not at all: Parquet or CSV, by the name's ending."""

from __future__ import annotations

import csv
import datetime as dt
import io
import os
import re
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

import pyarrow as pa
import pyarrow.parquet as pq

from salesml.errors import Fault, OutsideError, UsageError
from salesml.words import effect
from salesml.words.english import JOIN

ENDINGS = (".parquet", ".csv")

FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""First letters of a text that spreadsheets would run as a formula."""


def write(
    batches: Iterable[pa.RecordBatch],
    schema: pa.Schema,
    path: Path | str,
    *,
    overwrite: bool = False,
    metadata: Mapping[str, str] | None = None,
) -> int:
    """Write record batches as one file and return the number of rows.

    The file is written aside in the same folder and takes its name when it is whole and on disk.

    Parameters
    ----------
    path : Path
        Ends in ``.parquet`` or ``.csv``. In CSV, lists of reasons become text, and a text that a
        spreadsheet would run as a formula gets an apostrophe before it; numbers never do.
    overwrite : bool
        Whether a file that is there may be replaced.
    metadata : mapping of str to str
        Kept in the Parquet file beside the schema.

    Raises
    ------
    UsageError
        ``bad-ending``, ``missing-folder``, ``no-database``, or ``file-exists`` without ``overwrite``.
    OutsideError
        ``not-written`` when the disk is full or refuses; what was there before stays whole.
    """
    path = Path(path)
    check_target(path, overwrite=overwrite)
    write_rows = _parquet if path.suffix.lower() == ".parquet" else _csv
    counted = _Counted(batches)
    with aside(path, overwrite=overwrite) as file:
        write_rows(counted, schema.with_metadata(dict(metadata or {})), file)
    return counted.rows


def check_target(path: Path, *, overwrite: bool = False) -> None:
    """That a table may be written there, by trying; worth asking before long work.

    Raises
    ------
    UsageError
        ``no-database``, ``bad-ending``, ``missing-folder`` or ``file-exists``.
    OutsideError
        ``not-written`` when no file can be made in the folder.
    """
    refuse_database(path)
    faults = []
    if path.suffix.lower() not in ENDINGS:
        faults.append(
            Fault(
                code="bad-ending",
                found=f"{path} ends in {path.suffix or 'nothing'}",
                allowed=f"A table is written as {' or '.join(ENDINGS)}",
            )
        )
    if not path.parent.is_dir():
        faults.append(
            Fault(code="missing-folder", found=f"The folder {path.parent} does not exist", do="Make it first")
        )
    if not overwrite and _taken(path):
        faults.append(_exists(path))
    if faults:
        raise UsageError(faults)
    try_folder(path.parent, path)


def try_folder(folder: Path, path: Path) -> None:
    """That a file can be made in a folder: better now than after long work.

    Raises
    ------
    OutsideError
        ``not-written``, which names ``path``.
    """
    with failing(path), tempfile.TemporaryFile(dir=folder):
        pass


def refuse_database(path: Path) -> None:
    """That a place is none in a database.

    Raises
    ------
    UsageError
        ``no-database``.
    """
    if re.match(r"[a-z][a-z0-9+]+:/", str(path)):
        # The address is not repeated: it may hold a password.
        raise UsageError(
            Fault(
                code="no-database",
                found="The place to write to is the address of a database",
                allowed=f"Such a table is written to a file, {' or '.join(ENDINGS)}",
                do="Write a file, and load that into the database; `salesml score` and `salesml publish` "
                "write to a store",
            )
        )


def check_free(path: Path, *, overwrite: bool = False) -> None:
    """That nothing stands there already."""
    if not overwrite and _taken(path):
        raise UsageError(_exists(path))


def _taken(path: Path) -> bool:
    return path.exists() or path.is_symlink()


@contextmanager
def aside(path: Path, *, overwrite: bool) -> Iterator[IO[bytes]]:
    """A file beside ``path`` that takes its name when the block ends well, and vanishes otherwise."""
    with failing(path):
        handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
        temporary = Path(name)
        try:
            with os.fdopen(handle, "wb") as file:
                yield file
                file.flush()
                os.fsync(file.fileno())
            temporary.chmod(0o666 & ~_umask())
            _name(temporary, path, overwrite)
            _sync(path.parent)
        finally:
            temporary.unlink(missing_ok=True)


@contextmanager
def failing(path: Path) -> Iterator[None]:
    """Errors of the system while ``path`` is written, in words."""
    try:
        yield
    except FileExistsError:
        raise UsageError(_exists(path)) from None
    except OSError as error:
        denied = isinstance(error, PermissionError)
        why = f"{error.strerror or error}{f' ({error.filename})' if denied and error.filename else ''}"
        raise OutsideError(
            Fault(
                code="not-written",
                found=f"{path} could not be written: {why}",
                do=("Run this as the user who writes there" if denied else "Make room")
                + ", or choose another place; what was there before is untouched",
            )
        ) from error


def text_cell(text: str) -> str:
    """A text that no spreadsheet runs as a formula."""
    return "'" + text if text.startswith(FORMULA) else text


def _name(temporary: Path, path: Path, overwrite: bool) -> None:
    if overwrite:
        temporary.replace(path)
        return
    try:
        os.link(temporary, path)  # fails where another process was quicker
    except FileExistsError:
        raise
    except OSError:
        # A file system without links: the check before must do.
        if path.exists():
            raise FileExistsError(path) from None
        temporary.replace(path)


def _umask() -> int:
    mask = os.umask(0o022)
    os.umask(mask)
    return mask


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


class _Counted:
    """Batches that are counted as they pass."""

    def __init__(self, batches: Iterable[pa.RecordBatch]) -> None:
        self.batches = batches
        self.rows = 0

    def __iter__(self) -> Iterator[pa.RecordBatch]:
        for batch in self.batches:
            self.rows += batch.num_rows
            yield batch


def _parquet(batches: Iterable[pa.RecordBatch], schema: pa.Schema, file: IO[bytes]) -> None:
    with pq.ParquetWriter(file, schema, compression="zstd") as writer:
        for batch in batches:
            writer.write_batch(batch.replace_schema_metadata(schema.metadata))


def _csv(batches: Iterable[pa.RecordBatch], schema: pa.Schema, file: IO[bytes]) -> None:
    text = io.TextIOWrapper(file, encoding="utf-8", newline="", write_through=True)
    try:
        rows = csv.writer(text)
        rows.writerow([text_cell(name) for name in schema.names])
        for batch in batches:
            columns = [_cells(batch.column(name), name, batch) for name in schema.names]
            rows.writerows(zip(*columns, strict=True))
        text.flush()
    finally:
        text.detach()


def _cells(column: pa.Array, name: str, batch: pa.RecordBatch) -> list[str]:
    if pa.types.is_list(column.type):
        task = batch.column("task")[0].as_py() if "task" in batch.schema.names and len(batch) else ""
        return [text_cell(reasons_text(value, task)) for value in column.to_pylist()]
    return list(map(_cell_writer(column.type), column.to_pylist()))


def _cell_writer(kind: pa.DataType) -> Callable[[Any], str]:
    if pa.types.is_string(kind) or pa.types.is_large_string(kind):
        return lambda value: "" if value is None else text_cell(value)
    return _plain_cell


def _plain_cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, dt.date):
        return value.isoformat()
    return repr(value) if isinstance(value, float) else str(value)


def reasons_text(reasons: list[dict[str, Any]] | None, task: str = "") -> str:
    """Reasons as one text, strongest first."""
    return JOIN.join(
        effect(reason["words"], reason["direction"], reason["strength"], task) for reason in reasons or []
    )


def _exists(path: Path) -> Fault:
    return Fault(
        code="file-exists",
        found=f"{path} exists already",
        allowed="A file is never overwritten",
        do="Name another file, or remove this one",
    )
