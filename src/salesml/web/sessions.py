"""Sessions: a signed cookie that says who it is, since when, and ends by itself."""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import hmac
import secrets
import time
from dataclasses import dataclass, replace
from typing import Final

from itsdangerous import BadData, URLSafeSerializer
from starlette.responses import Response

from salesml.web.settings import Settings

SALT: Final = "salesml session"

AGAIN: Final = 60
"""Seconds after which a session that is used is sent again, to last on."""


@dataclass(frozen=True)
class Session:
    """What a cookie says.

    Attributes
    ----------
    epoch : int
        As the person's was when it began; another number ends it.
    begun, seen : int
        Seconds since 1970, when the person signed in and when they last asked for something.
    secret : str
        By which forms show that they came from a page of this session.
    """

    login: str
    epoch: int
    begun: int
    seen: int
    secret: str

    @classmethod
    def begin(cls, login: str, epoch: int) -> Session:
        """A session that begins now."""
        now = int(time.time())
        return cls(login, epoch, now, now, secrets.token_urlsafe(16))

    def over(self, settings: Settings) -> bool:
        """Whether it has lasted too long, or nothing was asked for too long."""
        now = time.time()
        return (
            now > self.seen + settings.session_minutes * 60
            or now > self.ends(settings).timestamp()
            or self.seen > now + 60
        )

    def ends(self, settings: Settings) -> dt.datetime:
        """When it is over at the latest."""
        return dt.datetime.fromtimestamp(self.begun + settings.session_hours * 3600, dt.UTC)

    @property
    def is_due(self) -> bool:
        """Whether it is time to send it again."""
        return time.time() >= self.seen + AGAIN


def cookie_name(settings: Settings) -> str:
    """The cookie's name; with https browsers hold it to this host and to https."""
    return prefixed("salesml", settings)


def prefixed(name: str, settings: Settings) -> str:
    """A cookie's name, by which no other host and no page without https can have set it."""
    return f"__Host-{name}" if settings.secure else name


def signer(key: bytes, salt: str) -> URLSafeSerializer:
    """What signs values that a browser keeps for the site; another salt for each kind of them."""
    return URLSafeSerializer(
        key, salt=salt, signer_kwargs={"digest_method": hashlib.sha256, "key_derivation": "hmac"}
    )


def read(value: str | None, key: bytes, settings: Settings) -> Session | None:
    """The session of a cookie; nothing when it was not signed by this site, or is over."""
    if not value:
        return None
    try:
        session = Session(*signer(key, SALT).loads(value))
    except (BadData, TypeError):
        return None
    return None if session.over(settings) else session


def keep(response: Response, session: Session, key: bytes, settings: Settings) -> None:
    """Send a session's cookie."""
    session = replace(session, seen=int(time.time()))
    value = signer(key, SALT).dumps(
        [session.login, session.epoch, session.begun, session.seen, session.secret]
    )
    left = int(session.ends(settings).timestamp()) - session.seen
    response.set_cookie(
        cookie_name(settings), value, max_age=max(1, left), path="/",
        secure=settings.secure, httponly=True, samesite="lax",
    )  # fmt: skip


def cookie(session: Session, key: bytes, settings: Settings) -> str:
    """The header that sends a session's cookie."""
    response = Response()
    keep(response, session, key, settings)
    return response.headers["set-cookie"]


def end(response: Response, settings: Settings) -> None:
    """Take a session's cookie away."""
    response.delete_cookie(
        cookie_name(settings), path="/", secure=settings.secure, httponly=True, samesite="lax"
    )


def form_token(session: Session, key: bytes) -> str:
    """What a form of this session carries, so that no other site can send one for it.

    Other letters each time: what of a page is always the same could be told from how far the page is packed,
    beside what somebody else chose to have in it (BREACH, Gluck, Harris and Prado 2013, section 3.4).
    """
    plain = _plain(session, key)
    pad = secrets.token_bytes(len(plain))
    return base64.urlsafe_b64encode(pad + _both(pad, plain)).decode()


def is_form_token(given: str, session: Session, key: bytes) -> bool:
    """Whether a form came from a page of this session."""
    try:
        known = base64.b64decode(given, altchars=b"-_", validate=True)
    except ValueError:
        return False
    plain = _plain(session, key)
    pad, masked = known[: len(plain)], known[len(plain) :]
    return len(masked) == len(plain) and hmac.compare_digest(_both(pad, masked), plain)


def _plain(session: Session, key: bytes) -> bytes:
    return hmac.digest(key, f"form {session.secret}".encode(), "sha256")


def _both(one: bytes, other: bytes) -> bytes:
    return bytes(a ^ b for a, b in zip(one, other, strict=True))
