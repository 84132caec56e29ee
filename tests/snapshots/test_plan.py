"""As-of dates by rule and as written."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from salesml.errors import DataError
from salesml.snapshots import plan_split
from salesml.snapshots.plan import observed
from tests.snapshots.company import crm_of, day, order, spec_of


def test_newest_test_date_is_the_last_with_an_observed_horizon(tmp_path: Path) -> None:
    crm = crm_of(tmp_path, {"orders": [order("a", 0), order("a", 400)]})
    split = plan_split(spec_of(tmp_path, gap_days=3, as_of={"every": "week", "train": 3}), crm)
    assert split.test == (day(401 - 23),)
    assert split.validate == (day(401 - 46),)
    assert split.train[-1] == day(401 - 69)
    assert len(split.train) == 3


def test_earliest_date_has_the_history_that_the_cohort_needs(tmp_path: Path) -> None:
    crm = crm_of(tmp_path, {"orders": [order("a", 0), order("a", 120)]})
    split = plan_split(spec_of(tmp_path, as_of={"every": "week", "train": 50}), crm)
    assert day(40) <= split.train[0] < day(47)


def test_too_short(tmp_path: Path) -> None:
    crm = crm_of(tmp_path, {"orders": [order("a", 0), order("a", 70)]})
    with pytest.raises(DataError) as caught:
        plan_split(spec_of(tmp_path), crm)
    assert "The data cover 71 days" in str(caught.value)
    assert "need 80: 40 of history and 20 of horizon for each" in str(caught.value)


def test_written_dates_must_leave_the_test_clean(tmp_path: Path) -> None:
    crm = crm_of(tmp_path, {"orders": [order("a", 0), order("a", 200)]})
    dates = {"train": [day(100), day(105)], "validate": [day(110)], "test": [day(130)]}
    split = plan_split(spec_of(tmp_path, as_of=dates), crm)
    assert split.dates == (day(100), day(105), day(110), day(130))
    dates["test"] = [day(129)]
    with pytest.raises(DataError) as caught:
        plan_split(spec_of(tmp_path, as_of=dates), crm)
    assert f"The labels of {day(110)} are not known before the first test date {day(129)}" in str(
        caught.value
    )


def test_written_observed_until_wins(tmp_path: Path) -> None:
    until = dt.date(2025, 6, 1)
    crm = crm_of(tmp_path, {"orders": [order("a", 0), order("a", 400)]}, observed_until=until)
    assert plan_split(spec_of(tmp_path), crm).test == (until - dt.timedelta(days=20),)


def test_nothing_is_observed_after_today(tmp_path: Path) -> None:
    today = dt.datetime.now(dt.UTC).date()
    before = [{**order("a", 0), "ordered": today - dt.timedelta(days=days)} for days in (0, 200)]
    for row in before:
        row["loaded"] = row["ordered"]
    for until in ({}, {"observed_until": today + dt.timedelta(days=900)}):
        crm = crm_of(tmp_path, {"orders": before}, **until)
        seen = observed(spec_of(tmp_path), crm)
        assert today <= seen.end <= dt.datetime.now(dt.UTC).date(), "midnight may pass meanwhile"


def test_contracts_are_observed_until_the_last_recorded_end(tmp_path: Path) -> None:
    accounts = [{"id": "a", "since": day(0), "gone": day(100)}, {"id": "b", "since": day(300)}]
    spec = spec_of(tmp_path, label={"kind": "contract"})
    assert observed(spec, crm_of(tmp_path, {"accounts": accounts})).end == day(101)
    stated = crm_of(tmp_path, {"accounts": accounts}, observed_until=day(250))
    assert observed(spec, stated).end == day(250)
    accounts[0]["gone"] = None
    assert observed(spec, crm_of(tmp_path, {"accounts": accounts})).end == day(301)


def test_written_dates_must_have_an_observed_horizon(tmp_path: Path) -> None:
    crm = crm_of(tmp_path, {"orders": [order("a", 0), order("a", 149)]})
    dates = {"train": [day(100)], "test": [day(130)]}
    assert plan_split(spec_of(tmp_path, as_of=dates), crm).test == (day(130),)
    dates["test"] = [day(131)]
    with pytest.raises(DataError) as caught:
        plan_split(spec_of(tmp_path, as_of=dates), crm)
    assert caught.value.faults[0].code == "not-observed"
    assert f"The horizon of {day(131)} ends after {day(150)}" in str(caught.value)
    assert f"a date may be at most {day(130)}" in str(caught.value)
