"""Where a store is: the address as given, as shown, and that of its two parts."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.exc import ArgumentError

from salesml.errors import Fault, UsageError

SCHEMAS = ("salesml", "salesml_feedback")
"""Where scores and feedback are in PostgreSQL."""

_ALLOWED = "A store is sqlite:///FILE.db or postgresql://USER@HOST/DATABASE"


@dataclass(frozen=True)
class Address:
    """A store's address; it never shows a password.

    Attributes
    ----------
    published, feedback : sqlalchemy.URL
        Of scores, and of what people answer.
    """

    published: sa.URL
    feedback: sa.URL

    @classmethod
    def of(cls, text: str) -> Address:
        """Read an address; ``$NAME`` and ``${NAME}`` in it stand for environment variables.

        Raises
        ------
        UsageError
            ``bad-store`` when it is not the address of a SQLite file or a PostgreSQL database.
        """
        url = _read(text)
        kind = url.get_backend_name()
        if kind == "sqlite":
            return _of_file(url)
        if kind in ("postgresql", "postgres"):
            url = url.set(drivername="postgresql+psycopg")
            return cls(url, url)
        raise _bad(f"The store is a database of kind {kind}")

    @property
    def is_file(self) -> bool:
        """Whether the store is SQLite."""
        return self.published.get_backend_name() == "sqlite"

    @property
    def files(self) -> tuple[Path, ...]:
        """The two files of a SQLite store."""
        return tuple(Path(str(url.database)) for url in (self.published, self.feedback) if self.is_file)

    def __str__(self) -> str:
        return self.published.set(query={}).render_as_string(hide_password=True)

    __repr__ = __str__

    def without_secrets(self, text: str) -> str:
        """A driver's message without this store's password."""
        said = " ".join(text.split())
        for secret in _secrets(self.published):
            said = said.replace(secret, "***")
        return re.sub(r"://[^\s\"'@]*@", "://***@", said)


def _secrets(url: sa.URL) -> list[str]:
    """The password, and values of the query that may hold one."""
    secret = [str(url.password)] if url.password else []
    for key, value in url.query.items():
        if re.search(r"(?i)passw|pwd|secret|token|key|options", key):
            secret += [value] if isinstance(value, str) else list(value)
    return [each for each in secret if each]


def _read(text: str) -> sa.URL:
    try:
        return sa.make_url(re.sub(r"\$(?:\{(\w+)\}|(\w+))", _variable, text))
    except (ArgumentError, ValueError):
        # The address is not repeated: it may hold a password.
        raise _bad("The store's address is not of the form of a database address") from None


def _variable(match: re.Match[str]) -> str:
    name = match[1] or match[2]
    value = os.environ.get(name)
    if value is None:
        raise _bad(f"The store's address names the environment variable {name}, which is not set")
    return value


def _of_file(url: sa.URL) -> Address:
    database = url.database
    if not database or database == ":memory:" or database.startswith("file:"):
        raise _bad("The store's address names no file")
    path = Path(database)
    url = url.set(drivername="sqlite", query={})
    beside = path.with_name(f"{path.stem}-feedback{path.suffix}")
    return Address(url, url.set(database=str(beside)))


def _bad(found: str) -> UsageError:
    return UsageError(Fault(code="bad-store", found=found, allowed=_ALLOWED))
