"""Signing in by a password, and out."""

from __future__ import annotations

from fastapi.testclient import TestClient

from tests.web.conftest import PASSWORD, Signed, form_token


def test_whoever_is_not_signed_in_is_asked_to(visitor: TestClient) -> None:
    answer = visitor.get("/accounts")
    assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in?next=%2Faccounts")


def test_a_wrong_password_is_refused_and_says_no_more(visitor: TestClient) -> None:
    wrong = visitor.post("/sign-in", data={"login": "rep1@example.com", "password": "no"})
    nobody = visitor.post("/sign-in", data={"login": "nobody@example.com", "password": PASSWORD})
    assert wrong.status_code == nobody.status_code == 403
    assert wrong.text == nobody.text
    assert visitor.get("/accounts").status_code == 303


def test_signing_out_needs_a_form_of_the_session(signed_in: Signed) -> None:
    client = signed_in()
    assert client.post("/sign-out").status_code == 403
    assert client.get("/accounts").status_code == 200
    token = form_token(client.get("/accounts").text)
    assert client.post("/sign-out", data={"csrf": token}).status_code == 303
    assert client.get("/accounts").status_code == 303


def test_next_never_leads_elsewhere(visitor: TestClient) -> None:
    for elsewhere in ("https://example.org", "//example.org", "/\\example.org"):
        data = {"login": "rep1@example.com", "password": PASSWORD, "next": elsewhere}
        assert visitor.post("/sign-in", data=data).headers["location"] == "/"


def test_every_answer_has_its_headers(visitor: TestClient) -> None:
    for path in ("/sign-in", "/accounts", "/static/site.css", "/nowhere"):
        headers = visitor.get(path).headers
        assert "script-src 'self'" in headers["content-security-policy"]
        assert headers["x-content-type-options"] == "nosniff"
