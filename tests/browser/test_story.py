"""The ten seconds for which the pages are made: who is at risk, what it is worth, why, and what was done."""

from __future__ import annotations

import re

import pytest
import sqlalchemy as sa
from playwright.sync_api import Browser, expect

from salesml.store.engine import Store
from salesml.store.feedback import Feedback
from tests.browser.company import REP
from tests.browser.visits import Site, visiting

NOTE = "They asked for a new price list; I call again on Friday."


@pytest.mark.parametrize(
    ("scripted", "what", "mark"), [(True, "contacted", "Contacted"), (False, "saved", "Saved")],
    ids=["with script", "without script"],
)  # fmt: skip
def test_a_rep_sees_who_is_at_risk_and_answers_back(
    browser: Browser, site: Site, company: Store, scripted: bool, what: str, mark: str
) -> None:
    with visiting(browser, site, java_script_enabled=scripted) as visit:
        page = visit.page
        assert visit.go("/accounts") == 200
        expect(page).to_have_title(re.compile("Sign in"))
        visit.sign_in(REP)

        rows = page.locator("table tbody tr")
        at_stake = [_amount(text) for text in rows.locator(".amount").all_inner_texts()]
        assert len(at_stake) == 19
        assert at_stake == sorted(at_stake, reverse=True)
        first = rows.first
        for part in (".chance", ".band", ".trend", ".amount", ".why"):
            expect(first.locator(part)).to_be_visible()
        name = first.locator("a.opens").inner_text()
        first.locator("a.opens").click()

        expect(page.locator("h1")).to_have_text(name)
        expect(page.locator(".glance .figure").first).to_contain_text("%")
        reasons = page.locator("ul.reasons li")
        expect(reasons.first).to_be_visible()
        assert page.locator(".drawing svg").first.is_visible()

        note = f"{NOTE} {scripted}"
        page.check(f"form.answer input[value={what}]")
        page.fill("form.answer [name=note]", note)
        page.click("form.answer button")
        expect(page.locator("ul.answers").first).to_contain_text(note)
        page.locator("header").get_by_role("link", name="My accounts").click()
        expect(rows.first.locator("a.opens")).to_have_text(name)
        expect(rows.first.locator(".answered")).to_contain_text(mark)
        page.get_by_role("button", name="Sign out").click()
        page.wait_for_url("**/signed-out")
        if scripted:
            assert visit.wrong() == []
    kept = sa.select(Feedback.by, Feedback.what).where(Feedback.note == note)
    assert company.read(lambda con: con.execute(kept).all(), company.feedback) == [
        (f"{REP}@example.com", what)
    ]


def test_search_changes_the_list_and_no_more(browser: Browser, site: Site) -> None:
    with visiting(browser, site, REP) as visit:
        page = visit.page
        page.evaluate("window.here = 1")
        page.fill("#search", "C-000015")
        expect(page.locator("table tbody tr")).to_have_count(1)
        expect(page.locator("#found")).to_contain_text("1 account")
        assert page.evaluate("window.here") == 1
        assert "search=C-000015" in page.url
        assert visit.wrong() == []


def _amount(text: str) -> float:
    return float(re.sub(r"[^\d.]", "", text))
