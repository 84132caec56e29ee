"""Only listed proxies are believed: where a request came from, how, and who it is."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest
from fastapi import FastAPI, Request
from fastapi.testclient import TestClient

from salesml.store import directory
from salesml.store.deputies import appoint
from salesml.store.engine import Store
from salesml.store.users import disable
from salesml.web.app import create_app
from salesml.web.peers import address_of
from salesml.web.settings import PROXY, Settings
from tests.web.conftest import KEY, form_token

SETTINGS = Settings(way_in=PROXY, proxies=("10.0.0.7", "10.0.1.0/24"), login_header="X-Remote-User",
                    sign_out_url="https://sso.example.com/out", secure=False)  # fmt: skip
LISTED, STRANGER = "10.0.0.7", "192.0.2.66"
KIM = {"x-remote-user": "rep1@example.com"}

From = Callable[[str], TestClient]


@pytest.fixture
def come(store: Store) -> From:
    """Somebody whose machine, or proxy, has an address."""
    app = create_app(store, SETTINGS, key=KEY)

    @app.get("/where")
    def where(request: Request) -> dict[str, str]:
        return {"address": address_of(request), "scheme": request.url.scheme,
                "said": request.headers.get("x-forwarded-for", "")}  # fmt: skip

    return lambda address: TestClient(app, client=(address, 40_000), follow_redirects=False)


def test_whom_a_listed_proxy_names_comes_in(come: From) -> None:
    page = come(LISTED).get("/accounts", headers=KIM)
    assert page.status_code == 200
    assert "Company C-000001" in page.text
    assert "Company C-000002" not in page.text


@pytest.mark.parametrize("address", [STRANGER, "10.0.0.8", "127.0.0.1", "testclient"])
def test_a_stranger_who_names_somebody_does_not(come: From, address: str) -> None:
    page = come(address).get("/accounts", headers=KIM)
    assert page.status_code == 403
    assert "reached by your company&#39;s own way of signing in" in page.text
    assert "Company" not in page.text


def test_a_stranger_does_not_come_in_by_a_session_of_the_proxys(come: From) -> None:
    cookie = {"cookie": f"salesml={come(LISTED).get('/accounts', headers=KIM).cookies['salesml']}"}
    assert come(STRANGER).get("/accounts", headers=cookie | KIM).status_code == 403
    # Nor does the proxy's own visitor whom it does not name.
    assert come(LISTED).get("/accounts", headers=cookie).status_code == 403


@pytest.mark.parametrize(
    "headers",
    [
        [],
        [("X-Remote-User", "")],
        [("X-Remote-User", "rep1@example.com"), ("x-remote-user", "rep2@example.com")],
        [("X-Remote-User", "nobody@example.com")],
        [("X-Remote-User", b"\xff\xfe")],
    ],
)
def test_a_proxy_that_names_nobody_or_two_lets_nobody_in(come: From, headers: list[tuple[str, str]]) -> None:
    assert come(LISTED).get("/accounts", headers=headers).status_code == 403


def test_each_request_is_whom_the_proxy_names_now(come: From) -> None:
    client = come(LISTED)
    assert "Company C-000001" in client.get("/accounts", headers=KIM).text
    other = client.get("/accounts", headers={"x-remote-user": "rep2@example.com"}).text
    assert "Company C-000002" in other
    assert "Company C-000001" not in other


def test_who_is_shut_out_is_so_whatever_the_proxy_says(come: From, store: Store) -> None:
    disable(store, "rep1@example.com", by="test")
    assert come(LISTED).get("/accounts", headers=KIM).status_code == 403


def test_a_change_still_needs_a_form_of_the_same_person(come: From) -> None:
    client = come(LISTED)
    assert client.post("/sign-out", headers=KIM).status_code == 403
    token = form_token(client.get("/accounts", headers=KIM).text)
    other = client.post("/sign-out", data={"csrf": token}, headers={"x-remote-user": "rep2@example.com"})
    assert other.status_code == 403
    token = form_token(client.get("/accounts", headers=KIM).text)
    done = client.post("/sign-out", data={"csrf": token}, headers=KIM)
    assert (done.status_code, done.headers["location"]) == (303, "https://sso.example.com/out")


def test_there_is_no_form_for_a_password(come: From) -> None:
    assert come(LISTED).get("/sign-in", params={"next": "/accounts"}).headers["location"] == "/accounts"
    data = {"login": "rep1@example.com", "password": "a long enough password"}
    assert come(LISTED).post("/sign-in", data=data).status_code == 404


@pytest.mark.parametrize(
    ("said", "address"),
    [
        ("203.0.113.9", "203.0.113.9"),
        ("1.1.1.1, 203.0.113.9", "203.0.113.9"),  # whoever is there may write what stands before
        ("203.0.113.9, 10.0.1.5", "203.0.113.9"),  # through another listed proxy
        ("1.1.1.1, 203.0.113.9:5555", "203.0.113.9"),
        ("203.0.113.9, nonsense", LISTED),
        ("10.0.1.5, 10.0.1.6", LISTED),
        ("[2001:db8::9]:5555", "2001:db8::9"),
        ("", LISTED),
    ],
)
def test_a_listed_proxy_says_where_a_request_came_from(come: From, said: str, address: str) -> None:
    answer = come(LISTED).get("/where", headers={"x-forwarded-for": said, "x-forwarded-proto": "https"})
    assert (answer.json()["address"], answer.json()["scheme"]) == (address, "https")


def test_of_anybody_else_it_is_the_machine_that_is_connected(come: From) -> None:
    headers = {"x-forwarded-for": "203.0.113.9", "x-forwarded-proto": "https", "x-real-ip": "203.0.113.9"}
    assert come(STRANGER).get("/where", headers=headers).json() == {
        "address": STRANGER, "scheme": "http", "said": "",
    }  # fmt: skip


def test_without_a_list_nobody_is_believed(app: FastAPI) -> None:
    @app.get("/where")
    def where(request: Request) -> str:
        return address_of(request)

    with TestClient(app, client=(LISTED, 1)) as client:
        assert client.get("/where", headers={"x-forwarded-for": "203.0.113.9"}).json() == LISTED


def test_a_deputy_stands_in_on_the_companys_day(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(directory, "LASTS", 0.0)
    day = dt.date(2026, 3, 10)
    appoint(store, "R1", "R2", day, day, by="test")

    class Late(dt.datetime):
        @classmethod
        def now(cls, tz: dt.tzinfo | None = None) -> Late:
            return cls(2026, 3, 10, 23, 30, tzinfo=dt.UTC).astimezone(tz)  # type: ignore[return-value]

    monkeypatch.setattr("salesml.web.settings.dt.datetime", Late)
    for zone, seen in (("UTC", True), ("America/New_York", True), ("Europe/Berlin", False)):
        settings = Settings(
            way_in=PROXY, proxies=(LISTED,), login_header="X-Remote-User", zone=zone, secure=False
        )
        client = TestClient(create_app(store, settings, key=KEY), client=(LISTED, 1))
        page = client.get("/accounts", headers={"x-remote-user": "rep2@example.com"})
        assert ("Company C-000001" in page.text) is seen, zone
