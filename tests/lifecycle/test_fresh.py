"""Tables that do not reach the date that is scored are refused, whatever crm.yaml says of freshness."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from salesml.config import read_spec
from salesml.crm import CRM
from salesml.errors import DataError
from salesml.lifecycle.fresh import allowed_age
from salesml.lifecycle.progress import quiet
from salesml.lifecycle.refuse import refuse_faulty
from tests.company import make_project


@pytest.fixture(scope="module")
def unlimited(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The shop without a word on freshness; its last order is of 2025-12-31."""
    folder = make_project(tmp_path_factory.mktemp("unlimited") / "shop")
    path = folder / "crm.yaml"
    lines = [line for line in path.read_text().splitlines() if not line.startswith("freshness")]
    path.write_text("\n".join(lines) + "\n")
    return folder


def refuse(folder: Path, as_of: dt.date) -> None:
    spec = read_spec(folder / "models" / "churn.yaml")
    refuse_faulty(CRM.open(folder / "crm.yaml"), quiet, as_of, spec)


def test_a_date_far_after_the_data_is_refused_without_a_limit(unlimited: Path) -> None:
    with pytest.raises(DataError) as caught:
        refuse(unlimited, dt.date(2026, 2, 15))
    assert caught.value.code == "stale"
    said = str(caught.value)
    assert "The newest row is of 2025-12-31, 46 days before 2026-02-15" in said
    assert "freshness" in said
    assert "orders: 30d" in said


@pytest.mark.parametrize("as_of", [dt.date(2025, 9, 1), dt.date(2026, 1, 1), dt.date(2026, 1, 2)])
def test_dates_that_the_data_reach_pass(unlimited: Path, as_of: dt.date) -> None:
    refuse(unlimited, as_of)


def test_the_rule_goes_by_the_longest_gap_of_the_last_year() -> None:
    day = dt.date(2026, 1, 1)
    daily = [day - dt.timedelta(days=back) for back in range(30)]
    assert allowed_age(daily) == 2
    assert allowed_age([*daily, day - dt.timedelta(days=39)]) == 15
    assert allowed_age([*daily, *(day - dt.timedelta(days=back) for back in range(60, 500))]) == 46
    assert allowed_age([day]) == 2
    assert allowed_age([day, day - dt.timedelta(days=366)]) == 2
