"""What went wrong unforeseen."""

from __future__ import annotations

import re

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient


def test_a_page_says_a_number_and_the_log_what_it_was(app: FastAPI, caplog: pytest.LogCaptureFixture) -> None:
    @app.get("/fails/{entity_id}")
    def fails(entity_id: str) -> None:
        raise RuntimeError(f"no {entity_id}")

    answer = TestClient(app).get("/fails/C-1?search=hush")
    assert answer.status_code == 500
    found = re.search(r"written down under the number ([0-9a-f]{8})\.", answer.text)
    assert found
    assert "RuntimeError" not in answer.text
    assert f"Mishap {found[1]} at GET /fails/{{entity_id}}" in caplog.text
    assert "RuntimeError: no C-1" in caplog.text
    assert "hush" not in caplog.text


def test_a_program_is_told_in_json(app: FastAPI) -> None:
    @app.get("/api/fails")
    def fails() -> None:
        raise RuntimeError

    answer = TestClient(app).get("/api/fails")
    assert answer.status_code == 500
    [fault] = answer.json()["faults"]
    assert fault["code"] == "wrong"
    assert "written down under the number" in fault["found"]
