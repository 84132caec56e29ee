"""The site over the company, for the tests of who sees what."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from salesml.store import directory
from salesml.web.api import ask
from salesml.web.settings import OIDC, PROXY, Settings
from tests.web.rows.site import OTHER_WAYS, SETTINGS, Site


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    yield from _opened(tmp_path_factory.mktemp("rows"), SETTINGS)


@pytest.fixture(scope="module")
def proxied(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The site where a proxy says who it is."""
    yield from _opened(tmp_path_factory.mktemp("rows"), OTHER_WAYS[PROXY])


@pytest.fixture(scope="module")
def provided(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The site where the company's provider does."""
    yield from _opened(tmp_path_factory.mktemp("rows"), OTHER_WAYS[OIDC])


@pytest.fixture(scope="module", params=["proxied", "provided"])
def other_site(request: pytest.FixtureRequest) -> Site:
    """Where people sign in otherwise than by a password."""
    found: Site = request.getfixturevalue(request.param)
    return found


def _opened(folder: Path, settings: Settings) -> Iterator[Site]:
    site = Site(folder, settings)
    with site.client:
        yield site
    site.store.close()


@pytest.fixture(autouse=True)
def _often(monkeypatch: pytest.MonkeyPatch, _quick: None) -> None:
    """A token that may ask as often as a test does; reps do not change here."""
    monkeypatch.setattr(ask, "AT_ONCE", 10**9)
    monkeypatch.setattr(directory, "LASTS", 60.0)
