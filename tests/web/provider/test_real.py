"""Signing in by a real provider: there, back, and out."""

from __future__ import annotations

import re
import socket
from collections.abc import Callable, Iterator
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from fastapi.testclient import TestClient

from salesml.store.audit import entries
from salesml.store.engine import Store
from salesml.store.users import add, disable
from salesml.web.app import create_app
from salesml.web.provider.settings import Provider
from salesml.web.settings import OIDC, Settings
from tests.web.conftest import KEY, form_token
from tests.web.provider.real import CLIENT, SECRET, running

URL = "http://scores.example.com"

Visit = Callable[..., TestClient]


@pytest.fixture(scope="module")
def issuer() -> Iterator[str]:
    with running(URL) as address:
        yield address


@pytest.fixture
def visit(store: Store, issuer: str) -> Visit:
    """Somebody who comes to a site whose people sign in by the provider."""

    def visit(**more: str) -> TestClient:
        provider = Provider(
            **{"issuer": issuer, "client_id": CLIENT, "secret": SECRET, "name": "Acme"} | more
        )
        settings = Settings(way_in=OIDC, url=URL, provider=provider, secure=False)
        return TestClient(create_app(store, settings, key=KEY), base_url=URL, follow_redirects=False)

    return visit


def at_provider(address: str, login: str) -> str:
    """Sign in there, allow what is asked, and be sent back: the way back."""
    with requests.Session() as browser:
        answer = browser.get(address, timeout=30)
        for _ in range(3):
            prompt = re.search(r'name="prompt" value="(\w+)"', answer.text)
            assert prompt, answer.text
            form = re.search(r'action="([^"]+)"', answer.text)
            assert form
            data = {"prompt": prompt[1], "login": login, "password": "any"}
            answer = browser.post(form[1], data=data, timeout=30, allow_redirects=False)
            while answer.is_redirect:
                there = requests.compat.urljoin(answer.url, answer.headers["location"])
                if there.startswith(URL):
                    return there
                answer = browser.get(there, timeout=30, allow_redirects=False)
    raise AssertionError("the provider did not send us back")


def come(client: TestClient, login: str, next: str = "/accounts?page=1") -> tuple[int, str, str]:
    start = client.get("/sign-in/start", params={"next": next})
    assert start.status_code == 303, start.text
    answer = client.get(at_provider(start.headers["location"], login))
    return answer.status_code, answer.headers.get("location", ""), answer.text


def test_whom_the_provider_and_the_company_know_comes_in_and_goes_out(visit: Visit, store: Store) -> None:
    client = visit()
    page = client.get("/accounts")
    form = client.get(page.headers["location"])
    assert "Sign in with Acme" in form.text
    assert 'type="password"' not in form.text
    assert 'href="/sign-in/start?next=%2Faccounts"' in form.text
    assert come(client, "Rep1@example.com")[:2] == (303, "/accounts?page=1")
    accounts = client.get("/accounts")
    assert "Company C-000001" in accounts.text
    assert "Company C-000002" not in accounts.text
    assert "salesml-provider" not in client.cookies
    out = client.post("/sign-out", data={"csrf": form_token(accounts.text)})
    assert out.headers["location"] == "/signed-out"
    assert "still be signed in with Acme" in client.get("/signed-out").text
    there = client.get("/sign-out/provider").headers["location"]
    assert requests.get(there, timeout=30).status_code == 200
    assert parse_qs(urlsplit(there).query)["post_logout_redirect_uri"] == [f"{URL}/signed-out"]
    assert [(each.by, each.what) for each in entries(store)] == [
        ("rep1@example.com", "sign-in"), ("rep1@example.com", "sign-out"),
    ]  # fmt: skip


def test_what_is_sent_there_has_pkce_a_state_and_a_nonce_and_no_secret(visit: Visit, issuer: str) -> None:
    client = visit()
    first, second = (client.get("/sign-in/start").headers["location"] for _ in range(2))
    asked = {name: value[0] for name, value in parse_qs(urlsplit(first).query).items()}
    assert first.startswith(issuer)
    assert asked["code_challenge_method"] == "S256"
    assert (asked["response_type"], asked["redirect_uri"]) == ("code", f"{URL}/sign-in/back")
    again = parse_qs(urlsplit(second).query)
    for name in ("state", "nonce", "code_challenge"):
        assert len(asked[name]) >= 43
        assert asked[name] != again[name][0]
    assert SECRET not in first + str(client.cookies)


@pytest.mark.parametrize(
    ("login", "words"),
    [
        ("nobody@example.com", "signed in as nobody@example.com, but nobody of that name"),
        ("rep3@example.com", "signed in as rep3@example.com, but nobody of that name"),  # shut out
        ("new.rep1@example.com", "Signing in did not work"),  # an address that was not verified
        ("\u017fam@example.com", "signed in as \u017fam@example.com"),  # not sam
        ("<script>alert(1)</script>", "signed in as &lt;script&gt;alert(1)"),
    ],
)
def test_whom_the_company_does_not_know_stays_out(visit: Visit, store: Store, login: str, words: str) -> None:
    add(store, "sam@example.com", by="test", role="analyst")
    add(store, "new.rep1@example.com", by="test", role="analyst")
    disable(store, "rep3@example.com", by="test")
    client = visit()
    status, _, text = come(client, login)
    assert (status, words in text) == (403, True), text
    assert "salesml" not in client.cookies
    assert client.get("/accounts").status_code == 303


def test_another_claim_may_be_the_login(visit: Visit, store: Store) -> None:
    add(store, "new.kim@example.com", by="test", role="analyst")
    assert come(visit(claim="sub"), "new.kim@example.com")[0] == 303
    assert come(visit(claim="name"), "rep1@example.com")[0] == 403  # Somebody


def test_the_way_back_is_of_use_once_and_to_one_browser(visit: Visit) -> None:
    client, other = visit(), visit()
    back = at_provider(client.get("/sign-in/start").headers["location"], "rep1@example.com")
    assert other.get(back).status_code == 403  # it did not ask
    other.get("/sign-in/start")
    assert other.get(back).status_code == 403  # it asked for another
    cookie = client.cookies["salesml-provider"]
    assert client.get(back).status_code == 303
    assert client.get(back).status_code == 403  # what was kept is gone
    client.cookies.set("salesml-provider", cookie)
    assert client.get(back).status_code == 403  # the provider takes a code once


def test_who_says_no_there_stays_out(visit: Visit) -> None:
    client = visit()
    state = parse_qs(urlsplit(client.get("/sign-in/start").headers["location"]).query)["state"][0]
    answer = client.get("/sign-in/back", params={"state": state, "error": "access_denied"})
    assert (answer.status_code, "Signing in did not work" in answer.text) == (403, True)


def test_a_wrong_secret_lets_nobody_in(visit: Visit) -> None:
    assert come(visit(secret="another"), "rep1@example.com")[0] == 403


def test_they_never_go_elsewhere_afterwards(visit: Visit) -> None:
    for elsewhere in ("https://example.org", "//example.org", "/\t/example.org"):
        assert come(visit(), "rep1@example.com", elsewhere)[:2] == (303, "/")


def test_there_is_no_form_for_a_password(visit: Visit) -> None:
    data = {"login": "rep1@example.com", "password": "a long enough password"}
    assert visit().post("/sign-in", data=data).status_code == 404


def test_a_provider_that_is_away_is_said_to_be(visit: Visit) -> None:
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        client = visit(issuer=f"http://127.0.0.1:{nobody.getsockname()[1]}")
        for path in ("/sign-in/start", "/sign-out/provider"):
            answer = client.get(path)
            assert answer.status_code == 503
            assert "where your company signs you in cannot be reached" in answer.text
        assert client.get("/sign-in").status_code == 200
