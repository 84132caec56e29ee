"""A line for each request, where a company wants that."""

from __future__ import annotations

import json
import logging
from dataclasses import replace

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from salesml.store.engine import Store
from salesml.web.app import create_app
from salesml.web.ask import Somebody
from salesml.web.settings import Settings
from tests.web.conftest import KEY, PASSWORD, Signed


def test_it_is_off_unless_asked_for(signed_in: Signed, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "salesml.web.access")
    signed_in().get("/accounts")
    assert caplog.records == []


def test_it_says_who_asked_for_what_and_nothing_of_what_was_written(
    store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "salesml.web.access")
    app: FastAPI = create_app(store, replace(Settings(), secure=False, access_log=True), key=KEY)

    @app.get("/of/{entity_id}")
    def of(who: Somebody, entity_id: str) -> None: ...

    client = TestClient(app, follow_redirects=False)
    client.post("/sign-in", data={"login": "rep1@example.com", "password": PASSWORD})
    client.get("/accounts?search=hush")
    client.get("/of/C-1")
    client.get("/nowhere/hush")
    lines = [
        json.loads(record.getMessage()) for record in caplog.records if record.name == "salesml.web.access"
    ]
    told = [(each["who"], each["method"], each["route"], each["of"], each["status"]) for each in lines]
    assert told == [
        (None, "POST", "/sign-in", None, 303),
        ("rep1@example.com", "GET", "/accounts", None, 200),
        ("rep1@example.com", "GET", "/of/{entity_id}", {"entity_id": "C-1"}, 200),
        (None, "GET", None, None, 404),
    ]
    assert all(each["ms"] >= 0 and each["at"].endswith("+00:00") for each in lines)
    assert "hush" not in caplog.text
    assert PASSWORD not in caplog.text
