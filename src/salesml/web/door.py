"""Letting people in by a password, and keeping those out who only try."""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import sqlalchemy as sa

from salesml.store import audit
from salesml.store.access import Person, person
from salesml.store.attempts import FREE, Place, Try, begin, went_well
from salesml.store.engine import Store
from salesml.store.logins import folded
from salesml.store.moments import clock
from salesml.store.passwords import is_password
from salesml.store.people import User
from salesml.web.refused import SlowDown
from salesml.web.settings import Settings

AT_ONCE: Final = 2
"""Passwords that one process looks at together: each takes 64 MiB."""

WAITING: Final = 8
"""Sign-ins that one process takes up: more would take the threads that pages need."""

PATIENCE: Final = 10.0
"""Seconds that one waits for its turn."""

BUSY: Final = 5
"""Seconds after which whoever found no place may try again."""

PER_HOUR: Final = 1_000
"""Lines that refusals leave in the audit log in an hour: a flood must not fill it."""

UNKNOWN: Final = "(unknown)"
"""Who tried where nobody has that name: people type passwords there."""


class Door:
    """Where people come in; one for each process."""

    def __init__(self, store: Store, settings: Settings) -> None:
        self.store = store
        self.settings = settings
        self._places = threading.BoundedSemaphore(WAITING)
        self._looking = threading.BoundedSemaphore(AT_ONCE)

    @contextmanager
    def place(self) -> Iterator[None]:
        """One of few places for those who sign in.

        Raises
        ------
        SlowDown
            When all are taken.
        """
        if not self._places.acquire(blocking=False):
            raise SlowDown(BUSY)
        try:
            yield
        finally:
            self._places.release()

    def by_password(self, login: str, password: str, place: Place) -> Person | None:
        """Who comes in by a password; nobody when it is not theirs, or they may not come in.

        Raises
        ------
        SlowDown
            When there were too many tries.
        OutsideError
            ``store-away``.
        """
        with self.place():
            tried = begin(self.store, login, place)
            if tried.wait:
                raise SlowDown(tried.wait)
            who = self._who(login, password)
            if who is None:
                self._refused(login, place, tried)
                return None
            self.store.write(
                lambda con: self._came_in(con, who.login, place.address, tried), self.store.feedback
            )
            return who

    def came_in(self, who: Person, address: str) -> None:
        """Note that somebody came in by another way."""
        self.store.write(lambda con: self._came_in(con, who.login, address, None), self.store.feedback)

    def _who(self, login: str, password: str) -> Person | None:
        if not self._looking.acquire(timeout=PATIENCE):
            raise SlowDown(BUSY)
        try:
            right = is_password(self.store, login, password)
        finally:
            self._looking.release()
        return person(self.store, login, self.settings.today()) if right else None

    def _came_in(self, connection: sa.Connection, login: str, address: str, tried: Try | None) -> None:
        if tried:
            went_well(connection, tried)
        audit.note(connection, login, audit.SIGNED_IN, None, address)
        audit.forget_some(connection, self.settings.audit_days)

    def _refused(self, login: str, place: Place, tried: Try) -> None:
        """Note the first wrong try in a row, and the one after which there is a pause."""
        what = {0: audit.REFUSED, FREE - 1: audit.SLOWED}.get(tried.earlier)
        if what:
            self.store.write(lambda con: _note(con, what, folded(login), place.address), self.store.feedback)


def _note(connection: sa.Connection, what: str, login: str, address: str) -> None:
    hour_ago = clock(connection) - dt.timedelta(hours=1)
    if audit.count_since(connection, what, hour_ago, PER_HOUR) < PER_HOUR:
        there = connection.execute(sa.select(User.login).where(User.login == login.replace("\0", ""))).first()
        audit.note(connection, login if there else UNKNOWN, what, None, address)
