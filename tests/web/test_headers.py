"""Every answer has its headers, whatever it is."""

from __future__ import annotations

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from salesml.store.engine import Store
from salesml.web.app import create_app
from salesml.web.headers import HEADERS
from salesml.web.settings import Settings
from tests.web.conftest import KEY

REQUESTS = [("GET", "/sign-in"), ("GET", "/accounts"), ("GET", "/static/site.css"), ("GET", "/nowhere"),
            ("POST", "/sign-in"), ("DELETE", "/accounts"), ("GET", "/fails"), ("GET", "/sign-in?x=%00"),
            ("GET", "/accounts?page=x"), ("GET", "/api/nowhere"), ("GET", "/static/../app.py")]  # fmt: skip


def client(app: FastAPI) -> TestClient:
    @app.get("/fails")
    def fails() -> None:
        raise RuntimeError("a secret")

    return TestClient(app, follow_redirects=False)


@pytest.mark.parametrize(("method", "path"), REQUESTS)
def test_every_answer_has_its_headers(app: FastAPI, method: str, path: str) -> None:
    headers = client(app).request(method, path).headers
    assert {name: headers[name] for name in HEADERS} == HEADERS
    assert ("cache-control" in headers) is not path.startswith(
        "/static/site"
    ) or "no-store" not in headers.get("cache-control", "")
    assert "strict-transport-security" not in headers


def test_the_policy_lets_no_text_of_a_page_run() -> None:
    policy = dict(each.strip().partition(" ")[::2] for each in HEADERS["content-security-policy"].split(";"))
    assert policy["default-src"] == policy["base-uri"] == policy["frame-ancestors"] == "'none'"
    assert policy["script-src"] == policy["style-src"] == policy["form-action"] == "'self'"
    assert "unsafe" not in str(policy)


def test_with_https_browsers_hold_to_it(store: Store) -> None:
    headers = client(create_app(store, Settings(), key=KEY)).get("/fails").headers
    assert headers["strict-transport-security"] == "max-age=31536000"
