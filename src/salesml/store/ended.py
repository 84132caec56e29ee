"""Sessions that were signed out: their cookies, wherever copies of them are, are worth nothing any more."""

from __future__ import annotations

import datetime as dt
import hashlib

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from salesml.store.moments import clock
from salesml.store.people import EndedSession


def end(connection: sa.Connection, secret: str, until: dt.datetime) -> None:
    """End a session, and forget those that would be over by now.

    Parameters
    ----------
    secret : str
        The session's own.
    until : datetime
        When it would be over at the latest.
    """
    connection.execute(sa.delete(EndedSession).where(EndedSession.until < clock(connection)))
    insert = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    line = insert(EndedSession).values(digest=_digest(secret), until=until)
    connection.execute(line.on_conflict_do_nothing())


def is_ended(connection: sa.Connection, secret: str) -> bool:
    """Whether a session was signed out."""
    query = sa.select(EndedSession.until).where(EndedSession.digest == _digest(secret))
    return connection.execute(query).first() is not None


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
