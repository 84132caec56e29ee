"""Text stays text: 150 ways of writing markup, in every field that customers or reps control; none runs."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from fastapi.testclient import TestClient
from playwright.sync_api import Browser

from salesml.store import passwords
from salesml.store.engine import Store
from salesml.web.app import create_app
from salesml.web.settings import Settings
from salesml.web.show import segment
from tests.browser.conftest import served
from tests.browser.hostile import MANY, publish_hostile
from tests.browser.payloads import PAYLOADS
from tests.browser.visits import Site, Visit, pages, routes, visiting
from tests.web.conftest import CHEAP, KEY, PASSWORD, form_token

STRANGE = """() => [...document.querySelectorAll("*")].filter((each) =>
    [...each.attributes].some((at) => at.name.startsWith("on") || at.name.includes("hx-on")
        || (/^(href|src|action|xlink:href|formaction|data|srcdoc|background)$/.test(at.name)
            && !/^[/?#]/.test(at.value)))
    || each.matches("iframe, object, embed, base, img, video, audio, foreignObject, animate, use, math")
    || (each.matches("script, link") && !(each.src || each.href).startsWith(location.origin + "/static/"))
    || each.matches("meta[http-equiv], style, svg script, [autofocus], [contenteditable], [popover]")
).map((each) => each.outerHTML.slice(0, 200))"""
"""Elements and attributes that no page of ours has: a text has become markup."""


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    folder = tmp_path_factory.mktemp("hostile")
    with pytest.MonkeyPatch.context() as patch, Store(f"sqlite:///{folder / 'store.db'}") as store:
        patch.setattr(passwords, "_hasher", CHEAP)
        publish_hostile(store, folder)
        yield store


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


def test_accounts(browser: Browser, its_site: Site) -> None:
    with visiting(browser, its_site, "rep1") as visit:
        for payload in PAYLOADS:
            path = f"/accounts/{segment(payload)}"
            assert (payload, strange(visit, path)) == (payload, [])
            shown = visit.page.locator("h1").text_content() or ""
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
            assert (payload, strange(visit, f"/accounts?search={segment(payload)}")) == (payload, [])
            assert visit.page.locator("#search").input_value() == payload.strip().replace("\n", "")
        for payload in PAYLOADS[:MANY]:
            with visit.page.expect_response("**/accounts?*"):
                visit.page.fill("#search", payload)
        visit.page.wait_for_load_state("networkidle")
        assert visit.page.evaluate(STRANGE) + visit.wrong() == []


def test_prospects(browser: Browser, its_site: Site) -> None:
    with visiting(browser, its_site, "rep1") as visit:
        if visit.go("/prospects") == 404:
            pytest.skip("the site has no page of prospects")
        for payload in PAYLOADS[:: MANY // 2]:
            assert (payload, strange(visit, f"/prospects/{segment(payload)}")) == (payload, [])


def test_notes_and_refused_notes(browser: Browser, its_site: Site, hostile: Store) -> None:
    app = create_app(hostile, Settings(secure=False), key=KEY)
    client = TestClient(app, follow_redirects=False)
    client.post("/sign-in", data={"login": "rep1@example.com", "password": PASSWORD})
    path = f"/accounts/{segment(PAYLOADS[0])}"
    form = {"csrf": form_token(client.get(path).text), "kind": "account", "id": PAYLOADS[0], "seen": "3"}
    for place, payload in enumerate(PAYLOADS):
        said = form | {"what": "contacted", "note": payload, "key": f"payload {place}"}
        assert client.post("/answers", data=said).status_code == 303, payload
    with visiting(browser, its_site, "rep1") as visit:
        assert strange(visit, path) == []
        notes = visit.page.locator("#answers").inner_text()
        assert PAYLOADS[-1] in notes
        visit.page.check("form.answer input[value=disagree]")
        visit.page.fill("form.answer [name=note]", PAYLOADS[1])
        visit.page.evaluate("document.querySelector('form.answer [name=what]').value = '<img src=x>'")
        visit.page.click("form.answer button")
        visit.page.wait_for_load_state("networkidle")
        assert visit.page.evaluate(STRANGE) + visit.wrong() == []
