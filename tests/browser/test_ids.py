"""A browser opens accounts and prospects whose ids look like parts of a path, and answers."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from salesml.store import passwords
from salesml.store.engine import Store
from salesml.store.publish import publish
from salesml.web.app import create_app
from salesml.web.settings import Settings
from tests.browser.conftest import served
from tests.browser.visits import Site, visiting
from tests.store.made import row, write_rows
from tests.web.conftest import CHEAP, KEY, add_users, names, team

ODD = (
    ".",
    "..",
    "../..",
    "a/./b",
    "a/..",
    "..\\b",
    "a/b",
    "a%2Fb",
    "%2e%2e",
    "?id=..",
    "a?b#c",
    "a;b",
    "...",
)


@pytest.fixture
def odd_site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    monkeypatch.setattr(passwords, "_hasher", CHEAP)
    with Store(f"sqlite:///{tmp_path / 'store.db'}") as store:
        for model in ("churn", "conversion"):
            rows = [
                row(place, model=model) | {"entity_id": each, "rep_id": "R1"}
                for place, each in enumerate(ODD)
            ]
            path = write_rows(tmp_path / f"{model}.parquet", rows)
            publish(store, path, reps=team(), entities=names(list(ODD)))
        add_users(store)
        with served(create_app(store, Settings(secure=False), key=KEY)) as url:
            yield Site(url)


def test_each_is_opened_by_its_link(browser: Browser, odd_site: Site) -> None:
    with visiting(browser, odd_site, "rep1") as visit:
        for listed in ("/accounts", "/prospects?show=all"):
            visit.go(listed)
            links = visit.page.locator("a.opens")
            found = [(each.inner_text(), each.get_attribute("href")) for each in links.all()]
            assert {called for called, _ in found} == {f"Company {each}" for each in ODD}
            for called, link in found:
                assert visit.go(str(link)) == 200, link
                assert visit.page.locator("h1").inner_text() == called
        visit.go("/accounts/?id=..")
        visit.page.check('input[name=what][value="contacted"]')
        visit.page.fill("textarea[name=note]", "called the dots")
        visit.page.click("form.answer button")
        expect(visit.page.locator("ul.answers").first).to_contain_text("called the dots")
        assert visit.page.locator("h1").inner_text() == "Company .."
        assert visit.wrong() == []
