"""Text stays text: 150 ways of writing markup, in every field that customers or reps control; none runs."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from itertools import product
from pathlib import Path
from urllib.parse import quote

import pytest
import sqlalchemy as sa
from fastapi.testclient import TestClient
from playwright.sync_api import Browser

from salesml.store import answers, passwords
from salesml.store.answers import Said, Seen
from salesml.store.engine import Store
from salesml.web.app import create_app
from salesml.web.export.run import export_pages
from salesml.web.settings import Settings
from salesml.web.show import segment
from tests.browser.conftest import served
from tests.browser.hostile import MANY, publish_hostile
from tests.browser.payloads import PAYLOADS
from tests.browser.visits import Site, Visit, pages, routes, visiting
from tests.web.conftest import CHEAP, KEY, PASSWORD

STRANGE = """() => [...document.querySelectorAll("*")].filter((each) =>
    [...each.attributes].some((at) => at.name.startsWith("on") || at.name.includes("hx-on")
        || (/^(href|src|action|xlink:href|formaction|data|srcdoc|background)$/.test(at.name)
            && !/^[/?#]/.test(at.value)))
    || each.matches("iframe, object, embed, base, img, video, audio, foreignObject, animate, use, math")
    || (each.matches("script, link") && !(each.src || each.href).startsWith(location.origin + "/static/"))
    || each.matches("meta[http-equiv], style, svg script, [autofocus], [contenteditable], [popover]")
).map((each) => each.outerHTML.slice(0, 200))"""
"""Elements and attributes that no page of ours has: a text has become markup."""

IN_A_FILE = STRANGE.replace(", style", "").replace("!/^[/?#]/", "!/^#/")
POLICY = "<meta http-equiv"
"""The one such element of a file for a rep, in which nothing may run."""


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    folder = tmp_path_factory.mktemp("hostile")
    with pytest.MonkeyPatch.context() as patch, Store(f"sqlite:///{folder / 'store.db'}") as store:
        patch.setattr(passwords, "_hasher", CHEAP)
        publish_hostile(store, folder)
        _answer(store)
        yield store


def _answer(store: Store) -> None:
    """To each account and prospect, with its payload as the note, about a reason that is one too."""
    today = dt.datetime.now(dt.UTC).date()

    def work(connection: sa.Connection) -> None:
        for name, payload in product(("churn", "conversion"), PAYLOADS):
            seen = Seen(name, name, payload, today, payload, 0.5, "R1")
            said = Said("reason-is-wrong", payload, payload, payload)
            answers.add(connection, seen, said, by=payload, today=today, key=payload)

    store.write(work, store.feedback)


@pytest.fixture(scope="module")
def its_site(hostile: Store) -> Iterator[Site]:
    with served(create_app(hostile, Settings(secure=False, page_rows=200), key=KEY)) as url:
        yield Site(url)


def strange(visit: Visit, path: str) -> list[str]:
    """What a page did, and what it has that no page of ours has."""
    answer = visit.page.goto(visit.url + path, wait_until="domcontentloaded")
    assert answer
    assert answer.status == 200, path
    visit.page.mouse.move(200, 200)
    found: list[str] = visit.page.evaluate(STRANGE)
    return found + visit.wrong()


def test_there_are_enough() -> None:
    assert len(PAYLOADS) >= 150
    assert all("\n" not in each or "onerror" in each for each in PAYLOADS)


def test_the_test_sees_markup(browser: Browser, its_site: Site) -> None:
    """What is taken for markup is found: in a page without our policy, most payloads run."""
    with visiting(browser, its_site) as visit:
        visit.go("/sign-in")
        for payload in (PAYLOADS[1], PAYLOADS[2]):
            visit.page.evaluate("(text) => { document.querySelector('h1').innerHTML = text; }", payload)
            assert visit.page.evaluate(STRANGE), payload


@pytest.mark.parametrize("kind", ["account", "prospect"])
def test_accounts_and_prospects(browser: Browser, its_site: Site, kind: str) -> None:
    with visiting(browser, its_site, "rep1") as visit:
        for payload in PAYLOADS:
            assert (payload, strange(visit, f"/{kind}s/{segment(payload)}")) == (payload, [])
            for place in ("h1", "#answers .note"):
                shown = visit.page.locator(place).text_content() or ""
                assert shown.split() == payload.split()


def test_lists_and_every_other_page(browser: Browser, hostile: Store, its_site: Site) -> None:
    app = create_app(hostile, Settings(secure=False), key=KEY)
    for who in ("rep1", "rep0", "analyst"):
        client = TestClient(app, follow_redirects=False)
        client.post("/sign-in", data={"login": f"{who}@example.com", "password": PASSWORD})
        filled = {each: each.partition("{")[0] + segment(PAYLOADS[7]) for each in routes(app) if "{" in each}
        found = pages(app, filled, client)
        assert "/accounts" in found
        with visiting(browser, its_site, who) as visit:
            for path in found:
                assert (path, strange(visit, path)) == (path, [])


def test_searches(browser: Browser, its_site: Site) -> None:
    """What is searched for comes back in the field; loaded whole, and as a part by script."""
    with visiting(browser, its_site, "rep1") as visit:
        for payload in PAYLOADS[:: MANY // 2]:
            assert (payload, strange(visit, f"/accounts?search={quote(payload, safe='')}")) == (payload, [])
            assert visit.page.locator("#search").input_value() == payload.strip().replace("\n", "")
        for payload in PAYLOADS[:MANY]:
            with visit.page.expect_response("**/accounts?*"):
                visit.page.fill("#search", payload)
        visit.page.wait_for_load_state("networkidle")
        assert visit.page.evaluate(STRANGE) + visit.wrong() == []


def test_files_for_reps(browser: Browser, hostile: Store, tmp_path: Path) -> None:
    """What is exported is read from a disk, where no server says what may run."""
    export_pages(hostile, tmp_path, rows=len(PAYLOADS))
    files = sorted(tmp_path.glob("*.html"))
    assert files
    with visiting(browser, Site("")) as visit:
        for each in files:
            visit.page.goto(each.as_uri(), wait_until="domcontentloaded")
            assert [each[: len(POLICY)] for each in visit.page.evaluate(IN_A_FILE)] == [POLICY]
            assert visit.wrong() == []
        assert visit.page.locator("h1, h2, h3").filter(has_text=PAYLOADS[0]).count()


def test_notes_that_are_refused(browser: Browser, its_site: Site) -> None:
    """They come back in the form; and in no browser of the rest of the company does one run."""
    with visiting(browser, its_site, "rep1") as visit:
        for payload in PAYLOADS[:: MANY // 2]:
            assert strange(visit, f"/accounts/{segment(PAYLOADS[0])}") == []
            visit.page.check("form.answer input[value=disagree]")
            visit.page.fill("form.answer [name=note]", payload)
            visit.page.evaluate("document.querySelector('form.answer input:checked').value = '<img src=x>'")
            visit.page.click("form.answer button")
            visit.page.wait_for_selector("#answers [role=alert]")
            assert visit.page.input_value("form.answer [name=note]").split() == payload.split()
            assert visit.page.evaluate(STRANGE) + visit.wrong() == []
