"""Taking turns: one load or erasure at a time in a store, and none that outlives its owner.

Every transaction of a writer first makes sure that the turn is still its own, so that one that was stopped,
and goes on after another has taken over, can change nothing any more.
"""

from __future__ import annotations

import datetime as dt
import os
import secrets
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final, TypeVar

import sqlalchemy as sa

from salesml.errors import Fault, OutsideError, SalesmlError
from salesml.store.engine import Store
from salesml.store.models import Turn
from salesml.store.moments import clock

T = TypeVar("T")

LASTS: Final = 120
"""Seconds that a turn lasts after its owner's latest sign of life."""

WAIT: Final = 600
"""Seconds to wait for another's turn to end."""

_NAME = "writing"
_ASK_AGAIN = 0.25
_ENDED = ("Z", "X")  # how the kernel calls a process that has ended, and only waits to be counted


class Writer:
    """Whoever has the turn to write; :func:`turn` makes one."""

    def __init__(self, store: Store, owner: str) -> None:
        self.store, self.owner = store, owner

    def write(self, work: Callable[[sa.Connection], T], *, lasts: int = LASTS) -> T:
        """Do some work in one transaction, if the turn is still this writer's.

        Raises
        ------
        OutsideError
            ``lost-turn`` when another has taken over; ``store-away``.
        """

        def renewed(connection: sa.Connection) -> T:
            self._renew(connection, lasts)
            return work(connection)

        return self.store.write(renewed)

    def _renew(self, connection: sa.Connection, lasts: int) -> None:
        until = clock(connection) + dt.timedelta(seconds=lasts)
        mine = sa.update(Turn).where(Turn.name == _NAME, Turn.owner == self.owner)
        if connection.execute(mine.values(expires_at=until)).rowcount != 1:
            raise OutsideError(
                Fault(
                    code="lost-turn",
                    found="Another job has taken over the store, as nothing was heard of this one for "
                    f"{LASTS} seconds",
                    do="Run this job again; it has published nothing",
                )
            )

    def end(self) -> None:
        """Let the next one write."""
        mine = sa.update(Turn).where(Turn.name == _NAME, Turn.owner == self.owner)
        self.store.write(lambda connection: connection.execute(mine.values(_NOBODY)))


_NOBODY = {"owner": None, "taken_at": None, "expires_at": None}


@contextmanager
def turn(store: Store, *, wait: float = WAIT) -> Iterator[Writer]:
    """Take the turn to write, and give it back.

    Parameters
    ----------
    wait : float
        Seconds to wait for another to end.

    Raises
    ------
    OutsideError
        ``publishing-elsewhere`` when it has not ended by then.
    """
    writer = Writer(store, new_owner())
    until = time.monotonic() + wait
    while (other := _attempt(store, writer.owner)) is not None:
        if time.monotonic() >= until:
            raise _elsewhere(other)
        time.sleep(min(_ASK_AGAIN, max(0.0, until - time.monotonic())))
    try:
        yield writer
    finally:
        # Where the store is away now, the turn ends by itself.
        with suppress(SalesmlError):
            writer.end()


def holder(connection: sa.Connection) -> Turn | None:
    """Who has the turn now, if anybody who is alive."""
    row = connection.execute(sa.select(*Turn.__table__.c).where(Turn.name == _NAME)).one()
    found = Turn(**row._mapping)
    return found if found.owner and not _over(found, clock(connection)) else None


def words_of(owner: str) -> str:
    """An owner as a person reads it."""
    host, pid, *_ = [*owner.split("|"), "", ""]
    return f"process {pid} on {host}"


def _attempt(store: Store, owner: str) -> Turn | None:
    """Take the turn, or say who has it; those who wait look without getting in the writer's way."""
    return store.read(holder) or store.write(lambda connection: _take(connection, owner))


def _take(connection: sa.Connection, owner: str) -> Turn | None:
    """Take the turn, or say who has it."""
    query = sa.select(*Turn.__table__.c).where(Turn.name == _NAME).with_for_update()
    found = Turn(**connection.execute(query).one()._mapping)
    moment = clock(connection)
    if found.owner and found.owner != owner and not _over(found, moment):
        return found
    values = {"owner": owner, "taken_at": moment, "expires_at": moment + dt.timedelta(seconds=LASTS)}
    connection.execute(sa.update(Turn).where(Turn.name == _NAME).values(values))
    return None


def _over(found: Turn, moment: dt.datetime) -> bool:
    """Whether a turn has ended although nobody said so: by time, or as its process is no more."""
    return found.expires_at is None or found.expires_at <= moment or is_dead(found.owner or "")


def new_owner() -> str:
    """Who this is, for others to see whether it still lives: machine, process, and a word of its own."""
    return "|".join((socket.gethostname(), str(os.getpid()), _born(os.getpid()), secrets.token_hex(8)))


def is_dead(owner: str) -> bool:
    """Whether an owner was a process of this machine that is no more; others cannot be asked."""
    host, pid, born, *_ = [*owner.split("|"), "", "", ""]
    if host != socket.gethostname() or not pid.isdigit() or not born:
        return False
    return _born(int(pid)) != born


def _born(pid: int) -> str:
    """When a process of this machine began, by the kernel's count; nothing where it cannot be told."""
    boot, stat = Path("/proc/sys/kernel/random/boot_id"), Path(f"/proc/{pid}/stat")
    try:
        state, *fields = stat.read_text().rpartition(")")[2].split()
        return "" if state in _ENDED else f"{boot.read_text().strip()}:{fields[18]}"
    except (OSError, IndexError, ValueError):
        return ""


def _elsewhere(found: Turn) -> OutsideError:
    since = f" since {found.taken_at:%Y-%m-%d %H:%M:%S} UTC" if found.taken_at else ""
    return OutsideError(
        Fault(
            code="publishing-elsewhere",
            found=f"Somebody else is writing to the store{since}: {words_of(found.owner or '')}",
            allowed="One job writes at a time",
            do="Try again when it is done; nothing was written",
        )
    )
