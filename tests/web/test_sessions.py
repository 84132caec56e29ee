"""Sessions: short, signed, and over when they are to be."""

from __future__ import annotations

import base64
import time
from dataclasses import replace
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from starlette.responses import Response

from salesml.store.engine import Store
from salesml.store.keys import Key
from salesml.store.people import EndedSession
from salesml.store.users import change, disable, set_password, sign_out, sign_out_all
from salesml.web import sessions
from salesml.web.app import create_app
from salesml.web.sessions import Session
from salesml.web.settings import Settings
from tests.store.company import company
from tests.web.conftest import KEY, PASSWORD, Signed, form_token

SETTINGS = Settings()


def cookie_of(session: Session, key: bytes = KEY) -> str:
    response = Response()
    sessions.keep(response, session, key, SETTINGS)
    return response.headers["set-cookie"].partition("=")[2].partition(";")[0]


def aged(client: TestClient, **more: Any) -> None:
    """Put a session into a client's cookie as it would have been."""
    session = replace(Session.begin("rep1@example.com", 0), **more)
    value = sessions.signer(KEY, sessions.SALT).dumps(
        [session.login, session.epoch, session.begun, session.seen, session.secret]
    )
    client.cookies.clear()
    client.cookies.set("salesml", value)


def is_in(client: TestClient) -> bool:
    return client.get("/accounts").status_code == 200


def test_the_cookie_is_for_this_host_over_https_and_not_for_scripts(store: Store) -> None:
    app = create_app(store, SETTINGS, key=KEY)
    client = TestClient(app, base_url="https://testserver", follow_redirects=False)
    answer = client.post("/sign-in", data={"login": "rep1@example.com", "password": PASSWORD})
    sent = dict(each.split("=", 1) for each in answer.headers.get_list("set-cookie"))
    flags = sent["__Host-salesml"].lower()
    for flag in ("path=/", "secure", "httponly", "samesite=lax"):
        assert flag in flags.split("; ")
    assert 35_900 <= int(flags.partition("max-age=")[2].partition(";")[0]) <= 36_000
    assert "domain" not in flags
    assert "samesite=strict" in sent["__Host-salesml-browser"].lower()
    assert client.get("/accounts").status_code == 200


def test_what_was_not_signed_by_this_site_is_nothing() -> None:
    good = cookie_of(Session.begin("kim", 0))
    assert sessions.read(good, KEY, SETTINGS)
    assert sessions.read(cookie_of(Session.begin("kim", 0), b"another key"), KEY, SETTINGS) is None
    for bad in (None, "", "x", good[:-1], good[:-2] + "xx", "A" + good, f"{good}.x", good.split(".")[0]):
        assert sessions.read(bad, KEY, SETTINGS) is None
    # Nor is what was signed for another purpose, or what has another form.
    other = sessions.signer(KEY, "salesml browser").dumps(["kim", 0, 0, 2**31, "s"])
    assert sessions.read(other, KEY, SETTINGS) is None
    assert sessions.read(sessions.signer(KEY, sessions.SALT).dumps(["kim"]), KEY, SETTINGS) is None


@pytest.mark.parametrize(
    ("begun", "seen", "goes_on"),
    [(0, 0, True), (-35_900, -3_500, True), (-3_700, -3_700, False), (-36_100, -10, False), (0, 120, False)],
)
def test_it_ends_by_itself(begun: int, seen: int, goes_on: bool, visitor: TestClient) -> None:
    now = int(time.time())
    aged(visitor, begun=now + begun, seen=now + seen)
    assert is_in(visitor) is goes_on


def test_it_is_sent_again_once_a_minute_and_lasts_on_but_not_for_ever(visitor: TestClient) -> None:
    now = int(time.time())
    aged(visitor, begun=now - 40, seen=now - 40)
    assert "set-cookie" not in visitor.get("/accounts").headers
    aged(visitor, begun=now - 3_000, seen=now - 70)
    [again] = visitor.get("/accounts").headers.get_list("set-cookie")
    renewed = sessions.read(again.partition("=")[2].partition(";")[0], KEY, SETTINGS)
    assert renewed
    assert renewed.begun == now - 3_000
    assert abs(renewed.seen - now) <= 60
    left = int(again.lower().partition("max-age=")[2].partition(";")[0])
    assert 36_000 - 3_000 - 60 <= left <= 36_000 - 3_000


def test_signing_out_ends_it_wherever_copies_of_it_are(signed_in: Signed, visitor: TestClient) -> None:
    client = signed_in()
    copy = client.cookies["salesml"]
    token = form_token(client.get("/accounts").text)
    answer = client.post("/sign-out", data={"csrf": token})
    assert (answer.status_code, answer.headers["location"]) == (303, "/signed-out")
    assert "salesml" not in client.cookies
    visitor.cookies.set("salesml", copy)
    assert not is_in(visitor)
    other = signed_in()  # in another session they are in
    assert is_in(other)


def test_signing_out_of_a_session_that_is_due_does_not_bring_it_back(visitor: TestClient) -> None:
    now = int(time.time())
    aged(visitor, begun=now - 100, seen=now - 100)
    token = form_token(visitor.get("/accounts").text)
    aged(visitor, begun=now - 100, seen=now - 100)
    session = sessions.read(visitor.cookies["salesml"], KEY, SETTINGS)
    assert session
    assert not sessions.is_form_token(token, session, KEY)
    answer = visitor.post("/sign-out", headers={"x-csrf-token": sessions.form_token(session, KEY)})
    assert [each for each in answer.headers.get_list("set-cookie") if "Max-Age=0" not in each] == []


def test_each_session_has_its_own_token_for_forms(signed_in: Signed) -> None:
    one, other = signed_in("rep1"), signed_in("rep1")
    token = form_token(one.get("/accounts").text)
    assert other.post("/sign-out", data={"csrf": token}).status_code == 403
    assert one.post("/sign-out", headers={"x-csrf-token": token}).status_code == 303


def test_the_token_of_a_page_has_other_letters_each_time_and_holds(signed_in: Signed) -> None:
    client = signed_in("rep1")
    given = [form_token(client.get("/accounts").text) for _ in range(20)]
    for place in range(16):
        assert len({each[place : place + 4] for each in given}) > 2
    assert client.post("/sign-out", headers={"x-csrf-token": given[0]}).status_code == 303


@pytest.mark.parametrize("how", ["plain", "short", "long", "empty", "no letters", "another letter", "turned"])
def test_what_is_no_token_of_a_page_is_none(how: str) -> None:
    session = sessions.Session.begin("rep1@example.com", 0)
    right = sessions.form_token(session, KEY)
    assert sessions.is_form_token(right, session, KEY)
    known = base64.urlsafe_b64decode(right)
    pad, masked = known[:32], known[32:]
    plain = bytes(a ^ b for a, b in zip(pad, masked, strict=True))
    wrong = {
        "plain": plain.hex(), "short": right[:-4], "long": right + "AAAA", "empty": "",
        "no letters": "\u00e4", "another letter": ("A" if right[0] != "A" else "B") + right[1:],
        "turned": base64.urlsafe_b64encode(known[::-1]).decode(),
    }[how]  # fmt: skip
    assert not sessions.is_form_token(wrong, session, KEY)


def test_what_is_done_to_a_user_holds_at_their_next_request(signed_in: Signed, store: Store) -> None:
    ends = [
        lambda: set_password(store, "rep1@example.com", "another long password", by="test"),
        lambda: sign_out(store, "rep1@example.com", by="test"),
        lambda: disable(store, "rep1@example.com", by="test"),
    ]
    clients = [signed_in() for _ in ends]
    assert is_in(clients[0])
    for number, end in enumerate(ends):
        if number == 1:
            clients[1] = signed_in(password="another long password")
        if number == 2:
            clients[2] = signed_in(password="another long password")
        end()
        assert not is_in(clients[number])


def test_another_role_holds_in_the_middle_of_a_session(signed_in: Signed, store: Store) -> None:
    client = signed_in("rep1")
    assert "Company C-000002" not in client.get("/accounts?search=C-000002").text
    change(store, "rep1@example.com", by="test", role="analyst")
    assert "Company C-000002" in client.get("/accounts?search=C-000002").text
    change(store, "rep1@example.com", by="test", role="")
    assert "Company C-000002" not in client.get("/accounts?search=C-000002").text


def test_a_rep_who_leaves_the_company_is_out(signed_in: Signed, store: Store) -> None:
    client = signed_in("rep1")
    assert is_in(client)
    company(store)
    assert not is_in(client)


def test_two_processes_share_the_key_and_another_key_ends_all(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = replace(SETTINGS, secure=False)
    clients = [TestClient(create_app(Store(str(store.address.published)), settings), follow_redirects=False)
               for _ in range(2)]  # fmt: skip
    assert (
        clients[0].post("/sign-in", data={"login": "rep1@example.com", "password": PASSWORD}).status_code
        == 303
    )
    clients[1].cookies = clients[0].cookies
    assert [is_in(each) for each in clients] == [True, True]
    for each in clients:
        keys = each.app.state.site.keys  # type: ignore[attr-defined]
        assert isinstance(keys, Key)
        keys.lasts = 0.0
    sign_out_all(store, by="test")
    assert [is_in(each) for each in clients] == [False, False]
    for each in clients:
        each.app.state.site.store.close()  # type: ignore[attr-defined]


def test_somebody_elses_cookie_is_no_way_to_their_session(app: FastAPI, signed_in: Signed) -> None:
    """A session that was there before is never gone on with: signing in begins another."""
    attacker = signed_in("rep2")
    victim = TestClient(app, follow_redirects=False)
    victim.cookies.set("salesml", attacker.cookies["salesml"])
    victim.post("/sign-in", data={"login": "rep1@example.com", "password": PASSWORD})
    values = [each.value for each in victim.cookies.jar if each.name == "salesml"]
    assert attacker.cookies["salesml"] not in values[-1:]
    assert "Company C-000002" in attacker.get("/accounts").text
    assert EndedSession.__tablename__ == "ended_sessions"
