"""Which dates are predicted for, what each may learn from, and what is said when there is none."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest

from salesml.config import Spec, read_spec
from salesml.config.spec import AsOfRule
from salesml.crm import CRM
from salesml.errors import DataError, UsageError
from salesml.lifecycle.backtest.plan import Plan, Turn, by_rule, plan_backtest
from tests.company import orders
from tests.lifecycle.backtest.conftest import quick_project

REACH = dt.timedelta(days=90)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Spec, CRM]:
    folder = quick_project(tmp_path_factory.mktemp("plan") / "shop", customers=60)
    return read_spec(folder / "models" / "churn.yaml"), CRM.open(folder / "crm.yaml")


def test_a_model_learns_from_the_newest_labels_known_on_its_date(made: tuple[Spec, CRM]) -> None:
    plan = plan_backtest(*made)
    ripe = [turn for turn in plan.turns if turn.ripe]
    assert len(ripe) == 12
    assert ripe[-1].as_of == dt.date(2026, 1, 1) - REACH
    for turn in plan.turns:
        assert turn.train[-1] == turn.as_of - REACH
        assert 1 <= len(turn.train) <= 6
        assert all(day + REACH <= turn.as_of for day in turn.train)
    assert len(ripe[-1].train) == 6


def test_dates_whose_outcome_is_not_known_follow_to_the_end_of_the_data(made: tuple[Spec, CRM]) -> None:
    plan = plan_backtest(*made)
    assert plan.unripe == (dt.date(2025, 11, 3), dt.date(2025, 12, 3))
    assert not set(plan.unripe) & set(plan.labelled)
    assert "2025-12-03  [2025-12-03, 2026-03-03)" in plan.summary()
    assert plan.summary().count("not ripe") == 2


def test_dates_can_be_limited(made: tuple[Spec, CRM]) -> None:
    plan = plan_backtest(*made, dates=3)
    assert [turn.ripe for turn in plan.turns] == [True] * 3 + [False] * 2
    between = plan_backtest(*made, start=dt.date(2025, 3, 1), end=dt.date(2025, 6, 3))
    days = [turn.as_of for turn in between.turns]
    assert days == [dt.date(2025, month, 3) for month in (3, 4, 5, 6)]


def test_weeks_instead_of_months(made: tuple[Spec, CRM]) -> None:
    spec, crm = made
    plan = plan_backtest(by_rule(spec, "week"), crm, dates=5)
    assert [turn.ripe for turn in plan.turns] == [True] * 5 + [False] * 5
    plan = replace(plan, turns=plan.turns[:5])
    days = [turn.as_of for turn in plan.turns]
    assert {(b - a).days for a, b in pairwise(days)} == {7}
    assert {turn.train[-1] + REACH for turn in plan.turns} == set(days)


def test_written_dates_are_taken_as_they_are(made: tuple[Spec, CRM]) -> None:
    spec, crm = made
    days = [dt.date(2025, month, 1) for month in (1, 3, 5, 8, 12)]
    written = replace(spec, as_of=AsOfRule(train_dates=tuple(days[:3]), test_dates=tuple(days[3:])))
    plan = plan_backtest(written, crm)
    assert plan.turns == (
        Turn(days[2], (days[0],), True),
        Turn(days[3], tuple(days[:3]), True),
        Turn(days[4], tuple(days[:4]), False),
    )
    assert len(plan_backtest(by_rule(written, "month"), crm, dates=2).turns) == 4


def test_a_second_guard_looks_at_every_date() -> None:
    day = dt.date(2025, 5, 1)
    good, bad = Turn(day, (day - REACH,), True), Turn(day, (day - REACH + dt.timedelta(days=1),), True)
    Plan((good,), 90).check()
    with pytest.raises(DataError) as caught:
        Plan((good, bad), 90).check()
    assert caught.value.code == "split-overlap"
    assert "2025-02-01 are not known before the first test date 2025-05-01" in str(caught.value)


def test_too_short_a_history_says_how_much_is_needed(tmp_path: Path) -> None:
    folder = quick_project(tmp_path / "shop", customers=60)
    table = orders(60)
    table[table["ordered_at"] >= "2025-03-01"].to_parquet(folder / "orders.parquet")
    spec, crm = read_spec(folder / "models" / "churn.yaml"), CRM.open(folder / "crm.yaml")
    with pytest.raises(DataError) as caught:
        plan_backtest(spec, crm)
    assert caught.value.code == "too-short"
    assert "The data cover 306 days, [2025-03-01, 2026-01-01)" in str(caught.value)
    assert "need 360: 180 of history and 90 of horizon for each" in str(caught.value)
    assert "shorter horizon or a longer history" in str(caught.value)


def test_written_dates_that_cannot_be(made: tuple[Spec, CRM]) -> None:
    spec, crm = made
    close = AsOfRule(train_dates=(dt.date(2025, 1, 1),), test_dates=(dt.date(2025, 2, 1),))
    with pytest.raises(DataError) as caught:
        plan_backtest(replace(spec, as_of=close), crm)
    assert "(2025-01-01, 2025-02-01) has another to learn from" in str(caught.value)
    assert "at least 90 days before it" in str(caught.value)
    assert "--every month" in str(caught.value)
    late = AsOfRule(train_dates=(dt.date(2025, 1, 1),), test_dates=(dt.date(2026, 1, 2),))
    with pytest.raises(DataError) as caught:
        plan_backtest(replace(spec, as_of=late), crm)
    assert caught.value.code == "after-data"
    assert "At 2026-01-02 nothing is known of the days before: the data end on 2026" in str(caught.value)


def test_no_date_within_the_limits(made: tuple[Spec, CRM]) -> None:
    with pytest.raises(DataError) as caught:
        plan_backtest(*made, start=dt.date(2027, 1, 1))
    assert caught.value.code == "no-dates"
    assert "No date to predict for lies on 2027-01-01 or later" in str(caught.value)
    assert "from 2024-10-03 to 2025-12-03" in str(caught.value)


def test_wrong_limits_are_told_together(made: tuple[Spec, CRM]) -> None:
    with pytest.raises(UsageError) as caught:
        plan_backtest(*made, dates=0, start=dt.date(2025, 2, 1), end=dt.date(2025, 1, 1))
    assert len(caught.value.faults) == 2
    assert "The number of dates is 0" in str(caught.value)
    assert "first date 2025-02-01 lies after the last date 2025-01-01" in str(caught.value)
