"""Files that are on disk when a call returns, and are whole or not there."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

TEMPORARY = ".tmp"
"""What an unfinished file's name ends in; whoever finds one may remove it."""


def put(path: Path, data: bytes) -> str:
    """Write a file under its name only when it is whole and on disk; the SHA-256 of what it holds.

    Raises
    ------
    OSError
        As the system gives it; what stood under the name before is untouched.
    """
    temporary = path.with_name(path.name + TEMPORARY)
    with temporary.open("wb", buffering=0) as file:
        _write(file.fileno(), data)
        os.fsync(file.fileno())
    temporary.replace(path)
    sync_folder(path.parent)
    return hashlib.sha256(data).hexdigest()


def make_folder(path: Path, mode: int = 0o777) -> None:
    """Make a folder and those above it, each on disk."""
    if path.is_dir():
        return
    make_folder(path.parent)
    path.mkdir(mode=mode, exist_ok=True)
    sync_folder(path.parent)


def rename(source: Path, target: Path) -> None:
    """Give a file, a folder or a link another name, and have both folders on disk."""
    source.replace(target)
    sync_folder(target.parent)
    if source.parent != target.parent:
        sync_folder(source.parent)


def sync_folder(folder: Path) -> None:
    """Have the names in a folder on disk."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def digest_of(path: Path) -> str:
    """The SHA-256 of a file; empty when it cannot be read."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return ""


def _write(handle: int, data: bytes) -> None:
    """All of it: the system may take less at a time."""
    left = memoryview(data)
    while left:
        left = left[os.write(handle, left) :]
