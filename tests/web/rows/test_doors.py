"""Every route wants somebody: who has not signed in, or not for this, is told nothing."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import sqlalchemy as sa

from salesml.store import tokens
from salesml.store.moments import now
from salesml.store.people import Token
from salesml.store.users import disable
from salesml.web import sessions
from salesml.web.sessions import Session
from tests.web.conftest import KEY
from tests.web.rows import company
from tests.web.rows.company import answer_of, borne, id_of
from tests.web.rows.site import SETTINGS, Site, own_of
from tests.web.rows.table import IDS, NUMBERS, Route
from tests.web.rows.table import REPS as NAMES_OF_REPS


def refused(site: Site, route: Route, headers: dict[str, str]) -> bool:
    """Whether one is sent to sign in, or told that nobody is."""
    own = own_of(9, route.kinds[0]) if route.kinds else own_of(9, "account")
    values = dict.fromkeys(IDS, id_of(own)) | dict.fromkeys(NUMBERS, str(answer_of(own)))
    request = route.request(values | dict.fromkeys(NAMES_OF_REPS, "R9"))
    answer = site.client.request(**request | {"headers": request["headers"] | headers})
    assert not borne(answer.text.replace(id_of(own), ""))
    if route.is_api:
        return answer.status_code == 401
    return answer.status_code == 303 and answer.headers["location"].startswith("/sign-in")


def aged(login: str, **more: int) -> dict[str, str]:
    """A session whose moments lie so many seconds back."""
    begun = Session.begin(login, more.pop("epoch", 0))
    begun = replace(begun, **{name: getattr(begun, name) - back for name, back in more.items()})
    value = [begun.login, begun.epoch, begun.begun, begun.seen, begun.secret]
    cookie = sessions.signer(KEY, sessions.SALT).dumps(value)
    return {
        "cookie": f"{sessions.cookie_name(SETTINGS)}={cookie}",
        "x-csrf-token": sessions.form_token(begun, KEY),
    }


def test_every_route_wants_somebody(site: Site) -> None:
    login = company.login(9)
    day = 24 * 3600
    bearers = {
        "nobody": {},
        "another door": site.token(login),
        "left alone": aged(login, seen=day),
        "of long ago": aged(login, begun=30 * day),
        "of an earlier epoch": aged(login, epoch=5),
        "unknown": aged("nobody@example.com"),
    }
    for route in site.routes:
        for how, headers in bearers.items():
            if route.is_api and how == "another door":
                headers = site.session(login)
            assert refused(site, route, headers), f"{route}: {how}"


def test_every_route_of_the_api_wants_its_scope(site: Site) -> None:
    for scope in tokens.SCOPES:
        made = tokens.make(site.store, "test", company.login(9), [scope], 30, by="test")
        opened = set()
        for route in site.routes:
            if not route.is_api:
                continue
            own = own_of(9, "account")
            values = dict.fromkeys(IDS, id_of(own)) | dict.fromkeys(NUMBERS, str(answer_of(own)))
            request = route.request(values)
            headers = request["headers"] | {"authorization": f"Bearer {made}"}
            answer = site.client.request(**request | {"headers": headers})
            if answer.status_code == 403:
                assert 'scope="' in answer.headers["www-authenticate"]
                assert not borne(answer.text)
            else:
                opened.add(route.method if "feedback" in route.path else "scores")
        wanted = {"scores:read": "scores", "feedback:read": "GET", "feedback:write": "POST"}[scope]
        assert opened == {wanted}


def test_a_token_of_no_more_use_and_one_of_somebody_shut_out(site: Site) -> None:
    api = [each for each in site.routes if each.is_api]
    old = tokens.make(site.store, "test", company.login(9), tokens.SCOPES, 30, by="test")
    gone = tokens.make(site.store, "test", company.login(9), tokens.SCOPES, 30, by="test")
    past = sa.update(Token).where(Token.id == old.split(".")[1])
    expired = past.values(expires_at=now() - dt.timedelta(seconds=1))
    site.store.write(lambda con: con.execute(expired), site.store.feedback)
    tokens.revoke(site.store, gone.split(".")[1], by="test")
    wrong = {**site.token(company.login(9))}
    wrong["authorization"] = wrong["authorization"][:-1] + ("1" if wrong["authorization"][-1] == "0" else "0")
    for route in api:
        for given in (
            f"Bearer {old}",
            f"Bearer {gone}",
            wrong["authorization"],
            "Bearer x",
            "Basic cmVwOTo=",
        ):
            assert refused(site, route, {"authorization": given}), f"{route}: {given[:8]}"
    disable(site.store, company.login(9), by="test")
    for route in site.routes:
        headers = site.token(company.login(9)) if route.is_api else site.session(company.login(9))
        assert refused(site, route, headers), f"{route}: shut out"


def test_the_description_has_every_place_of_the_table(site: Site) -> None:
    said = site.client.get("/api/v1/openapi.json").json()
    described = set()
    for path, operations in said["paths"].items():
        for method, operation in operations.items():
            names = {each["name"] for each in operation.get("parameters", [])}
            body = operation.get("requestBody", {}).get("content", {}).get("application/json", {})
            if body:
                schema = said["components"]["schemas"][body["schema"]["$ref"].rpartition("/")[2]]
                names |= set(schema["properties"])
            described |= {(method.upper(), path, each) for each in names or {""}}
    table = {
        (each.method, each.path.replace(":path", ""), name)
        for each in site.routes
        if each.is_api
        for name in each.names or {""}
    }
    assert described == table
