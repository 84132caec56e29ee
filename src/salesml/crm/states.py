"""Files that must stay what they were: a table is often replaced just while a job of the night reads it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from pathlib import Path

from salesml.errors import DataError, Fault, OutsideError

State = tuple[int, int, int, int]
"""Device, number, size and time of change."""


def state_of(file: Path) -> State:
    """What a file is now.

    Raises
    ------
    OutsideError
        ``not-read`` when the system does not say.
    """
    try:
        found = file.stat()
    except OSError as error:
        raise not_read(file, error) from error
    return found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns


def states_of(files: Iterable[Path]) -> dict[Path, State]:
    """What each file is now; see :func:`state_of`."""
    return {file: state_of(file) for file in files}


def check_states(before: Mapping[Path, State]) -> None:
    """That every file is still what it was.

    Raises
    ------
    DataError
        ``changed-meanwhile``, which names those that are not.
    OutsideError
        ``not-read``.
    """
    changed = [file for file, state in before.items() if state_of(file) != state]
    if changed:
        raise DataError([_changed(file) for file in changed])


def digest(file: Path) -> bytes:
    """SHA-256 of a file.

    Raises
    ------
    OutsideError
        ``not-read``.
    """
    try:
        with file.open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").digest()
    except OSError as error:
        raise not_read(file, error) from error


def _changed(file: Path) -> Fault:
    return Fault(
        code="changed-meanwhile",
        found=f"{file} was written to while it was read",
        allowed="A table stays as it is while it is scored",
        do="Run the job again when the table is whole; nothing was published",
    )


def not_read(file: Path, error: OSError) -> OutsideError:
    return OutsideError(
        Fault(
            code="not-read",
            found=f"{file} could not be read: {error.strerror or error}",
            do="Run the same job again when it is there",
        )
    )
