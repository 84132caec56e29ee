"""Which letters were sent: lines of the audit log, as it must tell anyway to whom scores went.

A letter is claimed before it is handed to the mail server. Of two runs at once one gets it, and of a run that
was killed in between nobody can know whether the server has it: it is not sent again unless somebody says so.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from dataclasses import dataclass
from typing import Final

import sqlalchemy as sa

from salesml.store.audit import about, note
from salesml.store.engine import Store
from salesml.store.models import Generation
from salesml.store.moments import clock
from salesml.store.people import Audit
from salesml.store.turn import is_dead, new_owner

SENDING: Final = "sending-this-week"
SENT: Final = "sent-this-week"
REFUSED: Final = "refused-this-week"

STOPPED: Final = "stopped"
"""What became of a letter that was claimed by a run that is no more."""

LASTS: Final = dt.timedelta(hours=1)
"""How long a run of another machine, which cannot be asked, is taken to be sending a letter."""

_KIND: Final = "letter"


@dataclass(frozen=True)
class Sender:
    """One run that sends letters.

    Attributes
    ----------
    by : str
        Who is at the command line.
    """

    store: Store
    by: str
    owner: str

    @classmethod
    def new(cls, store: Store, by: str) -> Sender:
        """A run that begins."""
        return cls(store, by, new_owner())

    def claim(self, login: str, generation: int, *, again: bool = False) -> str:
        """Take a letter on a generation of scores to send it.

        Parameters
        ----------
        again : bool
            Also one that was sent, or may have been.

        Returns
        -------
        str
            Why it must not be sent: ``SENT``, ``SENDING`` by another run, or ``STOPPED``; empty where it may.
        """
        line = _line(login, generation)
        begun = sa.select(Generation.started_at).where(Generation.id == generation)
        since = self.store.read(lambda con: con.execute(begun).scalar())

        def work(connection: sa.Connection) -> str:
            _alone(connection, line)
            found = _state(connection, line, since, self.owner)
            if found == SENDING or (found in (SENT, STOPPED) and not again):
                return found
            note(connection, self.by, SENDING, line, self.owner)
            return ""

        return self.store.write(work, self.store.feedback)

    def done(self, login: str, generation: int, *, taken: bool) -> None:
        """Keep what the mail server said to a letter that was claimed."""
        what, line = SENT if taken else REFUSED, _line(login, generation)
        self.store.write(lambda con: note(con, self.by, what, line, self.owner), self.store.feedback)


def _line(login: str, generation: int) -> str:
    return about(_KIND, f"{generation}/{login}")


def _alone(connection: sa.Connection, line: str) -> None:
    """Let nobody else claim the same letter in this moment; SQLite has one writer at a time."""
    if connection.dialect.name == "postgresql":
        digest = hashlib.sha256(line.encode()).hexdigest()
        connection.execute(sa.select(sa.func.pg_advisory_xact_lock(int(digest[:15], 16))))


def _state(connection: sa.Connection, line: str, since: dt.datetime | None, owner: str) -> str:
    """What became of a letter, by its newest line."""
    query = sa.select(Audit.what, Audit.at, Audit.address).where(
        Audit.about == line, Audit.what.in_((SENDING, SENT, REFUSED))
    )
    if since is not None:  # no letter on it is older; the two clocks may differ a little
        query = query.where(Audit.at >= since - dt.timedelta(days=1))
    found = connection.execute(query.order_by(Audit.id.desc()).limit(1)).first()
    if found is None or found.what == REFUSED or (found.what == SENDING and found.address == owner):
        return ""
    if found.what == SENT:
        return SENT
    over = is_dead(found.address or "") or clock(connection) - found.at > LASTS
    return STOPPED if over else SENDING
