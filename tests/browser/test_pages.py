"""Every page that the route table has, in a browser: axe-core, light and dark, desktop and phone, 320 px."""

from __future__ import annotations

import pytest
from fastapi.testclient import TestClient
from playwright.sync_api import Browser

from salesml.store.engine import Store
from salesml.web.app import create_app
from salesml.web.settings import Settings
from tests.browser.axe import findings
from tests.browser.company import ACCOUNT, MANAGER, NOT_SCORED, PROSPECT, REP
from tests.browser.visits import Site, Visit, pages, routes, visiting
from tests.web.conftest import KEY, PASSWORD

FILLED = {
    "/accounts/{entity_id:path}": f"/accounts/{ACCOUNT}",
    "/prospects/{entity_id:path}": f"/prospects/{PROSPECT}",
    "/team/{rep_id:path}": "/team/R1",
}
MORE = ("/accounts?search=nobody", "/accounts?search=c&band=B&order=name", "/accounts?page=2", "/nowhere",
        "/accounts?page=x", f"/accounts/{NOT_SCORED}")  # fmt: skip
"""Pages in other states: nothing found, no such page, not understood, not scored."""

SCREENS = {
    "desktop, light": {"viewport": {"width": 1280, "height": 900}, "color_scheme": "light"},
    "desktop, dark": {"viewport": {"width": 1280, "height": 900}, "color_scheme": "dark"},
    "phone, light": {"viewport": {"width": 360, "height": 740}, "color_scheme": "light", "has_touch": True},
    "phone, dark": {"viewport": {"width": 360, "height": 740}, "color_scheme": "dark", "has_touch": True},
}
TOO_WIDE = """() => [document.documentElement.scrollWidth, ...[...document.querySelectorAll("main *")].filter(
    (each) => each.getBoundingClientRect().right > innerWidth + 1 && !each.closest(".unseen, svg, .drawing")
).map((each) => each.outerHTML.slice(0, 80))]"""


@pytest.fixture(scope="module", params=[REP, MANAGER, "analyst"])
def who(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def paths(company: Store, who: str) -> list[str]:
    """Pages that somebody may open."""
    app = create_app(company, Settings(secure=False), key=KEY)
    client = TestClient(app, follow_redirects=False)
    client.post("/sign-in", data={"login": f"{who}@example.com", "password": PASSWORD})
    found = pages(app, FILLED, client)
    assert {"/accounts", "/sign-in", FILLED["/accounts/{entity_id:path}"]} <= {*found}
    return [*found, *MORE] if who == REP else found


@pytest.mark.parametrize("screen", SCREENS)
def test_axe_finds_nothing(browser: Browser, site: Site, who: str, paths: list[str], screen: str) -> None:
    with visiting(browser, site, who, **SCREENS[screen]) as visit:
        found = {path: findings_of(visit, path) for path in paths}
    assert {path: each for path, each in found.items() if each} == {}


def findings_of(visit: Visit, path: str) -> list[str]:
    status = visit.go(path)
    said = [each for each in visit.wrong() if status < 400 or "status of 4" not in each]
    return findings(visit.page) + said


@pytest.mark.parametrize(
    "screen",
    [{"viewport": {"width": 320, "height": 640}},
     {"viewport": {"width": 640, "height": 450}, "device_scale_factor": 2}],
    ids=["320 px", "200 %"],
)  # fmt: skip
def test_nothing_is_wider_than_the_screen(
    browser: Browser, site: Site, who: str, paths: list[str], screen: dict[str, object]
) -> None:
    with visiting(browser, site, who, **screen) as visit:
        for path in paths:
            visit.go(path)
            width, *outside = visit.page.evaluate(TOO_WIDE)
            assert (path, width <= screen["viewport"]["width"], outside) == (path, True, [])  # type: ignore[index]


def test_letters_of_twice_the_size_need_no_wider_screen(
    browser: Browser, site: Site, who: str, paths: list[str]
) -> None:
    with visiting(browser, site, who) as visit:
        for path in paths:
            visit.go(path)
            visit.page.evaluate("document.documentElement.style.fontSize = '200%'")
            assert (path, visit.page.evaluate("document.documentElement.scrollWidth <= innerWidth")) == (
                path,
                True,
            )


def test_pages_are_whole_without_script(browser: Browser, site: Site, who: str, paths: list[str]) -> None:
    with visiting(browser, site, who, java_script_enabled=False) as visit:
        for path in paths:
            visit.go(path)
            assert visit.page.locator("h1").count() == 1, path
            assert visit.page.locator("main").inner_text().strip(), path


def test_the_route_table_is_read_through() -> None:
    app = create_app(Store("sqlite:///nowhere.db"), Settings(secure=False), key=KEY)
    assert {"/", "/accounts", "/accounts/{entity_id:path}", "/sign-in", "/health"} <= {*routes(app)}
    assert "/sign-out" in routes(app, "POST")
