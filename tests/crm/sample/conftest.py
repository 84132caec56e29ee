"""One simulated company, in memory, for all tests of its truth."""

from __future__ import annotations

from pathlib import Path

import pytest

from salesml.crm.sample import sample
from salesml.crm.sample.block import Block, make_plan, simulate
from salesml.crm.sample.calendar import calendar_of


@pytest.fixture(scope="session")
def company() -> list[Block]:
    """Five blocks: 20,000 prospects and about 11,000 accounts over two years."""
    plan = make_plan(10_000, 11, calendar_of(730))
    return [simulate(plan, number) for number in range(len(plan.sizes))]


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A company of four thousand accounts, as written."""
    target = tmp_path_factory.mktemp("sample") / "company"
    sample(target, size=4000, seed=5)
    return target
