"""Where a request came from: the machine that is connected, or whom a listed proxy says it is for."""

from __future__ import annotations

from typing import Final
from urllib.parse import urlsplit

from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Receive, Scope, Send

from salesml.web.networks import Networks, address
from salesml.web.paths import hostname
from salesml.web.settings import PROXY, Settings

FORWARDED: Final = (b"forwarded", b"x-forwarded-for", b"x-forwarded-proto", b"x-forwarded-host", b"x-real-ip")
FROM_PROXY: Final = "from_proxy"
FORWARDED_TO: Final = "forwarded_to"


class Peers:
    """Believes listed proxies, and takes away what others only pretend.

    The server itself must not have replaced the connected machine's address by what a header says.
    """

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self.app = app
        self.proxies = Networks.of(settings.proxies)
        self.theirs = {*FORWARDED, settings.login_header.lower().encode()} - {b""}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] in ("http", "websocket"):
            client = scope.get("client")
            forwarded = any(each[0].lower() in FORWARDED for each in scope["headers"])
            scope = {**scope, "state": {**scope.get("state", {}), FORWARDED_TO: forwarded}}
            if self.proxies.have(client[0] if client else None):
                scope = self._believed(scope)
            else:
                headers = [each for each in scope["headers"] if each[0].lower() not in self.theirs]
                scope = {**scope, "headers": headers}
                scope["state"] = {**scope.get("state", {}), FROM_PROXY: False}
        await self.app(scope, receive, send)

    def _believed(self, scope: Scope) -> Scope:
        headers = scope["headers"]
        client, scheme = self._client(headers) or scope.get("client"), scope.get("scheme", "http")
        said = [value for name, value in headers if name == b"x-forwarded-proto"]
        if said and said[-1] in (b"http", b"https"):
            scheme = said[-1].decode()
        state = {**scope.get("state", {}), FROM_PROXY: True}
        return {**scope, "client": client, "scheme": scheme, "state": state}

    def _client(self, headers: list[tuple[bytes, bytes]]) -> tuple[str, int] | None:
        """The last address on the way that is no listed proxy's: what stands before it, anybody may say."""
        way = b",".join(value for name, value in headers if name == b"x-forwarded-for").decode("latin-1")
        for text in reversed(way.split(",")):
            found = address(text)
            if found is None:
                return None
            if not self.proxies.have(str(found)):
                return str(found), 0
        return None


def is_direct(request: HTTPConnection, settings: Settings) -> bool:
    """Whether a request came without a proxy between, as far as can be seen.

    A proxy on the same machine has the address of that machine: what it hands on is known by the headers that
    it adds, or else by the name that people reach the site by.
    """
    public = urlsplit(settings.url).hostname
    named = hostname(request.headers.get("host", ""))
    return not getattr(request.state, FORWARDED_TO, True) and not (public and named == public)


def address_of(request: HTTPConnection) -> str:
    """The address that a request came from; ``unknown`` where there is none, as of a socket file."""
    return request.client.host if request.client else "unknown"


def login_from_proxy(request: HTTPConnection, settings: Settings) -> str | None:
    """Whom a listed proxy says it is; nobody where it says nothing, or two things."""
    if settings.way_in != PROXY or not getattr(request.state, FROM_PROXY, False):
        return None
    name = settings.login_header.lower().encode()
    said = [value for key, value in request.scope["headers"] if key == name]
    if len(said) != 1:
        return None
    try:
        return bytes(said[0]).decode() or None
    except UnicodeDecodeError:
        return None
