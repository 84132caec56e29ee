"""What stops a request before any route sees it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from fastapi import Request
from fastapi.testclient import TestClient

from salesml.store.engine import Store
from salesml.web.app import create_app
from salesml.web.settings import Settings
from tests.web.conftest import KEY, PASSWORD, Signed, form_token

SIGN_IN = {"login": "rep1@example.com", "password": PASSWORD}

With = Callable[..., TestClient]


@pytest.fixture
def site(store: Store) -> With:
    """A visitor of a site with some settings."""

    def visit(**more: Any) -> TestClient:
        app = create_app(store, Settings(**{"secure": False, **more}), key=KEY)

        @app.post("/echo")
        async def echo(request: Request) -> dict[str, int]:
            return {"bytes": len(await request.body())}

        return TestClient(app, follow_redirects=False)

    return visit


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 303),  # no browser
        ({"sec-fetch-site": "same-origin"}, 303),
        ({"sec-fetch-site": "none"}, 303),
        ({"sec-fetch-site": "cross-site"}, 403),
        ({"sec-fetch-site": "same-site"}, 403),
        ({"sec-fetch-site": "cross-site", "origin": "http://testserver"}, 403),
        ({"origin": "http://testserver"}, 303),
        ({"origin": "http://example.org"}, 403),
        ({"origin": "http://testserver.example.org"}, 403),
        ({"origin": "http://testserver:8080"}, 403),
        ({"origin": "null"}, 403),
        ({"origin": "http://["}, 403),
        ({"origin": ""}, 403),
    ],
)
def test_another_site_cannot_sign_anybody_in(site: With, headers: dict[str, str], status: int) -> None:
    answer = site().post("/sign-in", data=SIGN_IN, headers=headers)
    assert answer.status_code == status
    assert ("salesml" in answer.cookies) is (status == 303)


def test_with_https_a_page_without_is_another_site(site: With) -> None:
    client = site(secure=True, url="https://scores.example.com", hosts=("testserver",))
    for origin, status in (("https://scores.example.com", 303), ("http://scores.example.com", 403),
                           ("https://testserver", 403)):  # fmt: skip
        assert client.post("/sign-in", data=SIGN_IN, headers={"origin": origin}).status_code == status


def test_another_site_cannot_change_anything_even_with_the_forms_token(signed_in: Signed) -> None:
    client = signed_in()
    token = form_token(client.get("/accounts").text)
    for headers in ({"sec-fetch-site": "same-site"}, {"origin": "https://example.org"}):
        assert client.post("/sign-out", data={"csrf": token}, headers=headers).status_code == 403
    assert client.get("/accounts").status_code == 200


def test_a_site_is_asked_for_by_its_names_alone(site: With) -> None:
    client = site(hosts=("Scores.example.com",), url="http://127.0.0.1:8000")
    for host in ("scores.example.com", "SCORES.example.com:8443", "scores.example.com.", "127.0.0.1:8000"):
        assert client.get("/sign-in", headers={"host": host}).status_code == 200, host
    for host in ("evil.example", "scores.example.com.evil.example", "", "[", "a@scores.example.com.evil"):
        answer = client.get("/sign-in", headers={"host": host})
        assert answer.status_code == 400, host
        assert "not reached by that address" in answer.text
        assert "script-src 'self'" in answer.headers["content-security-policy"]


def test_a_body_too_large_is_refused_announced_or_not(site: With) -> None:
    client = site(body_bytes=1_000)

    def pieces(count: int) -> Iterator[bytes]:
        yield from (b"x" * 100 for _ in range(count))

    assert client.post("/echo", content=b"x" * 1_000).json() == {"bytes": 1_000}
    assert client.post("/echo", content=pieces(10)).json() == {"bytes": 1_000}
    for body in (b"x" * 1_001, pieces(11)):
        answer = client.post("/echo", content=body)
        assert answer.status_code == 413
        assert "too much at once" in answer.text
    for length in ("-1", "x", "1_0"):
        assert client.post("/echo", headers={"content-length": length}).status_code == 413


def test_a_body_that_does_not_come_is_not_waited_for(store: Store) -> None:
    app = create_app(store, Settings(secure=False, body_seconds=0.05), key=KEY)
    sent: list[dict[str, Any]] = []

    async def never() -> dict[str, Any]:
        await asyncio.sleep(3600)
        raise AssertionError

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {
        "type": "http",
        "method": "POST",
        "path": "/sign-in",
        "raw_path": b"/sign-in",
        "query_string": b"",
        "headers": [(b"content-length", b"10"), (b"host", b"testserver")],
        "client": ("192.0.2.1", 1),
        "server": ("testserver", 80),
        "scheme": "http",
        "http_version": "1.1",
        "root_path": "",
    }
    asyncio.run(app(scope, never, send))
    assert sent[0]["status"] == 408


@pytest.mark.parametrize("path", ["/accounts?search=a%00b", "/a%00b", "/sign-in?next=%00"])
def test_a_letter_that_no_store_can_hold_is_nowhere(site: With, path: str) -> None:
    assert site().get(path).status_code == 404


def test_nor_in_a_form(site: With) -> None:
    answer = site().post("/sign-in", data={"login": "a\0b", "password": "x"})
    assert answer.status_code == 400
