"""Who signs in, who stands in for whom, which programs may ask, and what was done: what people's part keeps.

Lines of ``deputies`` and ``audit`` are never changed but to end what they began; a person's line keeps what
is true now, and ``audit`` who changed it and when.
"""

from __future__ import annotations

import datetime as dt

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from salesml.store.feedback import IDS, FeedbackBase


class User(FeedbackBase):
    """Somebody who may sign in. Whom they are in the company's tables, ``reps`` says by ``login``."""

    __tablename__ = "users"

    login: Mapped[str] = mapped_column(primary_key=True)
    """In small letters."""
    password: Mapped[str | None]
    """As argon2 keeps it; missing where a proxy or a provider says who it is."""
    role: Mapped[str | None]
    """In place of the role that ``reps`` gives; see :mod:`salesml.store.access`."""
    zone: Mapped[str | None]
    """The time zone in which moments are shown."""
    epoch: Mapped[int] = mapped_column(sa.BigInteger, default=0)
    """Counted up to end every session begun before."""
    disabled_at: Mapped[dt.datetime | None]
    created_at: Mapped[dt.datetime]


class Deputy(FeedbackBase):
    """One rep sees and answers for another's book from one day to another, both included."""

    __tablename__ = "deputies"

    id: Mapped[int] = mapped_column(IDS, primary_key=True)
    rep_id: Mapped[str]
    """Whose book it is."""
    deputy_id: Mapped[str]
    starts_on: Mapped[dt.date]
    ends_on: Mapped[dt.date]
    by: Mapped[str]
    at: Mapped[dt.datetime]
    ended_by: Mapped[str | None]
    ended_at: Mapped[dt.datetime | None]

    __table_args__ = (sa.Index("ix_deputies_deputy", "deputy_id"),)


class Token(FeedbackBase):
    """A program that may ask, on behalf of one person and within scopes."""

    __tablename__ = "tokens"

    id: Mapped[str] = mapped_column(primary_key=True)
    """The part of the token that may be shown."""
    digest: Mapped[str]
    """SHA-256 of the secret part."""
    client: Mapped[str]
    login: Mapped[str]
    """As whom it asks: it sees what they see."""
    scopes: Mapped[str]
    """Words between blanks, such as ``scores:read feedback:write``."""
    created_by: Mapped[str]
    created_at: Mapped[dt.datetime]
    expires_at: Mapped[dt.datetime]
    revoked_at: Mapped[dt.datetime | None]


class Attempt(FeedbackBase):
    """A try to sign in: what limits how many there may be, whichever process answers."""

    __tablename__ = "attempts"

    id: Mapped[int] = mapped_column(IDS, primary_key=True)
    at: Mapped[dt.datetime]
    login: Mapped[str]
    """A keyed digest, as people also type passwords there."""
    address: Mapped[str]
    """The network that it came from, or the browser where that is known."""
    well: Mapped[bool]

    __table_args__ = (sa.Index("ix_attempts_at", "at"), sa.Index("ix_attempts_login", "login", "at"),
                      sa.Index("ix_attempts_address", "address", "at"))  # fmt: skip


class EndedSession(FeedbackBase):
    """A session that was signed out before its time; forgotten when it would be over anyway."""

    __tablename__ = "ended_sessions"

    digest: Mapped[str] = mapped_column(primary_key=True)
    """SHA-256 of the session's secret."""
    until: Mapped[dt.datetime]

    __table_args__ = (sa.Index("ix_ended_sessions_until", "until"),)


class Audit(FeedbackBase):
    """Who did or saw what, and when."""

    __tablename__ = "audit"

    id: Mapped[int] = mapped_column(IDS, primary_key=True)
    at: Mapped[dt.datetime]
    by: Mapped[str]
    what: Mapped[str]
    """Such as ``sign-in``, ``sign-in-refused``, ``disabled-user``; see :mod:`salesml.store.audit`."""
    about: Mapped[str | None]
    """Kind and id, such as ``account:A-17``, ``prospect:P-3``, ``login:kim@example.com``, ``token:…``."""
    address: Mapped[str | None]

    __table_args__ = (sa.Index("ix_audit_at", "at"),)


class Secret(FeedbackBase):
    """Keys that every process of a server shares, such as that of sessions."""

    __tablename__ = "secrets"

    name: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[str]
    created_at: Mapped[dt.datetime]
