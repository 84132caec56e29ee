"""What is not theirs does not exist: every route, method and place, for twenty reps and all that is others'.

The routes come from the site's own table, so that a new one is covered by itself; where this test does not
know what to fill in, it fails until it is told. For each rep every account and prospect of others is asked
for, in one place after the other; ``ROW_ACCESS=all`` asks for each of them in every place.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any, Final

import httpx2
import pytest
import sqlalchemy as sa

from salesml.store.feedback import Feedback
from salesml.store.people import Audit
from salesml.web.api.cursor import Cursor
from salesml.web.desk.lists import ORDERS
from salesml.web.export.book import Binder
from tests.store.made import DAY
from tests.web.conftest import without_token
from tests.web.rows import company
from tests.web.rows.company import (
    EVERY,
    REPS,
    answer_of,
    books,
    borne,
    id_of,
    is_own,
    is_scored,
    kind_of,
    owner,
)
from tests.web.rows.site import MISSING, Place, Site, own_of
from tests.web.rows.table import KINDS, Route
from tests.web.rows.table import REPS as NAMES_OF_REPS

METHODS: Final = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")

VARIED: Final[dict[str, tuple[str, ...]]] = {
    "search": ("name-", "C-0002", "P-0005", "%"),
    "band": ("A", "D"),
    "rep": ("R0", "R6", "R8", "R13", "R99"),
    "order": tuple(ORDERS),
    "page": ("2",),
    "limit": ("1", "500"),
    "cursor": tuple(str(Cursor(*each)) for each in ((1, 1), (2, 1), (3, 1), (4, 1), (2, 2))),
    "show": ("week", "all"),
    "kind": KINDS,
    "if-none-match": ('"another"',),
}
"""Values of what lists can be asked for."""


def planned(site: Site, rep: int) -> Iterator[tuple[Place, int]]:
    """All that is others', each in a place where it can stand: in the next one for the next rep."""
    for kind in KINDS:
        places = [each for each in site.places if each.kind == kind]
        foreign = [each for each in EVERY if kind_of(each) == kind and not is_own(rep, each)]
        for turn, each in enumerate(foreign):
            every = places if os.environ.get("ROW_ACCESS") == "all" else [places[(turn + rep) % len(places)]]
            yield from ((place, each) for place in every)


def seen(answer: httpx2.Response, *words: str) -> tuple[int, list[tuple[str, str]], str]:
    """All that an answer says, but for when it was said and whom it was asked about."""
    text = without_token(answer.text)
    for each in words:
        text = text.replace(each, "…")
    headers = [each for each in answer.headers.multi_items() if each[0] not in ("date", "set-cookie")]
    return answer.status_code, sorted(headers), text


def kept(site: Site) -> tuple[Any, ...]:
    """How much people have answered, and how much of it was written down."""

    def count(connection: sa.Connection) -> tuple[Any, ...]:
        answered = sa.select(sa.func.count()).where(Audit.what.like("answer%"))
        return tuple(
            connection.execute(each).scalar_one()
            for each in (sa.select(sa.func.count(Feedback.id)), answered)
        )

    return site.store.read(count, site.store.feedback)


def test_at_least_ten_thousand_refusals_are_asked_for(site: Site) -> None:
    asked = [(rep, *each) for rep in range(REPS) for each in planned(site, rep)]
    assert len(asked) >= 10_000
    assert len({each for _, _, each in asked}) == len(EVERY)
    assert {(rep, place) for rep, place, _ in asked} == {(r, p) for r in range(REPS) for p in site.places}


@pytest.mark.parametrize("rep", range(REPS))
def test_what_is_another_s_is_as_if_it_were_not_there(site: Site, rep: int) -> None:
    login, before = company.login(rep), kept(site)
    none: dict[Place, Any] = {}
    for place, foreign in planned(site, rep):
        own = own_of(rep, place.kind)
        if place not in none:
            none[place] = seen(site.ask(login, place.request(own, MISSING)), str(MISSING))
            assert none[place][0] == 404, f"{place.route}, {place.name}: {none[place]}"
        answer = site.ask(login, place.request(own, foreign))
        said = seen(answer, f"{foreign:06d}", str(answer_of(foreign)))
        assert said == none[place], f"rep {rep}, {place.route}, {place.name}: {id_of(foreign)}"
    assert kept(site) == before


@pytest.mark.parametrize("rep", range(0, REPS, 5))
def test_no_other_method_tells_more(site: Site, rep: int) -> None:
    login = company.login(rep)
    for place in site.places:
        own = own_of(rep, place.kind)
        foreign = next(each for each in EVERY if kind_of(each) == place.kind and not is_own(rep, each))
        for method in METHODS:
            there, none = (
                seen(
                    site.ask(login, place.request(own, each) | {"method": method}),
                    f"{each:06d}",
                    str(answer_of(each)),
                )
                for each in (foreign, MISSING)
            )
            assert there == none, f"{method} for {place.route}"


def variations(route: Route) -> Iterator[dict[str, str]]:
    """A list as it is, with each value of each thing that it can be asked for, and with some together."""
    unknown = route.names - VARIED.keys() - NAMES_OF_REPS - {"next"}
    assert not unknown, f"{route} can be asked for {sorted(unknown)}: say in VARIED by which values"
    yield {}
    for name in sorted(route.names & VARIED.keys()):
        yield from ({name: each} for each in VARIED[name])
    if {"search", "rep"} <= route.names:
        yield from ({"rep": each, "search": "name-"} for each in VARIED["rep"])
    for name in sorted(route.names & (NAMES_OF_REPS - VARIED.keys())):
        yield from ({name: each} for each in VARIED["rep"])


@pytest.mark.parametrize("rep", range(REPS))
def test_no_list_has_a_row_of_another(site: Site, rep: int) -> None:
    login = company.login(rep)
    for route in site.lists():
        for values in variations(route):
            if route.names & NAMES_OF_REPS and "{rep" in route.path and not values:
                continue  # needs a rep
            for partly in ({}, {"hx-request": "true"}) if len(values) != 1 else ({},):
                request = route.request(values)
                answer = site.ask(login, request | {"headers": request["headers"] | partly})
                assert answer.status_code in (200, 303, 404, 410, 422), (
                    f"{route} {values}: {answer.status_code}"
                )
                text = answer.text.replace(values.get("search") or "…", "…")
                others = {each for each in borne(text) if not is_own(rep, each)}
                assert not others, f"rep {rep}, {route}, {values}: {sorted(others)[:5]}"


@pytest.mark.parametrize("rep", range(0, REPS, 5))
def test_a_rep_s_page_of_another_rep_is_not_there(site: Site, rep: int) -> None:
    login = company.login(rep)
    for route in site.routes:
        for name in sorted(route.names & NAMES_OF_REPS):
            if f"{{{name}" not in route.path and not route.path.endswith("/"):
                continue
            none = seen(site.ask(login, route.request({name: "R99"})), "R99")
            others = [each for each in range(REPS) if each not in books(rep)]
            for each in others:
                there = seen(site.ask(login, route.request({name: f"R{each}"})), f"R{each}")
                assert there == none, f"rep {rep}, {route}: R{each}"


@pytest.mark.parametrize("rep", [0, 4, company.STANDS_IN, company.STOOD_IN])
def test_lists_have_every_row_of_one_s_own(site: Site, rep: int) -> None:
    login = company.login(rep)
    for path, numbers in (("accounts", company.ACCOUNTS), ("prospects", company.PROSPECTS)):
        found = site.ask(login, {"method": "GET", "url": f"/api/v1/{path}?limit=500", "headers": {}}).json()
        theirs = {each for each in numbers if is_own(rep, each)}
        assert {each["id"] for each in found["items"]} == {id_of(n) for n in theirs if is_scored(n)}
        shown = set()
        for url in (f"/{path}?show=all", f"/{path}?show=all&page=2", f"/{path}-without-score"):
            shown |= borne(site.ask(login, {"method": "GET", "url": url, "headers": {}}).text)
        assert shown == theirs


@pytest.mark.parametrize("rep", [0, 4, company.STANDS_IN, company.STOOD_IN])
def test_a_rep_s_file_has_every_row_of_theirs_and_no_other(site: Site, rep: int) -> None:
    # Of their own book alone: a file stays when they lead or stand in for somebody no more.
    binder = Binder(site.store, today=DAY, zone="UTC", rows=100)
    own = {each for each in EVERY if owner(each) == rep}
    assert borne(binder.book(f"R{rep}").html) == own


def test_each_place_opens_for_whose_it_is(site: Site) -> None:
    # Last of those that ask for rows: it answers scores and takes answers back.
    for turn, place in enumerate(site.places):
        rep = turn % REPS
        own = own_of(rep, place.kind)
        answer = site.ask(company.login(rep), place.request(own, own))
        assert answer.status_code in (200, 201, 303), f"{place.route}, {place.name}: {answer.text[:300]}"
        others = {each for each in borne(answer.text) if not is_own(rep, each)}
        assert not others, f"{place.route}: {others}"
