"""Tokens by which programs ask on behalf of a person: made, listed, revoked, and looked up.

A token is ``salesml.ID.SECRET``. Only a digest of the secret is kept: it has 256 bits, so that a plain
SHA-256 of it cannot be turned back.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac
import re
import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import sqlalchemy as sa

from salesml.errors import DataError, Fault
from salesml.store.audit import about, note
from salesml.store.engine import Store
from salesml.store.logins import folded, is_login
from salesml.store.moments import clock
from salesml.store.people import Token

SCORES_READ: Final = "scores:read"
FEEDBACK_READ: Final = "feedback:read"
FEEDBACK_WRITE: Final = "feedback:write"
SCOPES: Final = (SCORES_READ, FEEDBACK_READ, FEEDBACK_WRITE)

MOST_DAYS: Final = 400
"""That a token may last."""

_FORM: Final = re.compile(r"salesml\.([0-9a-f]{16})\.([0-9a-f]{64})", re.ASCII)


@dataclass(frozen=True)
class Known:
    """A token as it is listed: nobody can ask by it.

    Attributes
    ----------
    client : str
        The program.
    login : str
        Whose rows it sees.
    """

    id: str
    client: str
    login: str
    scopes: str
    created_by: str
    created_at: dt.datetime
    expires_at: dt.datetime
    revoked_at: dt.datetime | None


def make(store: Store, client: str, login: str, scopes: Iterable[str], days: int, *, by: str) -> str:
    """Make a token; it is returned this once.

    Parameters
    ----------
    client : str
        What the program is called.
    login : str
        The person on whose behalf it asks: it sees what they see, and nothing once they are shut out.
    scopes : iterable of str
        Some of :data:`SCOPES`.
    days : int
        After which it is of no more use.

    Raises
    ------
    DataError
        ``bad-token`` with all that is wrong.
    """
    wanted = sorted(set(scopes))
    _check(client, login, wanted, days)
    number, secret = secrets.token_hex(8), secrets.token_hex(32)

    def work(connection: sa.Connection) -> None:
        moment = clock(connection)
        there = sa.select(Token.id).where(Token.id == number)
        if connection.execute(there).first():
            return  # it was written, and that was not heard
        connection.execute(
            sa.insert(Token).values(
                id=number, digest=_digest(secret), client=client.strip(), login=folded(login),
                scopes=" ".join(wanted), created_by=by, created_at=moment,
                expires_at=moment + dt.timedelta(days=days), revoked_at=None,
            )
        )  # fmt: skip
        note(connection, by, "made-token", about("token", number))

    store.write(work, store.feedback)
    return f"salesml.{number}.{secret}"


def revoke(store: Store, number: str, *, by: str) -> None:
    """End a token now.

    Raises
    ------
    DataError
        ``no-token`` when there is none of that number, or it was revoked already.
    """

    def work(connection: sa.Connection) -> None:
        mine = sa.update(Token).where(Token.id == number, Token.revoked_at.is_(None))
        if connection.execute(mine.values(revoked_at=clock(connection))).rowcount != 1:
            raise DataError(
                Fault(code="no-token", found=f"No token has the number {number}, or it was revoked already",
                      do="`salesml tokens list` shows the numbers")
            )  # fmt: skip
        note(connection, by, "revoked-token", about("token", number))

    store.write(work, store.feedback)


def listed(store: Store) -> Sequence[Known]:
    """All tokens that were ever made, oldest first."""
    query = sa.select(*_KNOWN).order_by(Token.created_at, Token.id)
    return store.read(lambda con: [Known(*row) for row in con.execute(query)], store.feedback)


def find(store: Store, given: str) -> Known | None:
    """The token that a program gave; nothing when it is unknown, revoked or too old."""
    form = _FORM.fullmatch(given)
    if not form:
        return None

    def read(connection: sa.Connection) -> tuple[str, Known, dt.datetime] | None:
        row = connection.execute(sa.select(Token.digest, *_KNOWN).where(Token.id == form[1])).one_or_none()
        return (row[0], Known(*row[1:]), clock(connection)) if row else None

    found = store.read(read, store.feedback)
    # Comparing takes as long where nobody has that number.
    right = hmac.compare_digest(_digest(form[2]), found[0] if found else _digest(""))
    if found is None or not right:
        return None
    _, known, moment = found
    return None if known.revoked_at is not None or known.expires_at <= moment else known


_KNOWN: Final[tuple[Any, ...]] = (
    Token.id, Token.client, Token.login, Token.scopes, Token.created_by, Token.created_at, Token.expires_at,
    Token.revoked_at,
)  # fmt: skip


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def _check(client: str, login: str, scopes: Sequence[str], days: int) -> None:
    faults = []
    if not client.strip() or len(client) > 100 or not client.isprintable():
        faults.append(_fault("The program has no name of 1 to 100 letters", "Give its name"))
    if not is_login(folded(login)):
        faults.append(_fault(f"{login!r} is no login", "Give the login of the person it asks for"))
    unknown = [each for each in scopes if each not in SCOPES]
    if unknown or not scopes:
        found = f"There is no scope {', '.join(unknown)}" if unknown else "No scope is given"
        faults.append(_fault(found, f"Give some of {', '.join(SCOPES)}"))
    if not 1 <= days <= MOST_DAYS:
        faults.append(_fault(f"It would last {days} days", f"Let it last 1 to {MOST_DAYS} days"))
    if faults:
        raise DataError(faults)


def _fault(found: str, do: str) -> Fault:
    return Fault(code="bad-token", found=found, do=do)
