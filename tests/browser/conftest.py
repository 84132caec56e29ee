"""A site that is served, and Debian's chromium that looks at it."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

pytest.importorskip("fastapi", reason="the extra `web` is not installed")
pytest.importorskip("playwright", reason="playwright is not installed")

import uvicorn
from fastapi import FastAPI
from playwright.sync_api import Browser, sync_playwright

from salesml.store import passwords
from salesml.store.engine import Store
from salesml.web.app import create_app
from salesml.web.settings import Settings
from tests.browser.company import publish_company
from tests.browser.visits import Site
from tests.conftest import need
from tests.web.conftest import CHEAP, KEY

CHROMIUM = Path("/usr/bin/chromium")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Started for a module: meanwhile an event loop runs in its thread, where other tests start their own."""
    need(CHROMIUM.is_file(), "chromium is not installed (make services)")
    with sync_playwright() as playwright:
        # Containers have no user namespaces for chromium's sandbox; it only ever opens pages of these tests.
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def company(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """Two nights of scores with everything that pages show; everybody's password is the same."""
    folder = tmp_path_factory.mktemp("company")
    with Store(f"sqlite:///{folder / 'store.db'}") as store:
        with quick_passwords():
            publish_company(store, folder)
        yield store


@pytest.fixture(scope="module")
def site(company: Store) -> Iterator[Site]:
    """Served no longer than a module's tests: others turn the clock by which a server knows when to end."""
    with quick_passwords(), served(create_app(company, Settings(secure=False), key=KEY)) as url:
        yield Site(url)


@contextmanager
def quick_passwords() -> Iterator[None]:
    """Passwords are kept in a weak way meanwhile, which takes no time."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(passwords, "_hasher", CHEAP)
        yield


@contextmanager
def served(app: FastAPI) -> Iterator[str]:
    """The address of a site that is served meanwhile."""
    config = uvicorn.Config(app, port=0, log_level="warning", proxy_headers=False, ws="none")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.02)
        assert thread.is_alive()
    try:
        yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(timeout=60)
        assert not thread.is_alive(), "The server does not end"
