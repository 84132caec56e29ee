"""Who sees what where people sign in by a proxy or by a provider: the same, and nobody comes in beside it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest

from salesml.web.provider.client import Asked, NotBelieved
from salesml.web.settings import OIDC, PASSWORD
from tests.web.rows import company
from tests.web.rows.company import EVERY, borne, id_of, is_own, kind_of
from tests.web.rows.site import (
    LISTED,
    LOGIN_HEADER,
    MISSING,
    OPEN,
    OTHER_WAYS,
    SETTINGS,
    Site,
    own_of,
)
from tests.web.rows.table import routes
from tests.web.rows.test_row_access import seen, variations

REPS: Final = (0, 4, company.STANDS_IN, company.STOOD_IN)
STRANGER: Final = "192.0.2.66"


def foreign_to(rep: int, kind: str) -> list[int]:
    """Four whom a rep may not see."""
    return [each for each in EVERY if kind_of(each) == kind and not is_own(rep, each)][:: len(EVERY) // 5][:4]


@pytest.mark.parametrize("rep", REPS)
def test_what_is_another_s_is_as_if_it_were_not_there(other_site: Site, rep: int) -> None:
    login = company.login(rep)
    for place in other_site.places:
        own = own_of(rep, place.kind)
        none = seen(other_site.ask(login, place.request(own, MISSING)), str(MISSING))
        assert none[0] == 404, f"{place.route}, {place.name}"
        for foreign in foreign_to(rep, place.kind):
            answer = other_site.ask(login, place.request(own, foreign))
            numbers = (f"{foreign:06d}", str(company.answer_of(foreign)))
            assert seen(answer, *numbers) == none, f"{place.route}, {place.name}: {id_of(foreign)}"


@pytest.mark.parametrize("rep", REPS)
def test_lists_have_rows_of_one_s_own_and_no_other(other_site: Site, rep: int) -> None:
    shown = set()
    for route in other_site.lists():
        for values in variations(route):
            if "{rep" in route.path and not values:
                continue
            answer = other_site.ask(company.login(rep), route.request(values))
            found = borne(answer.text.replace(values.get("search") or "…", "…"))
            assert not [each for each in found if not is_own(rep, each)], f"{route} {values}"
            shown |= found
    assert shown


def test_each_place_opens_for_whose_it_is(other_site: Site) -> None:
    for place in other_site.places:
        own = own_of(4, place.kind)
        answer = other_site.ask(company.login(4), place.request(own, own))
        assert answer.status_code in (200, 201, 303), f"{place.route}, {place.name}"
        assert "sign-in" not in answer.headers.get("location", "")


def outside(site: Site) -> Iterator[tuple[str, str, dict[str, str]]]:
    """Who has not signed in by this way: what it is, the address they ask from, their headers."""
    login = company.login(9)
    yield "nobody", STRANGER, {}
    yield "a token of the API", "", site.token(login)
    yield "a name that anybody can write", STRANGER, {LOGIN_HEADER: login}
    if site.by_proxy:
        session = site.session(login)
        yield "a session without the proxy", STRANGER, session
        yield "a session with the proxy that names nobody", LISTED, session | {LOGIN_HEADER: ""}
        yield "the proxy that names a stranger", LISTED, session | {LOGIN_HEADER: "nobody@example.com"}


def test_every_route_wants_somebody(other_site: Site) -> None:
    own = own_of(9, "account")
    for route in other_site.routes:
        values = {"entity_id": id_of(own), "id": id_of(own), "number": str(company.answer_of(own))}
        request = route.request(values | dict.fromkeys(("rep", "rep_id"), "R9"))
        for who, address, headers in outside(other_site):
            if route.is_api:
                headers = {**headers, "authorization": "Bearer x"}
            asked = request | {"headers": request["headers"] | headers}
            answer = other_site.client.request(**asked, address=address)
            wanted = 401 if route.is_api else 403 if other_site.by_proxy else 303
            assert answer.status_code == wanted, f"{route}: {who}"
            assert not borne(answer.text.replace(id_of(own), "")), f"{route}: {who}"


def test_the_proxy_s_word_counts_and_not_the_session_that_came_with_it(proxied: Site) -> None:
    headers = proxied.session(company.login(3)) | {LOGIN_HEADER: company.login(9)}
    found = borne(proxied.client.get("/accounts", headers=headers).text)
    assert found
    assert all(is_own(9, each) for each in found)
    own = own_of(9, "account")
    [place] = [
        each for each in proxied.places if str(each.route) == "POST /answers" and each.kind == "account"
    ]
    request = place.request(own, own)
    answer = proxied.client.request(**request | {"headers": headers})
    assert answer.status_code == 403


class Believed:
    """A provider that knows who came back."""

    def __init__(self, login: str) -> None:
        self.known = login

    def address(self, asked: Asked) -> str:
        return "https://provider.example.com/ask"

    def sign_out_address(self) -> str:
        return "https://provider.example.com/out"

    def login(self, asked: Asked, given: dict[str, str]) -> str:
        if not self.known:
            raise NotBelieved("nobody")
        return self.known


@pytest.mark.parametrize("rep", REPS)
def test_who_comes_back_from_the_provider_sees_their_own(
    provided: Site, monkeypatch: pytest.MonkeyPatch, rep: int
) -> None:
    back = come_back(provided, monkeypatch, company.login(rep))
    cookies = back.headers.get_list("set-cookie")
    [session] = [each.partition(";")[0] for each in cookies if each.startswith("salesml=")]
    found = borne(provided.client.get("/accounts", headers={"cookie": session}).text)
    assert found
    assert all(is_own(rep, each) for each in found)


@pytest.mark.parametrize("login", ["", "nobody@example.com", "R9"])
def test_whom_the_company_does_not_know_gets_no_session(
    provided: Site, monkeypatch: pytest.MonkeyPatch, login: str
) -> None:
    back = come_back(provided, monkeypatch, login)
    assert back.status_code == 403
    assert not [each for each in back.headers.get_list("set-cookie") if each.startswith("salesml=")]
    assert not borne(back.text)


def come_back(site: Site, monkeypatch: pytest.MonkeyPatch, login: str) -> Any:
    """Go to the provider and come back as somebody, with a row's number in every field."""
    monkeypatch.setitem(site.app.state.site.__dict__, "client", Believed(login))
    start = site.client.get("/sign-in/start?next=/accounts/C-000002")
    [asked] = [each.partition(";")[0] for each in start.headers.get_list("set-cookie")]
    return site.client.get("/sign-in/back?code=1&state=1", headers={"cookie": asked})


@pytest.mark.parametrize("way", [PASSWORD, *OTHER_WAYS])
def test_what_is_open_to_everybody_tells_of_nobody(tmp_path: Path, way: str) -> None:
    site = Site(tmp_path, OTHER_WAYS.get(way, SETTINGS))
    there = [each for each in routes(site.app) if str(each) in OPEN]
    names = {str(each) for each in there}
    assert ("GET /sign-in/back" in names) == (way == OIDC)
    with site.client:
        for route in there:
            for given in ("C-000002", "810002", "R2", company.login(2)):
                for who in ({}, site.session(company.login(9))):
                    request = route.request(dict.fromkeys(route.names, given))
                    answer = site.client.request(**request | {"headers": request["headers"] | who})
                    said = answer.text.replace(given, "…")
                    told = borne(said) | borne(re.sub(r"%2F|/", " ", answer.headers.get("location", "")))
                    assert told <= borne(given), f"{route}: {given}"
    site.store.close()
