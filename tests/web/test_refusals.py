"""What is said instead of an answer: a page to people, JSON to programs."""

from __future__ import annotations

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from salesml.errors import Fault, OutsideError
from salesml.web.ask import Somebody
from salesml.web.refusals import NotYours, SlowDown
from tests.web.conftest import Signed


@pytest.fixture
def routes(app: FastAPI) -> None:
    for before in ("", "/api"):

        @app.get(f"{before}/not-yours")
        def not_yours(_: Somebody) -> None:
            raise NotYours

        @app.get(f"{before}/slow")
        def slow() -> None:
            raise SlowDown(61)

        @app.get(f"{before}/away")
        def away() -> None:
            raise OutsideError(Fault(code="store-away", found="The store at hush cannot be used"))

        @app.get(f"{before}/number")
        def number(n: int) -> int:
            return n


@pytest.mark.usefixtures("routes")
def test_what_is_not_theirs_is_as_what_is_not_there(signed_in: Signed) -> None:
    client = signed_in()
    theirs, nowhere = client.get("/not-yours"), client.get("/not-there")
    assert theirs.status_code == nowhere.status_code == 404
    assert theirs.headers == nowhere.headers or theirs.headers.keys() == nowhere.headers.keys()
    assert "There is no such page, or it is not yours to see." in theirs.text
    assert client.get("/api/not-yours").json() == client.get("/api/not-there").json()


@pytest.mark.usefixtures("routes")
@pytest.mark.parametrize(
    ("path", "status", "code", "words"),
    [
        ("/not-there", 404, "not-found", "There is no such page"),
        ("/slow", 429, "too-many", "too many tries. Wait 2 minutes"),
        ("/away", 503, "away", "cannot be reached at the moment"),
        ("/number?n=hush", 422, "bad-value", "cannot be understood"),
    ],
)
def test_people_get_a_page_and_programs_json(
    visitor: TestClient, path: str, status: int, code: str, words: str
) -> None:
    page, told = visitor.get(path), visitor.get(f"/api{path}")
    assert page.status_code == told.status_code == status
    assert page.headers["content-type"].startswith("text/html")
    assert words in page.text
    [fault] = told.json()["faults"]
    assert fault["code"] == code
    assert words in fault["found"]
    assert "hush" not in page.text + told.text


@pytest.mark.usefixtures("routes")
def test_a_program_that_is_not_known_is_told_so(visitor: TestClient) -> None:
    answer = visitor.get("/api/not-yours")
    assert (answer.status_code, answer.json()["faults"][0]["code"]) == (401, "not-signed-in")


@pytest.mark.usefixtures("routes")
def test_when_to_come_again_is_said(visitor: TestClient) -> None:
    assert visitor.get("/slow").headers["retry-after"] == "61"
    assert visitor.get("/away").headers["retry-after"] == "60"


@pytest.mark.parametrize(
    ("path", "has"),
    [
        ("/sign-in", "GET, POST"), ("/answers", "POST"), ("/static/site.css", "GET, HEAD"),
        ("/api/v1/feedback", "GET, POST"),
    ],
)  # fmt: skip
def test_a_method_that_is_not_there_says_all_that_are(visitor: TestClient, path: str, has: str) -> None:
    answer = visitor.delete(path)
    assert (answer.status_code, answer.headers["allow"]) == (405, has)
