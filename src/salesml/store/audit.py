"""The log of who did what: lines are added, and removed when they are old; none is changed.

Only an erased customer's id is taken out of the lines that name it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import sqlalchemy as sa

from salesml.store.engine import Store
from salesml.store.moments import clock
from salesml.store.people import Audit

ERASED: Final = "(erased)"
"""In the place of an id that was erased."""

KEPT_DAYS: Final = 400

SIGNED_IN: Final = "sign-in"
REFUSED: Final = "sign-in-refused"
SLOWED: Final = "sign-in-slowed"
SIGNED_OUT: Final = "sign-out"

_SOME: Final = 1_000
"""Old lines that one sign-in removes: more than it adds."""


@dataclass(frozen=True)
class Entry:
    """A line of the log.

    Attributes
    ----------
    by : str
        A login, or who used the command line.
    about : str or None
        Kind and id, as :func:`about` makes it.
    address : str or None
        Where the request came from.
    """

    at: dt.datetime
    by: str
    what: str
    about: str | None
    address: str | None


def about(kind: str, key: str) -> str:
    """What a line is about: ``account``, ``prospect``, ``login``, ``token`` or ``rep``, and its id."""
    return f"{kind}:{key}"


def note(
    connection: sa.Connection, by: str, what: str, about: str | None = None, address: str | None = None
) -> None:
    """Add a line, in the transaction of what it tells of."""
    line = sa.insert(Audit).values(at=clock(connection), by=by, what=what, about=about, address=address)
    connection.execute(line)


def entries(store: Store, since: dt.datetime | None = None, last: int | None = None) -> Sequence[Entry]:
    """Lines, oldest first.

    Parameters
    ----------
    since : datetime, optional
        Only those from then on.
    last : int, optional
        Only so many of the newest.
    """
    query = sa.select(Audit.at, Audit.by, Audit.what, Audit.about, Audit.address)
    if since is not None:
        query = query.where(Audit.at >= since)
    newest = query.order_by(Audit.at.desc(), Audit.id.desc()).limit(last)
    return store.read(lambda con: [Entry(*row) for row in con.execute(newest)], store.feedback)[::-1]


def count_since(connection: sa.Connection, what: str, since: dt.datetime, most: int) -> int:
    """How many lines of a kind there are from a moment on, counted up to ``most``."""
    some = sa.select(Audit.id).where(Audit.at >= since, Audit.what == what).limit(most).subquery()
    return int(connection.execute(sa.select(sa.func.count()).select_from(some)).scalar_one())


def forget_some(connection: sa.Connection, days: int = KEPT_DAYS) -> int:
    """Remove some of the lines that are older than some days; how many."""
    old = clock(connection) - dt.timedelta(days=days)
    some = sa.select(Audit.id).where(Audit.at < old).order_by(Audit.at).limit(_SOME)
    return connection.execute(sa.delete(Audit).where(Audit.id.in_(some))).rowcount


def erase_from(connection: sa.Connection, kind: str, key: str) -> int:
    """Take an account's or prospect's id out of the lines about it; how many there were."""
    theirs = sa.update(Audit).where(Audit.about == about(kind, key))
    return connection.execute(theirs.values(about=about(kind, ERASED))).rowcount
