"""Browsers in which somebody signed in before: strangers who guess a password never keep them out there."""

from __future__ import annotations

import hmac
import secrets
from typing import Final

from itsdangerous import BadData
from starlette.requests import Request
from starlette.responses import Response

from salesml.store.attempts import Place
from salesml.store.logins import folded
from salesml.web.peers import address_of
from salesml.web.sessions import prefixed, signer
from salesml.web.settings import Settings

SALT: Final = "salesml browser"
DAYS: Final = 180

PEOPLE: Final = 5
"""Logins that one browser is known for, the latest: those of a shared desk."""


def place_of(request: Request, login: str, key: bytes, settings: Settings) -> Place:
    """Where a try to sign in comes from."""
    browser, known = _read(request, key, settings)
    return Place(address_of(request), browser if _digest(login, key) in known else None)


def remember(response: Response, request: Request, login: str, key: bytes, settings: Settings) -> None:
    """Know a browser again in which somebody has just signed in."""
    browser, known = _read(request, key, settings)
    mine = _digest(login, key)
    value = [browser or secrets.token_urlsafe(9), [mine, *(each for each in known if each != mine)][:PEOPLE]]
    response.set_cookie(
        prefixed("salesml-browser", settings), signer(key, SALT).dumps(value), max_age=DAYS * 24 * 3600,
        path="/", secure=settings.secure, httponly=True, samesite="strict",
    )  # fmt: skip


def _read(request: Request, key: bytes, settings: Settings) -> tuple[str | None, list[str]]:
    try:
        value = request.cookies.get(prefixed("salesml-browser", settings), "")
        browser, known = signer(key, SALT).loads(value)
    except (BadData, ValueError, TypeError):
        return None, []
    return browser, known


def _digest(login: str, key: bytes) -> str:
    return hmac.new(key, f"browser {folded(login)}".encode(errors="replace"), "sha256").hexdigest()[:12]
