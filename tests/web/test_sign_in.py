"""Signing in by a password, and out."""

from __future__ import annotations

import pytest
from fastapi.testclient import TestClient

from salesml.store.audit import entries
from salesml.store.engine import Store
from salesml.store.users import disable
from tests.store.company import company, rep
from tests.web.conftest import PASSWORD, Signed, form_token


def attempt(client: TestClient, login: str = "rep1@example.com", password: str = PASSWORD) -> int:
    return int(client.post("/sign-in", data={"login": login, "password": password}).status_code)


def test_whoever_is_not_signed_in_is_asked_to_and_comes_back(visitor: TestClient) -> None:
    answer = visitor.get("/accounts?search=a b&page=2")
    assert answer.status_code == 303
    assert answer.headers["location"] == "/sign-in?next=%2Faccounts%3Fsearch%3Da%2520b%26page%3D2"
    form = visitor.get(answer.headers["location"])
    assert 'value="/accounts?search=a%20b&amp;page=2"' in form.text
    data = {"login": "rep1@example.com", "password": PASSWORD, "next": "/accounts?search=a%20b&page=2"}
    assert visitor.post("/sign-in", data=data).headers["location"] == "/accounts?search=a%20b&page=2"


def test_a_part_of_a_page_sends_the_whole_page_there(visitor: TestClient) -> None:
    headers = {"hx-request": "true", "hx-current-url": "http://testserver/accounts?page=2"}
    answer = visitor.get("/accounts?page=3", headers=headers)
    assert (answer.status_code, answer.headers["hx-redirect"]) == (
        401,
        "/sign-in?next=%2Faccounts%3Fpage%3D2",
    )
    odd = visitor.get("/accounts", headers={"hx-request": "true", "hx-current-url": "https://example.org//x"})
    assert visitor.get(odd.headers["hx-redirect"]).text.count('name="next" value="/"') == 1


def test_a_wrong_password_is_refused_and_says_no_more(visitor: TestClient) -> None:
    wrong = visitor.post("/sign-in", data={"login": "rep1@example.com", "password": "no"})
    nobody = visitor.post("/sign-in", data={"login": "nobody@example.com", "password": PASSWORD})
    assert wrong.status_code == nobody.status_code == 403
    assert wrong.text == nobody.text
    assert "do not go together" in wrong.text
    assert wrong.headers.keys() == nobody.headers.keys()
    assert visitor.get("/accounts").status_code == 303


def test_who_may_not_come_in_is_told_the_same(visitor: TestClient, store: Store) -> None:
    wrong = visitor.post("/sign-in", data={"login": "nobody@example.com", "password": "no"})
    disable(store, "rep1@example.com", by="test")
    company(store, rep("R2", login="rep2@example.com"), rep("R9", login="REP2@example.com"))
    for who in ("rep1", "rep2", "rep3"):  # shut out; of two reps; of no rep
        answer = visitor.post("/sign-in", data={"login": f"{who}@example.com", "password": PASSWORD})
        assert (answer.status_code, answer.text) == (403, wrong.text)


def test_a_name_is_typed_as_people_do(visitor: TestClient) -> None:
    assert attempt(visitor, " Rep1@Example.com ") == 303


@pytest.mark.parametrize("login", ["a" * 321, "x\u0001y"])
def test_what_can_be_no_name_is_refused(visitor: TestClient, login: str) -> None:
    assert attempt(visitor, login) in (403, 422)


def test_after_some_wrong_tries_there_is_a_pause_even_for_the_right_one(visitor: TestClient) -> None:
    assert [attempt(visitor, password="no") for _ in range(5)] == [403] * 5
    answer = visitor.post("/sign-in", data={"login": "rep1@example.com", "password": PASSWORD})
    assert answer.status_code == 429
    assert 0 < int(answer.headers["retry-after"]) <= 10
    assert "too many tries. Wait a minute" in answer.text
    assert attempt(visitor, "rep2@example.com") == 303


def test_strangers_never_keep_somebody_out_of_their_own_browser(
    app_of: TestClient, signed_in: Signed
) -> None:
    own = signed_in("rep1")
    own.post("/sign-out", data={"csrf": form_token(own.get("/accounts").text)})
    stranger = app_of
    assert [attempt(stranger, password="no") for _ in range(6)] == [403] * 5 + [429]
    assert attempt(own) == 303
    # But that browser is known for this name alone.
    assert [attempt(own, "rep2@example.com", "no") for _ in range(6)][-1] == 429


@pytest.fixture
def app_of(visitor: TestClient) -> TestClient:
    return visitor


def test_signing_out_needs_a_form_of_the_session(signed_in: Signed) -> None:
    client = signed_in()
    assert client.post("/sign-out").status_code == 403
    assert client.post("/sign-out", data={"csrf": "0" * 64}).status_code == 403
    assert client.post("/sign-out", data={"csrf": "\u00e4"}).status_code == 403
    assert client.get("/accounts").status_code == 200
    token = form_token(client.get("/accounts").text)
    assert client.post("/sign-out", data={"csrf": token}).status_code == 303
    assert client.get("/accounts").status_code == 303
    assert "You are signed out" in client.get("/signed-out").text


def test_next_never_leads_elsewhere(visitor: TestClient) -> None:
    for elsewhere in ("https://example.org", "//example.org", "/\\example.org", "/\t/example.org"):
        data = {"login": "rep1@example.com", "password": PASSWORD, "next": elsewhere}
        assert visitor.post("/sign-in", data=data).headers["location"] == "/"
        assert 'name="next" value="/"' in visitor.get("/sign-in", params={"next": elsewhere}).text


def test_the_log_tells_who_came_who_was_refused_and_who_left(
    signed_in: Signed, visitor: TestClient, store: Store
) -> None:
    for _ in range(7):
        attempt(visitor, password="no")
    for _ in range(2):
        attempt(visitor, "my secret password", "no")
    client = signed_in("rep2")
    client.post("/sign-out", data={"csrf": form_token(client.get("/accounts").text)})
    told = [(each.by, each.what, each.about, each.address) for each in entries(store)]
    assert told == [
        ("rep1@example.com", "sign-in-refused", None, "testclient"),
        ("rep1@example.com", "sign-in-slowed", None, "testclient"),
        ("(unknown)", "sign-in-refused", None, "testclient"),
        ("rep2@example.com", "sign-in", None, "testclient"),
        ("rep2@example.com", "sign-out", None, "testclient"),
    ]


def test_there_is_no_provider_here(visitor: TestClient) -> None:
    for path in ("/sign-in/start", "/sign-in/back", "/sign-out/provider"):
        assert visitor.get(path).status_code == 404
