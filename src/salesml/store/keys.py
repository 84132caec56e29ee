"""Keys that every process of a site shares, made by whichever needs one first."""

from __future__ import annotations

import secrets
import time
from typing import Final

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from salesml.store.engine import Store
from salesml.store.moments import now
from salesml.store.people import Secret
from salesml.store.private import keep_private

SESSIONS: Final = "sessions"
ATTEMPTS: Final = "attempts"

LASTS: Final = 5.0
"""Seconds after which a process asks whether a key was replaced."""


class Key:
    """A key of a store, as it is now: read again every few seconds, so that a new one holds everywhere.

    Parameters
    ----------
    store : Store
    name : str
        Such as :data:`SESSIONS`.
    lasts : float
        Seconds after which it is read again.
    """

    def __init__(self, store: Store, name: str, lasts: float = LASTS) -> None:
        self.store, self.name, self.lasts = store, name, lasts
        self._kept: tuple[float, bytes] | None = None

    def __repr__(self) -> str:
        return f"Key({self.name!r})"

    def __call__(self) -> bytes:
        """The key.

        Raises
        ------
        OutsideError
            ``store-away``.
        """
        kept = self._kept
        if kept and time.monotonic() < kept[0] + self.lasts:
            return kept[1]
        asked = time.monotonic()
        self._kept = asked, key(self.store, self.name)
        return self._kept[1]


def key(store: Store, name: str) -> bytes:
    """A key by its name; made now if there was none, and the same for all who ask at once."""

    def read(connection: sa.Connection) -> str | None:
        found = connection.execute(sa.select(Secret.value).where(Secret.name == name))
        return found.scalar_one_or_none()

    def make(connection: sa.Connection) -> str:
        insert = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
        made = insert(Secret).values(name=name, value=secrets.token_hex(32), created_at=now())
        connection.execute(made.on_conflict_do_nothing())
        return read(connection) or ""

    found = store.read(read, store.feedback)
    if not found:
        keep_private(store)
        found = store.write(make, store.feedback)
    return bytes.fromhex(found)


def replace_key(connection: sa.Connection, name: str) -> None:
    """Put a new key in the place of an old one: what was signed by that is worth nothing any more."""
    connection.execute(sa.delete(Secret).where(Secret.name == name))
    made = sa.insert(Secret).values(name=name, value=secrets.token_hex(32), created_at=now())
    connection.execute(made)
