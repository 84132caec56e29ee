"""The site over the company, and each place of it where somebody can stand."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache, cached_property
from pathlib import Path
from typing import Any, Final

import httpx2

from salesml.store import tokens
from salesml.store.engine import Store
from salesml.web import sessions
from salesml.web.app import create_app
from salesml.web.provider.settings import Provider
from salesml.web.sessions import Session
from salesml.web.settings import OIDC, PROXY, Settings
from tests.web.conftest import KEY
from tests.web.rows import company
from tests.web.rows.asked import Asker
from tests.web.rows.company import EVERY, answer_of, id_of, is_own, is_scored, kind_of
from tests.web.rows.table import IDS, NUMBERS, Route, routes

OPEN: Final = {
    "GET /sign-in", "POST /sign-in", "GET /signed-out", "GET /api/v1/openapi.json",
    "GET /health", "GET /ready", "GET /metrics",
    "GET /sign-in/start", "GET /sign-in/back", "GET /sign-out/provider",
}  # fmt: skip
"""Routes that need nobody, and tell nothing of anybody's rows; the last only with a provider."""

LEAVES: Final = {"POST /sign-out"}
"""Ends a session, and has nothing of anybody."""

MISSING: Final = 777_777
"""The number of nobody."""

SETTINGS: Final = Settings(secure=False)

LISTED: Final = "10.0.0.7"
"""The proxy that says who it is, where one does."""

LOGIN_HEADER: Final = "x-remote-user"

OTHER_WAYS: Final = {
    PROXY: Settings(way_in=PROXY, proxies=(LISTED,), login_header=LOGIN_HEADER, secure=False),
    OIDC: Settings(
        way_in=OIDC, secure=False, url="http://testserver",
        provider=Provider("http://127.0.0.1:9", "salesml", "hush-hush-hush-hush-hush-hush-hush-hush"),
    ),
}  # fmt: skip
"""Sites where people sign in otherwise than by a password; nobody answers at that provider's address."""


@dataclass(frozen=True)
class Place:
    """A place of a route where an id or the number of an answer stands, and whom it is about."""

    route: Route
    name: str
    kind: str

    def request(self, own: int, foreign: int) -> dict[str, Any]:
        """What one asks with who may see one row, and writes another's into this place."""
        number = str(answer_of(foreign)) if foreign in EVERY else str(MISSING)
        entity = id_of(foreign) if foreign in EVERY else f"{self.kind[0].upper().replace('A', 'C')}-{MISSING}"
        of_id = self.name in IDS
        values = dict.fromkeys(IDS, entity if of_id else id_of(own)) | dict.fromkeys(NUMBERS, number)
        return self.route.request(values | {"kind": self.kind})


class Site:
    """The site over the company, asked by everybody through one client."""

    def __init__(self, folder: Path, settings: Settings = SETTINGS) -> None:
        self.store = Store(f"sqlite:///{folder / 'store.db'}")
        company.set_up(self.store, folder)
        self.by_proxy = settings.way_in == PROXY
        self.app = create_app(self.store, settings, key=KEY)
        self.client = Asker(self.app, LISTED if self.by_proxy else "testclient")

    @cached_property
    def routes(self) -> list[Route]:
        return [each for each in routes(self.app) if str(each) not in OPEN | LEAVES]

    @cached_property
    def places(self) -> list[Place]:
        """Every place where somebody's id, or the number of an answer, can stand."""
        return [
            Place(route, name, kind)
            for route in self.routes
            for name in sorted(route.names & (IDS | NUMBERS))
            for kind in route.kinds
        ]

    def lists(self) -> list[Route]:
        """What is read without naming anybody."""
        return [each for each in self.routes if each.method == "GET" and not each.names & (IDS | NUMBERS)]

    @cache  # noqa: B019
    def session(self, login: str) -> dict[str, str]:
        begun = Session.begin(login, 0)
        # Begun for a test that takes longer than a session may rest.
        begun = replace(begun, seen=begun.seen + 30)
        cookie = sessions.cookie(begun, KEY, SETTINGS).partition(";")[0]
        named = {LOGIN_HEADER: login} if self.by_proxy else {}
        return {"cookie": cookie, "x-csrf-token": sessions.form_token(begun, KEY)} | named

    @cache  # noqa: B019
    def token(self, login: str) -> dict[str, str]:
        made = tokens.make(self.store, "test", login, tokens.SCOPES, 30, by="test")
        return {"authorization": f"Bearer {made}"}

    def ask(self, login: str, request: dict[str, Any]) -> httpx2.Response:
        is_api = request["url"].startswith("/api/")
        headers = request["headers"] | (self.token(login) if is_api else self.session(login))
        return self.client.request(**request | {"headers": headers})


def own_of(rep: int, kind: str) -> int:
    found = (each for each in EVERY if is_own(rep, each) and is_scored(each) and kind_of(each) == kind)
    return next(found)
