"""Passwords, kept as argon2 keeps them."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import sqlalchemy as sa

from salesml.store.access import folded
from salesml.store.engine import Store
from salesml.store.people import User

if TYPE_CHECKING:
    from argon2 import PasswordHasher


def kept(password: str) -> str:
    """A password as it is kept."""
    return _hasher().hash(password)


def is_password(store: Store, login: str, password: str) -> bool:
    """Whether a password is somebody's; it takes as long where there is nobody of that name.

    Raises
    ------
    OutsideError
        ``store-away``.
    """
    from argon2.exceptions import InvalidHashError, VerificationError

    query = sa.select(User.password).where(User.login == folded(login))
    there = store.read(lambda connection: connection.execute(query).scalar(), store.feedback)
    try:
        return _hasher().verify(there or _nobodys(), password) and there is not None
    except (VerificationError, InvalidHashError):
        return False


@cache
def _hasher() -> PasswordHasher:
    from argon2 import PasswordHasher

    return PasswordHasher()


@cache
def _nobodys() -> str:
    """What is compared where there is no password, so that the time taken tells nothing."""
    return kept("nobody")
