"""Sessions that were signed out."""

from __future__ import annotations

import datetime as dt

import sqlalchemy as sa

from salesml.store.ended import end, is_ended
from salesml.store.engine import Store
from salesml.store.migrate import migrate
from salesml.store.moments import now
from salesml.store.people import EndedSession


def test_what_was_ended_stays_so_until_it_would_be_over(store: Store) -> None:
    migrate(store)

    def gone(secret: str) -> bool:
        return store.read(lambda con: is_ended(con, secret), store.feedback)

    soon = now() + dt.timedelta(hours=1)
    for _ in range(2):  # as a transaction that is tried again does
        store.write(lambda con: end(con, "one", soon), store.feedback)
    store.write(lambda con: end(con, "over", now() - dt.timedelta(seconds=1)), store.feedback)
    assert (gone("one"), gone("two")) == (True, False)
    store.write(lambda con: end(con, "three", soon), store.feedback)
    kept = store.read(lambda con: con.execute(sa.select(EndedSession.digest)).scalars().all(), store.feedback)
    assert len(kept) == 2
    assert not any("one" in each for each in kept)
