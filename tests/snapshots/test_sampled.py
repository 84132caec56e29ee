"""A sample of entities is the same on every date, and its rows are those of the whole."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

from salesml.config import read_spec
from salesml.crm import CRM
from salesml.snapshots import take
from salesml.snapshots.sampled import Sample
from tests.company import make_project

DAYS = [dt.date(2025, 3, 1), dt.date(2025, 6, 1)]


def test_rows_of_a_sample_are_those_of_the_whole(tmp_path: Path) -> None:
    folder = make_project(tmp_path / "shop", customers=200)
    crm, spec = CRM.open(folder / "crm.yaml"), read_spec(folder / "models" / "churn.yaml")
    whole = take(spec, crm, DAYS).table
    with crm.connect() as con:
        sample = Sample(spec, crm, 60, con)
        some = sample.take(DAYS, labels=True).table
        again = sample.take([dt.date(2025, 12, 1)], labels=False).table
    assert 0.25 < sample.share < 0.35
    ids = set(some["entity_id"].to_pylist())
    assert 20 < len(ids) < 110
    expected = [row for row in whole.to_pylist() if row["entity_id"] in ids]
    assert some.to_pylist() == expected
    assert set(again["entity_id"].to_pylist()) & ids


def test_few_are_taken_whole(tmp_path: Path) -> None:
    folder = make_project(tmp_path / "shop", customers=60)
    crm, spec = CRM.open(folder / "crm.yaml"), read_spec(folder / "models" / "churn.yaml")
    with crm.connect() as con:
        sample = Sample(spec, crm, 50, con)
        assert sample.take(DAYS, labels=True).table.equals(take(spec, crm, DAYS).table)
    assert sample.share == 1
