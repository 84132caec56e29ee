"""Logins: how they are kept, so that the same person is found however they type their name."""

from __future__ import annotations

from typing import Final

LONGEST: Final = 320
"""Letters of a login, as of an e-mail address."""


def folded(login: str) -> str:
    """A login as it is kept: without blanks around it, in small letters.

    Only a letter that is the capital of its small letter is changed. Unicode has others that fold to the
    same, such as the Kelvin sign to k: whoever had such an address would be taken for somebody else.
    """
    login = login.strip()
    return login.lower() if login.isascii() else "".join(_small(letter) for letter in login)


def is_login(login: str) -> bool:
    """Whether a text may be a login: not empty, not too long, without control characters."""
    return bool(login) and len(login) <= LONGEST and login.isprintable()


def _small(letter: str) -> str:
    small = letter.lower()
    return small if small.upper() == letter else letter
