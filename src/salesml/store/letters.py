"""Which letters were sent: lines of the audit log, as it must tell anyway to whom scores went."""

from __future__ import annotations

import datetime as dt
from typing import Final

import sqlalchemy as sa

from salesml.store.audit import about, note
from salesml.store.engine import Store
from salesml.store.models import Generation
from salesml.store.people import Audit

SENT: Final = "sent-this-week"

_KIND: Final = "letter"


def sent_of(store: Store, generation: int) -> frozenset[str]:
    """The logins that a letter on a generation of scores went to."""
    begun = sa.select(Generation.started_at).where(Generation.id == generation)
    since = store.read(lambda con: con.execute(begun).scalar())
    query = sa.select(Audit.about).where(Audit.what == SENT)
    if since is not None:  # no letter on it is older; the two clocks may differ a little
        query = query.where(Audit.at >= since - dt.timedelta(days=1))
    before = about(_KIND, f"{generation}/")
    found = store.read(lambda con: con.execute(query).scalars().all(), store.feedback)
    return frozenset(each.removeprefix(before) for each in found if each and each.startswith(before))


def note_sent(store: Store, login: str, generation: int, *, by: str) -> None:
    """Keep that a letter on a generation went to somebody."""
    line = about(_KIND, f"{generation}/{login}")
    store.write(lambda connection: note(connection, by, SENT, line), store.feedback)
