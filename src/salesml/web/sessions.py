"""Sessions: a signed cookie that says who it is, since when, and ends by itself."""

from __future__ import annotations

import hmac
import secrets
import time
from dataclasses import dataclass
from typing import Final

from itsdangerous import BadData, URLSafeSerializer
from starlette.responses import Response

from salesml.web.settings import Settings

SALT: Final = "salesml session"


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
            or now > self.begun + settings.session_hours * 3600
            or self.seen > now + 60
        )


def cookie_name(settings: Settings) -> str:
    """The cookie's name; with https browsers hold it to this host and to https."""
    return "__Host-salesml" if settings.secure else "salesml"


def read(value: str | None, key: bytes, settings: Settings) -> Session | None:
    """The session of a cookie; nothing when it was not signed by this site, or is over."""
    if not value:
        return None
    try:
        session = Session(*URLSafeSerializer(key, salt=SALT).loads(value))
    except (BadData, TypeError):
        return None
    return None if session.over(settings) else session


def keep(response: Response, session: Session, key: bytes, settings: Settings) -> None:
    """Send a session's cookie."""
    value = URLSafeSerializer(key, salt=SALT).dumps(
        [session.login, session.epoch, session.begun, int(time.time()), session.secret]
    )
    response.set_cookie(
        cookie_name(settings), value, max_age=settings.session_hours * 3600, path="/",
        secure=settings.secure, httponly=True, samesite="lax",
    )  # fmt: skip


def end(response: Response, settings: Settings) -> None:
    """Take a session's cookie away."""
    response.delete_cookie(
        cookie_name(settings), path="/", secure=settings.secure, httponly=True, samesite="lax"
    )


def form_token(session: Session, key: bytes) -> str:
    """What a form of this session carries, so that no other site can send one for it."""
    return hmac.new(key, f"form {session.secret}".encode(), "sha256").hexdigest()


def is_form_token(given: str, session: Session, key: bytes) -> bool:
    """Whether a form came from a page of this session."""
    return hmac.compare_digest(form_token(session, key).encode(), given.encode())
