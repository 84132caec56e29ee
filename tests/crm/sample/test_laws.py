"""The page about the simulated company names every number of its laws, and no other."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest

from salesml.crm.sample import laws

PAGE = Path(__file__).parents[3] / "docs" / "simulated-company.md"
NAMES = {name for name in vars(laws) if name.isupper()}


def test_every_law_is_on_the_page_and_every_name_there_is_a_law() -> None:
    text = PAGE.read_text(encoding="utf-8")
    named = set(re.findall(r"\b[A-Z]{3,}(?:_[A-Z]+)*\b", text)) - {"DIR", "DATE"}
    named |= {name for name in NAMES if re.search(rf"`{name}`", text)}
    assert named == NAMES


@pytest.mark.parametrize("name", ["HIDDEN_PRIOR", "KIND_SHARES", "BUSY_PRIOR", "RISE_PRIOR", "FOUND_STATES"])
def test_chances_add_up(name: str) -> None:
    assert getattr(laws, name).sum() == pytest.approx(1)


def test_shares_add_up() -> None:
    for shares in laws.SHARES.values():
        assert sum(shares) == pytest.approx(1)


def test_what_is_hidden_is_nothing_on_average() -> None:
    assert float(laws.HIDDEN @ laws.HIDDEN_PRIOR) == pytest.approx(0)
    assert float(laws.BUSY @ laws.BUSY_PRIOR) == pytest.approx(0)


def test_effects_have_one_number_for_each_level() -> None:
    levels = {
        "INDUSTRY": len(laws.INDUSTRIES), "COUNTRY": len(laws.COUNTRIES), "SOURCE": len(laws.SOURCES),
        "BAND": len(laws.BANDS) + 1, "SEASON": 12, "AGE": len(laws.AGE_DAYS) + 1,
    }  # fmt: skip
    for name in NAMES:
        value = getattr(laws, name)
        kind = name.rpartition("_")[2]
        if kind in levels and isinstance(value, np.ndarray) and not name.endswith("COMPANY_AGE"):
            assert len(value) == levels[kind], name
