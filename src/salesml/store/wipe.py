"""Making sure that the bytes of what was erased are gone from a database's files, as far as it can be."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Final

import sqlalchemy as sa

from salesml.store.engine import BUSY, Store, alone
from salesml.store.tidy import LARGE, checkpoint
from salesml.store.turn import Writer

REWRITTEN: Final = "The files were rewritten without them, and their logs emptied"
BEING_READ: Final = (
    "The log of the files still holds old bytes, as somebody is reading them: run this again when nobody is"
)
TABLES_REWRITTEN: Final = "The tables' files were rewritten without them"
UNREADABLE: Final = (
    "Their rows can no longer be read; --rewrite would also rewrite the tables' files, while readers wait"
)
KEPT_ELSEWHERE: Final = "The server's log, its replicas and backups hold old bytes until they are recycled"

LONG: Final = 3600
"""Seconds that the turn lasts while files are rewritten: as long as that may take."""


@dataclass(frozen=True)
class Wiped:
    """What became of the bytes.

    Attributes
    ----------
    done : bool
        Whether all was done that was asked for.
    lines : tuple of str
        What was done, and what cannot be done from here.
    """

    done: bool = True
    lines: tuple[str, ...] = ()


def wipe(writer: Writer, *, rewrite: bool) -> Wiped:
    """Rewrite a SQLite file; clean up, or rewrite, the tables of PostgreSQL.

    Parameters
    ----------
    rewrite : bool
        Rewrite PostgreSQL's tables, too: readers wait meanwhile.
    """
    writer.write(lambda _: None, lasts=LONG)
    return _files(writer) if writer.store.address.is_file else _tables(writer, rewrite)


def _files(writer: Writer) -> Wiped:
    store = writer.store
    done = [_rewritten(store, engine) for engine in (store.published, store.feedback)]
    return Wiped(all(done), (REWRITTEN if all(done) else BEING_READ,))


def _rewritten(store: Store, engine: sa.Engine) -> bool:
    """Whether a file, and its log, hold nothing but what can be read."""
    with alone(store, engine) as connection:
        connection.exec_driver_sql("PRAGMA secure_delete = ON")
        connection.exec_driver_sql("PRAGMA synchronous = FULL")
        connection.exec_driver_sql("VACUUM")
    until = time.monotonic() + BUSY
    while not (empty := checkpoint(store, engine, "TRUNCATE")) and time.monotonic() < until:
        time.sleep(0.2)
    engine.dispose()  # settings of this connection are not for others
    return empty


def _tables(writer: Writer, rewrite: bool) -> Wiped:
    how = "VACUUM (FULL, ANALYZE)" if rewrite else "VACUUM (ANALYZE)"
    for engine, tables in ((writer.store.published, LARGE), (writer.store.feedback, ("feedback", "audit"))):
        with alone(writer.store, engine) as connection:
            for table in tables:
                connection.exec_driver_sql(f"{how} {table}")
    return Wiped(True, (TABLES_REWRITTEN if rewrite else UNREADABLE, KEPT_ELSEWHERE))
