"""What stops a request: a wrong host, a body too large or too slow, a change that another site asks for."""

from __future__ import annotations

import asyncio
import contextlib
from typing import Final
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from salesml.web.networks import address
from salesml.web.paths import hostname
from salesml.web.refusals import said
from salesml.web.settings import Settings

SAFE: Final = ("GET", "HEAD", "OPTIONS")
PROBES: Final = ("/health", "/ready", "/metrics")
FORMS: Final = ("application/x-www-form-urlencoded", "multipart/form-data")

TO_ITS_END: Final = 256 * 1024
"""Bytes of a body that is too large and is read all the same: a proxy that is still writing when the
connection ends tells people that the site is away, and not that what they sent is too large."""


class Guard:
    """Refuses requests before any route sees them."""

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self.app = app
        self.settings = settings
        own = urlsplit(settings.url).hostname
        self.hosts = {each.lower() for each in (*settings.hosts, own) if each}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        request = Request(scope, receive)
        refused = self._refused(request)
        if refused is None and _has_body(request):
            try:
                async with asyncio.timeout(self.settings.body_seconds):
                    body = await _body(receive, self.settings.body_bytes)
            except TimeoutError:
                refused = "errors.too_slow", 408
            else:
                if body is None:
                    refused = "errors.too_large", 413
                elif _is_form(request) and (b"%00" in body or b"\0" in body):
                    refused = "errors.refused", 400
                else:
                    receive = _again(body, receive)
        if refused is not None:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(self.settings.body_seconds):
                    await self._to_its_end(request, receive)
            await said(request, *refused)(scope, receive, send)
        else:
            await self.app(scope, receive, send)

    async def _to_its_end(self, request: Request, receive: Receive) -> None:
        length = request.headers.get("content-length", "0")
        if length.isdecimal() and self.settings.body_bytes < int(length) <= TO_ITS_END:
            await _body(receive, TO_ITS_END)

    def _refused(self, request: Request) -> tuple[str, int] | None:
        """The text, and the status."""
        if not self._host_fits(request) and not _is_probe(request):
            return "errors.wrong_host", 400
        if "\0" in request.scope["path"] or b"%00" in request.scope["query_string"]:
            return "errors.not_found", 404  # no store can hold that letter
        if request.method not in SAFE and not self._is_ours(request):
            return "errors.refused", 403
        length = request.headers.get("content-length", "0")
        if not length.isdecimal() or int(length) > self.settings.body_bytes:
            return "errors.too_large", 413
        return None

    def _host_fits(self, request: Request) -> bool:
        if not self.hosts:
            return True
        given = request.headers.getlist("host")
        return len(given) == 1 and hostname(given[0]) in self.hosts

    def _is_ours(self, request: Request) -> bool:
        """Whether a change was asked for by a page of this site, or by what is no browser.

        Browsers say which site a page is of, and no page can make them say another.
        """
        fetched = request.headers.get("sec-fetch-site")
        if fetched is not None:
            return fetched in ("same-origin", "none")
        origin = request.headers.get("origin")
        if origin is None:
            return True
        host = urlsplit(self.settings.url).netloc or request.headers.get("host", "")
        schemes = ("https",) if self.settings.secure else ("http", "https")
        return origin.lower() in {f"{scheme}://{host.lower()}" for scheme in schemes if host}


def _is_probe(request: Request) -> bool:
    """Whether a machine asks how the site is, which knows its address but not its name."""
    given = request.headers.getlist("host")
    by_address = len(given) == 1 and address(hostname(given[0])) is not None
    return by_address and request.scope["path"] in PROBES and request.method in SAFE


def _is_form(request: Request) -> bool:
    return request.headers.get("content-type", "").lower().startswith(FORMS)


def _has_body(request: Request) -> bool:
    return request.headers.get("content-length", "0") != "0" or "transfer-encoding" in request.headers


async def _body(receive: Receive, most: int) -> bytes | None:
    """A body, whole; nothing when it is too large."""
    body = bytearray()
    while True:
        message = await receive()
        if message["type"] != "http.request":
            return bytes(body)  # they went away
        body += message.get("body", b"")
        if len(body) > most:
            return None
        if not message.get("more_body"):
            return bytes(body)


def _again(body: bytes, receive: Receive) -> Receive:
    """Hands over a body that was read already, then what comes after it."""
    waiting = [body]

    async def again() -> Message:
        if waiting:
            return {"type": "http.request", "body": waiting.pop(), "more_body": False}
        return await receive()

    return again
