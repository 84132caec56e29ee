"""Everything can be done by keyboard alone, and one always sees where one is."""

from __future__ import annotations

from playwright.sync_api import Browser, Page, expect

from tests.browser.company import ACCOUNT, REP
from tests.browser.visits import Site, visiting
from tests.web.conftest import PASSWORD

WHERE = """() => {
    const at = document.activeElement;
    if (!at || at === document.body) return null;
    const style = getComputedStyle(at), box = at.getBoundingClientRect();
    const outlined = style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 1;
    const ring = outlined || at.type === "date";  // the browser marks the part of the date that one is in
    const what = at.id || at.name || at.textContent.trim().slice(0, 40);
    return {what, ring: ring || style.boxShadow !== "none",
            seen: box.width > 0 && box.bottom > 0 && box.top < innerHeight};
}"""


def stops(page: Page, most: int = 200) -> list[dict[str, object]]:
    """Where Tab leads, from the top of a page until it leaves it."""
    found: list[dict[str, object]] = []
    for _ in range(most):
        page.keyboard.press("Tab")
        at = page.evaluate(WHERE)
        if at is None or (len(found) > 1 and at == found[0]):
            return found
        found.append(at)
    raise AssertionError(f"Tab never leaves the page: {found[-3:]}")


def test_signing_in_reading_and_leaving_by_keyboard(browser: Browser, site: Site) -> None:
    with visiting(browser, site) as visit:
        page = visit.page
        visit.go("/sign-in")
        page.keyboard.press("Tab")
        assert page.evaluate(WHERE)["what"] == "Skip to the content"
        page.keyboard.press("Tab")
        page.keyboard.type(f"{REP}@example.com")
        page.keyboard.press("Tab")
        page.keyboard.type(PASSWORD)
        page.keyboard.press("Enter")
        page.wait_for_url("**/accounts")
        page.keyboard.press("j")
        first = page.evaluate("document.activeElement.textContent")
        page.keyboard.press("j")
        assert page.evaluate("document.activeElement.textContent") != first
        page.keyboard.press("k")
        assert page.evaluate("document.activeElement.textContent") == first
        page.keyboard.press("/")
        page.keyboard.type("jk")
        expect(page.locator("#search")).to_have_value("jk")
        expect(page.locator("table tbody tr")).to_have_count(0)
        page.locator("#search").fill("")
        expect(page.locator("table tbody tr")).to_have_count(19)
        page.keyboard.press("Tab")
        page.locator("#content").focus()
        page.keyboard.press("j")
        page.keyboard.press("Enter")
        page.wait_for_url("**/accounts/*")
        expect(page.locator("h1")).to_have_text(first)
        assert visit.wrong() == []


def test_answering_back_by_keyboard_alone(browser: Browser, site: Site) -> None:
    """From signing in to the list that shows what was answered, with keys and nothing else."""
    with visiting(browser, site) as visit:
        page = visit.page
        visit.go("/sign-in")
        tab_to(page, "login")
        page.keyboard.type(f"{REP}@example.com")
        tab_to(page, "password")
        page.keyboard.type(PASSWORD)
        page.keyboard.press("Enter")
        page.wait_for_url("**/accounts")
        for _ in range(2):
            page.keyboard.press("j")
        name = page.evaluate("document.activeElement.textContent")
        page.keyboard.press("Enter")
        expect(page.locator("h1")).to_have_text(name)
        tab_to(page, "what")
        for _ in range(10):
            if page.evaluate("document.activeElement.value") == "disagree":
                break
            page.keyboard.press("ArrowDown")
        tab_to(page, "note")
        page.keyboard.type("They signed for two more years.")
        tab_to(page, "Send")
        page.keyboard.press("Enter")
        expect(page.locator("ul.answers").first).to_contain_text("two more years")
        tab_to(page, "My accounts")
        page.keyboard.press("Enter")
        page.wait_for_url("**/accounts")
        row = page.locator("table tbody tr").filter(has_text=name)
        expect(row.locator(".answered")).to_contain_text("Disagreed")
        assert visit.wrong() == []


def tab_to(page: Page, what: str, most: int = 120) -> None:
    """Press Tab until one is at a field or button."""
    for _ in range(most):
        page.keyboard.press("Tab")
        at = page.evaluate(WHERE)
        if at and at["what"] == what:
            return
    raise AssertionError(f"Tab never leads to {what}")


def test_every_stop_can_be_seen_and_none_holds_one(browser: Browser, site: Site) -> None:
    with visiting(browser, site, REP) as visit:
        for path in ("/accounts", f"/accounts/{ACCOUNT}"):
            visit.go(path)
            found = stops(visit.page)
            assert len(found) > 5
            assert [each for each in found if not (each["ring"] and each["seen"])] == [], path


def test_the_first_stop_leads_past_the_menu(browser: Browser, site: Site) -> None:
    with visiting(browser, site, REP) as visit:
        visit.page.keyboard.press("Tab")
        visit.page.keyboard.press("Enter")
        assert visit.page.evaluate("document.activeElement.id") == "content"
