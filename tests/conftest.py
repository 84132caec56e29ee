"""What every test shares: the data beside the project, and stating what a machine lacks."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

pytest.register_assert_rewrite("tests.warehouse")

DATA = Path(__file__).resolve().parents[2] / "shared" / "data"


def need(there: object, reason: str) -> None:
    """Skip with the reason where something is not there; fail instead under ``REQUIRE_ALL=1``."""
    if there:
        return
    if os.environ.get("REQUIRE_ALL") == "1":
        pytest.fail(f"REQUIRE_ALL=1 and {reason}")
    pytest.skip(reason)


@pytest.fixture(scope="session")
def data() -> Path:
    """The folder of real data beside the project."""
    need(DATA.is_dir(), f"the data folder {DATA.parent.name}/{DATA.name} is not beside the project")
    return DATA
