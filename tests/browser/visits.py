"""Visiting a site with a browser: sign-in, the pages there are, and what a page did that it must not."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from fastapi import FastAPI
from fastapi.testclient import TestClient
from playwright.sync_api import Browser, BrowserContext, Page

from tests.web.conftest import PASSWORD

WATCH = """
window.__ran = window.__ran || [];
window.__refused = [];
document.addEventListener("securitypolicyviolation",
    (event) => window.__refused.push(event.violatedDirective + " " + event.blockedURI));
"""
"""What a page is watched by: markup that runs calls ``__ran.push``, what the policy refused is told."""


@dataclass(frozen=True)
class Site:
    """A site that is served."""

    url: str


@dataclass
class Visit:
    """A page that is watched.

    Attributes
    ----------
    said : list of str
        Errors and warnings of the console, and dialogs.
    """

    page: Page
    url: str
    said: list[str] = field(default_factory=list)

    def go(self, path: str) -> int:
        """Open a page; the status of its answer."""
        answer = self.page.goto(self.url + path)
        assert answer
        return answer.status

    def sign_in(self, who: str) -> None:
        self.go("/sign-in")
        self.page.fill("#login", f"{who}@example.com")
        self.page.fill("#password", PASSWORD)
        self.page.click("main button")
        self.page.wait_for_url("**/accounts")

    def wrong(self) -> list[str]:
        """What ran, what the policy refused, and what the console said."""
        ran: list[Any] = self.page.evaluate("window.__ran.concat(window.__refused)")
        said, self.said = self.said, []
        return [str(each) for each in ran] + said


@contextmanager
def visiting(browser: Browser, site: Site, who: str | None = None, **options: Any) -> Iterator[Visit]:
    """A browser of its own kind, as Playwright's options say, in which somebody signs in."""
    context = browser.new_context(**{"viewport": {"width": 1280, "height": 900}} | options)
    context.set_default_timeout(60_000)
    try:
        visit = watched(context, site)
        if who:
            visit.sign_in(who)
        yield visit
    finally:
        context.close()


def watched(context: BrowserContext, site: Site) -> Visit:
    """A new page that is watched."""
    context.add_init_script(WATCH)
    visit = Visit(context.new_page(), site.url)

    def heard(message: Any) -> None:
        if message.type in ("error", "warning"):
            visit.said.append(f"{message.type}: {message.text}")

    def asked(dialog: Any) -> None:
        visit.said.append(f"dialog: {dialog.message}")
        dialog.dismiss()

    visit.page.on("console", heard)
    visit.page.on("dialog", asked)
    visit.page.on("pageerror", lambda error: visit.said.append(f"error: {error}"))
    return visit


def routes(app: FastAPI, method: str = "GET") -> list[str]:
    """Paths of the route table, those with parts to be filled in too."""
    found = [each for route in app.routes for each in _within(route)]
    return sorted({each.path for each in found if method in (getattr(each, "methods", None) or ())})


def _within(route: Any) -> list[Any]:
    router = getattr(route, "original_router", None)
    return [each for inner in router.routes for each in _within(inner)] if router else [route]


def pages(app: FastAPI, filled: dict[str, str], client: TestClient) -> list[str]:
    """Paths of all pages that somebody may open; a new route is among them by itself.

    Parameters
    ----------
    filled : dict
        What stands for routes that have parts to be filled in.
    """
    paths = [filled.get(each, each) for each in routes(app)]
    unknown = [each for each in paths if "{" in each and not each.startswith("/api/")]
    assert not unknown, f"Tell the tests of pages, in FILLED, what stands for {unknown}"
    found = []
    for path in paths:
        if path.startswith("/api/"):
            continue
        answer = client.get(path)
        if answer.status_code == 200 and answer.headers.get("content-type", "").startswith("text/html"):
            found.append(path)
    return found
