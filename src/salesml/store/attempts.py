"""How often somebody may try to sign in: counted in the store, so that all processes count together.

A browser in which a login was signed in before is known by a cookie. Its tries are counted by themselves, so
that strangers who try that login, from wherever, never keep the right person out there.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac
import ipaddress
from dataclasses import dataclass
from typing import Any, Final

import sqlalchemy as sa

from salesml.store.engine import Store
from salesml.store.keys import ATTEMPTS, key
from salesml.store.logins import folded
from salesml.store.moments import clock
from salesml.store.people import Attempt

WINDOW: Final = dt.timedelta(hours=1)
"""How long a try counts; older lines are removed."""

FREE: Final = 5
"""Wrong tries in a row, of one login from one place, before there is a pause."""

FIRST: Final = dt.timedelta(seconds=10)
"""The pause after them; each further wrong try doubles it."""

LONGEST: Final = dt.timedelta(minutes=15)

OF_LOGIN: Final = 50
"""Wrong tries of one login within the window from all unknown browsers, before these must wait."""

OF_ADDRESS: Final = 100
"""Wrong tries of all logins within the window from one network: an office behind one address fits in."""


@dataclass(frozen=True)
class Place:
    """Where a try comes from.

    Parameters
    ----------
    address : str
        Of the network.
    browser : str, optional
        What a browser is known by in which this login was signed in before.
    """

    address: str
    browser: str | None = None

    @property
    def counted_as(self) -> str:
        return f"browser:{self.browser}" if self.browser else network(self.address)


@dataclass(frozen=True)
class Try:
    """What became of asking to try.

    Attributes
    ----------
    id : int or None
        Of the line that counts it; None when it may not be tried now.
    wait : int
        Seconds to wait.
    earlier : int
        Wrong tries in a row before, of this login from this place.
    """

    id: int | None
    wait: int = 0
    earlier: int = 0


def begin(store: Store, login: str, place: Place) -> Try:
    """Count a try before the password is looked at, so that many at once are no way round; or refuse it.

    Raises
    ------
    OutsideError
        ``store-away``.
    """
    digest = _digest(store, login)
    look = store.read(lambda connection: _look(connection, digest, place), store.feedback)
    if look.wait:
        return look  # a flood writes nothing
    return store.write(lambda connection: _count(connection, digest, place), store.feedback)


def went_well(connection: sa.Connection, tried: Try) -> None:
    """Note that a try was the right person: what went wrong before no longer counts at this place."""
    connection.execute(sa.update(Attempt).where(Attempt.id == tried.id).values(well=True))


def network(address: str) -> str:
    """What tries are counted by: an IPv4 address, or the 64 bits that one subscriber of IPv6 has."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return "unknown"
    if isinstance(found, ipaddress.IPv6Address):
        if found.ipv4_mapped:
            return str(found.ipv4_mapped)
        return str(ipaddress.ip_network((int(found), 64), strict=False))
    return str(found)


def _digest(store: Store, login: str) -> str:
    name = folded(login).encode(errors="replace")
    return hmac.new(key(store, ATTEMPTS), name, hashlib.sha256).hexdigest()[:32]


def _count(connection: sa.Connection, digest: str, place: Place) -> Try:
    if connection.dialect.name == "postgresql":
        # Those who try one login at once take turns, as they do in a file: each counts those before it.
        connection.execute(sa.select(sa.func.pg_advisory_xact_lock(int(digest[:15], 16))))
    look = _look(connection, digest, place)
    if look.wait:
        return look
    moment = clock(connection)
    connection.execute(sa.delete(Attempt).where(Attempt.at < moment - WINDOW))
    line = sa.insert(Attempt).values(at=moment, login=digest, address=place.counted_as, well=False)
    return Try(connection.execute(line.returning(Attempt.id)).scalar_one(), earlier=look.earlier)


def _look(connection: sa.Connection, digest: str, place: Place) -> Try:
    """Whether a try may be made now."""
    moment = clock(connection)
    since = moment - WINDOW
    row, latest = _in_a_row(connection, digest, place, since)
    ready = latest + _pause(row) if latest and row >= FREE else moment
    if not place.browser:
        wrong = Attempt.well.is_(False), Attempt.at > since
        of_login = _oldest_of(connection, OF_LOGIN, Attempt.login == digest,
                              Attempt.address.not_like("browser:%"), *wrong)  # fmt: skip
        of_address = _oldest_of(connection, OF_ADDRESS, Attempt.address == place.counted_as, *wrong)
        ready = max([ready, *(each + WINDOW for each in (of_login, of_address) if each)])
    wait = max(0.0, (ready - moment).total_seconds())
    return Try(None, -int(-wait // 1), row)


def _in_a_row(
    connection: sa.Connection, digest: str, place: Place, since: dt.datetime
) -> tuple[int, dt.datetime | None]:
    """How many tries of a login from a place went wrong since one went well, and when the last did."""
    query = (
        sa.select(Attempt.at, Attempt.well)
        .where(Attempt.login == digest, Attempt.address == place.counted_as, Attempt.at > since)
        .order_by(Attempt.at.desc(), Attempt.id.desc())
    )
    count, latest = 0, None
    for row in connection.execute(query):
        if row.well:
            break
        count, latest = count + 1, latest or row.at
    return count, latest


def _pause(row: int) -> dt.timedelta:
    doubled: dt.timedelta = FIRST * 2 ** min(row - FREE, 20)
    return min(doubled, LONGEST)


def _oldest_of(connection: sa.Connection, most: int, *where: Any) -> dt.datetime | None:
    """When the oldest of the newest ``most`` lines was written; nothing where there are fewer."""
    query = sa.select(Attempt.at).where(*where).order_by(Attempt.at.desc()).offset(most - 1).limit(1)
    return connection.execute(query).scalar()
