"""The site over the company, for the tests of who sees what."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from salesml.store import directory
from salesml.web.api import ask
from tests.web.rows.site import Site


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    site = Site(tmp_path_factory.mktemp("rows"))
    with site.client:
        yield site
    site.store.close()


@pytest.fixture(autouse=True)
def _often(monkeypatch: pytest.MonkeyPatch, _quick: None) -> None:
    """A token that may ask as often as a test does; reps do not change here."""
    monkeypatch.setattr(ask, "AT_ONCE", 10**9)
    monkeypatch.setattr(directory, "LASTS", 60.0)
