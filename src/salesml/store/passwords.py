"""Passwords, kept as argon2 keeps them."""

from __future__ import annotations

import secrets
import unicodedata
from functools import cache
from typing import TYPE_CHECKING, Final

import sqlalchemy as sa

from salesml.errors import Fault, UsageError
from salesml.store.engine import Store
from salesml.store.logins import folded, is_login
from salesml.store.people import User

if TYPE_CHECKING:
    from argon2 import PasswordHasher

SHORTEST: Final = 12
"""Letters of a password at least; nothing else is asked of it (NIST SP 800-63B-4)."""

LONGEST: Final = 1024

NOBODYS: Final = (
    "$argon2id$v=19$m=65536,t=3,p=4$h645e9DVa8rCxdMsz+3djg$7uqDwEdOntjyEMMychzz1xUg3zABgUO4efi3HSYzgxg"
)
"""What is compared where there is no password, so that the time taken tells nothing; nobody's."""


def kept(password: str) -> str:
    """A password as it is kept."""
    return _hasher().hash(_normal(password))


def made() -> str:
    """A new password of 100 bits, without letters that look like digits: somebody may have to type it."""
    return "-".join("".join(secrets.choice(_CLEAR) for _ in range(5)) for _ in range(4))


_CLEAR: Final = "abcdefghijkmnpqrstuvwxyz23456789"


def check_password(password: str, login: str) -> None:
    """Refuse a password that would be guessed.

    Raises
    ------
    UsageError
        ``weak-password``.
    """
    faults = []
    if not SHORTEST <= len(_normal(password)) <= LONGEST:
        faults.append(f"The password has {len(_normal(password))} letters")
    if folded(password) in (folded(login), folded(login).partition("@")[0]) or len(set(password)) < 4:
        faults.append("The password is the login, or the same few letters again and again")
    if faults:
        allowed = f"It has {SHORTEST} to {LONGEST} letters, of any kind; several words are easy to remember"
        do = "Choose another, or let one be made with --generate"
        raise UsageError([Fault(code="weak-password", found=each, allowed=allowed, do=do) for each in faults])


def is_password(store: Store, login: str, password: str) -> bool:
    """Whether a password is somebody's; it takes as long where there is nobody of that name.

    One that was kept in a weaker way than is usual now is kept anew.

    Raises
    ------
    OutsideError
        ``store-away``.
    """
    from argon2.exceptions import InvalidHashError, VerificationError

    there = _there(store, login)
    try:
        right = _hasher().verify(there or NOBODYS, _normal(password)) and there is not None
    except (VerificationError, InvalidHashError):
        return False
    if right and there and _hasher().check_needs_rehash(there):
        _keep_anew(store, login, there, kept(password))
    return right


def _there(store: Store, login: str) -> str | None:
    name = folded(login)
    if not is_login(name):
        return None
    query = sa.select(User.password).where(User.login == name, User.disabled_at.is_(None))
    return store.read(lambda connection: connection.execute(query).scalar(), store.feedback)


def _keep_anew(store: Store, login: str, before: str, after: str) -> None:
    """Unless it was changed meanwhile."""
    mine = sa.update(User).where(User.login == folded(login), User.password == before)
    store.write(lambda connection: connection.execute(mine.values(password=after)), store.feedback)


def _normal(password: str) -> str:
    """The same letters, however a keyboard writes them."""
    return unicodedata.normalize("NFKC", password)


@cache
def _hasher() -> PasswordHasher:
    from argon2 import PasswordHasher
    from argon2.profiles import RFC_9106_LOW_MEMORY

    return PasswordHasher.from_parameters(RFC_9106_LOW_MEMORY)
