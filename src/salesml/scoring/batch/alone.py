"""One job at a time in one place: a lock that the system frees when its holder dies."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from salesml.errors import Fault, OutsideError
from salesml.scoring.batch.places import Place


@contextmanager
def alone(place: Place) -> Iterator[None]:
    """Hold the lock of a place while the block lasts.

    Raises
    ------
    OutsideError
        ``job-running`` when another process holds it.
    """
    handle = _take(place)
    try:
        yield
    finally:
        if not place.partition:
            _leave_nothing(place)
        os.close(handle)


@contextmanager
def hold(lock: Path) -> Iterator[None]:
    """Hold a lock that is there, if it still is.

    Raises
    ------
    OutsideError
        ``job-running`` when another process holds it.
    """
    try:
        handle = os.open(lock, os.O_RDWR)
    except FileNotFoundError:  # its job has just finished
        yield
        return
    try:
        _lock(handle, f"what belongs to {lock.parent}")
        yield
    finally:
        os.close(handle)


def _take(place: Place) -> int:
    while True:
        place.make()
        try:
            handle = os.open(place.lock, os.O_RDWR | os.O_CREAT, 0o600)
        except FileNotFoundError:  # another job has just finished and left nothing
            continue
        try:
            _lock(handle, place.shown())
            if _is_still(handle, place):
                return handle
        except BaseException:
            os.close(handle)
            raise
        os.close(handle)


def _lock(handle: int, place: str) -> None:
    try:
        import fcntl
    except ImportError:  # a system without such locks: nobody else is kept out
        return
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise OutsideError(
            Fault(
                code="job-running",
                found=f"Another job is writing {place} now",
                allowed="One job at a time writes to one place",
                do="Wait for it and run this one again; if it is the same job, there is nothing left to do",
            )
        ) from None


def _is_still(handle: int, place: Place) -> bool:
    """Whether the file that is locked is the one that others would lock."""
    with suppress(FileNotFoundError):
        return os.path.samestat(os.fstat(handle), place.lock.stat())
    return False


def _leave_nothing(place: Place) -> None:
    """Where no work is left, no folder is; only the holder of the lock may remove it."""
    with suppress(OSError):
        place.work.rmdir()
        place.work.parent.rmdir()
        place.lock.unlink()
        place.private.rmdir()
