"""Headers that every answer has: what a browser may load, run and tell others."""

from __future__ import annotations

from typing import Final

from fastapi import FastAPI
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)

HEADERS: Final = {
    "content-security-policy": POLICY,
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}

YEAR: Final = 365 * 24 * 3600


def add_headers(app: FastAPI, *, secure: bool) -> None:
    """Give every answer its headers; with https, browsers hold to https for a year."""
    more = {"strict-transport-security": f"max-age={YEAR}"} if secure else {}
    app.add_middleware(_Headers, headers=HEADERS | more)


class _Headers:
    def __init__(self, app: ASGIApp, headers: dict[str, str]) -> None:
        self.app = app
        self.headers = headers

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                there = MutableHeaders(scope=message)
                for name, value in self.headers.items():
                    there.setdefault(name, value)
                if not scope["path"].startswith("/static/"):
                    there.setdefault("cache-control", "no-store")
            await send(message)

        if scope["type"] == "http":
            await self.app(scope, receive, with_headers)
        else:
            await self.app(scope, receive, send)
