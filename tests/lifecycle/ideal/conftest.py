"""A company whose best customers have something in common, made once."""

from __future__ import annotations

from pathlib import Path

import pytest

from salesml.crm import CRM
from tests.lifecycle.ideal.company import make


@pytest.fixture(scope="session")
def company(tmp_path_factory: pytest.TempPathFactory) -> CRM:
    """Four years of it, so that a model can be tested on later prospects."""
    return make(tmp_path_factory.mktemp("company"))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "project"
