"""Headers that every answer has: what a browser may load, run and tell others."""

from __future__ import annotations

from typing import Final

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from salesml.web.settings import Settings

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
    "x-robots-tag": "noindex, nofollow",
}

YEAR: Final = 365 * 24 * 3600

RENEWED: Final = "renewed_cookie"
"""Where a request keeps the cookie that its answer brings, besides those of its route."""


class Headers:
    """Gives every answer its headers; with https, browsers hold to https for a year."""

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self.app = app
        more = {"strict-transport-security": f"max-age={YEAR}"} if settings.secure else {}
        self.headers = HEADERS | more

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                self._add(MutableHeaders(scope=message), scope)
            await send(message)

        await self.app(scope, receive, with_headers if scope["type"] == "http" else send)

    def _add(self, there: MutableHeaders, scope: Scope) -> None:
        for name, value in self.headers.items():
            there.setdefault(name, value)
        if not scope["path"].startswith("/static/"):
            there.setdefault("cache-control", "no-store")
        renewed = scope.get("state", {}).get(RENEWED)
        if renewed:
            there.append("set-cookie", renewed)
