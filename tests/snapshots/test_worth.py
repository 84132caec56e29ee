"""What prospects were worth and the hours they took, told by hand."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from salesml.crm import CRM
from salesml.snapshots.worth import has_hours, has_value, value_dates, worth
from tests.snapshots.company import Row, conversion_of, crm_of, day, order, prospect

SPEC: dict[str, Any] = {"value": "orders.revenue", "value_days": 30}


def touch(name: str, at: int, hours: float | None) -> Row:
    return {"lead": name, "done": day(at), "hours": hours, "kind": "call"}


def firm(folder: Path, prospects: list[Row], **tables: list[Row]) -> CRM:
    return crm_of(folder, {"prospects": prospects, **tables}, observed_until=day(200))


def told(folder: Path, crm: CRM, column: str, *at: int, **more: Any) -> list[Any]:
    found = worth(conversion_of(folder, **{**SPEC, **more}), crm, [day(each) for each in at])
    return [(row["entity_id"], row[column]) for row in found.table.to_pylist()]


def test_the_value_is_what_the_account_brought_from_the_day_it_was_won(tmp_path: Path) -> None:
    orders = [
        order("A", 40, "1000.00"),  # before it was won
        order("A", 42, "100.00"), order("A", 71, "20.00"),
        order("A", 72, "5000.00"),  # after the thirty days
        order("B", 50, "7.00"), order("Z", 199, "1.00"),
    ]  # fmt: skip
    crm = firm(tmp_path, [prospect("a", 1, won=42, became="A")], orders=orders)
    assert told(tmp_path, crm, "value", 30) == [("a", 120.0)]


def test_returns_count_against_the_value_but_never_below_zero(tmp_path: Path) -> None:
    orders = [
        order("A", 43, "100.00"), order("A", 44, "-30.00", back=True), order("B", 43, "-5.00", back=True),
        order("Z", 199),
    ]  # fmt: skip
    won = [prospect("a", 1, won=42, became="A"), prospect("b", 1, won=42, became="B")]
    crm = firm(tmp_path, won, orders=orders)
    assert told(tmp_path, crm, "value", 30) == [("a", 70.0), ("b", 0.0)]


def test_who_bought_nothing_is_worth_nothing_and_who_is_not_known_is_not_known(tmp_path: Path) -> None:
    won = [
        prospect("bought nothing", 1, won=42, became="A"), prospect("account not known", 1, won=42),
        prospect("lost", 1, lost=42), prospect("open", 1), prospect("won too late", 1, won=50, became="D"),
    ]  # fmt: skip
    crm = firm(tmp_path, won, orders=[order("Z", 199)])
    assert dict(told(tmp_path, crm, "value", 30)) == {
        "bought nothing": 0.0, "account not known": None, "lost": None, "open": None, "won too late": None,
    }  # fmt: skip


def test_a_value_not_observed_to_its_end_is_not_known(tmp_path: Path) -> None:
    won = [prospect("in time", 1, won=69, became="A"), prospect("too late", 1, won=71, became="B")]
    crm = firm(tmp_path, won, orders=[order("B", 72), order("Z", 99)])
    assert told(tmp_path, crm, "value", 60) == [("in time", 0.0), ("too late", None)]


def test_only_prospects_open_at_the_date_are_told(tmp_path: Path) -> None:
    rows = [
        prospect("won before", 1, won=29), prospect("lost before", 1, lost=29), prospect("later", 30),
        prospect("won on the day", 1, won=30), prospect("open", 29),
    ]  # fmt: skip
    crm = firm(tmp_path, rows, orders=[order("Z", 199)])
    assert [name for name, _ in told(tmp_path, crm, "decided", 30)] == ["open", "won on the day"]


def test_hours_run_from_the_date_to_the_decision_or_the_end_of_the_horizon(tmp_path: Path) -> None:
    rows = [prospect("won", 1, won=40), prospect("open", 1), prospect("none", 1)]
    activities = [
        touch("won", 29, 64.0), touch("won", 30, 1.0), touch("won", 40, 2.0), touch("won", 41, 32.0),
        touch("open", 30, 0.5), touch("open", 49, 0.25), touch("open", 50, 16.0),
    ]  # fmt: skip
    crm = firm(tmp_path, rows, activities=activities, orders=[order("Z", 199)])
    assert dict(told(tmp_path, crm, "hours", 30)) == {"won": 3.0, "open": 0.75, "none": 0.0}
    assert dict(told(tmp_path, crm, "decided", 30)) == {"won": True, "open": False, "none": False}


def test_hours_of_zero_below_or_not_known_count_nothing(tmp_path: Path) -> None:
    activities = [touch("a", 31, hours) for hours in (0.0, -5.0, None, 2.0)]
    crm = firm(tmp_path, [prospect("a", 1)], activities=activities, orders=[order("Z", 199)])
    assert told(tmp_path, crm, "hours", 30) == [("a", 2.0)]


def test_each_date_has_its_own_hours_and_the_same_value(tmp_path: Path) -> None:
    activities = [touch("a", 25, 1.0), touch("a", 35, 2.0)]
    crm = firm(
        tmp_path, [prospect("a", 1, won=38, became="A")], activities=activities,
        orders=[order("A", 39, "9.00"), order("Z", 199)],
    )  # fmt: skip
    assert told(tmp_path, crm, "hours", 20, 30) == [("a", 3.0), ("a", 2.0)]
    assert told(tmp_path, crm, "value", 20, 30) == [("a", 9.0), ("a", 9.0)]


def test_without_activities_hours_are_not_known(tmp_path: Path) -> None:
    crm = firm(tmp_path, [prospect("a", 1)], orders=[order("Z", 199)])
    assert not has_hours(crm.contract)
    assert told(tmp_path, crm, "hours", 30) == [("a", None)]


def test_without_a_value_in_the_spec_it_is_not_known(tmp_path: Path) -> None:
    crm = firm(tmp_path, [prospect("a", 1, won=40, became="A")], orders=[order("A", 41), order("Z", 199)])
    assert not has_value(conversion_of(tmp_path), crm.contract)
    assert told(tmp_path, crm, "value", 30, value="") == [("a", None)]


def test_dates_leave_time_for_the_horizon_and_the_value(tmp_path: Path) -> None:
    crm = firm(tmp_path, [prospect("a", 0)], orders=[order("Z", 0), order("Z", 199)])
    found = value_dates(conversion_of(tmp_path, **SPEC), crm)
    assert [str(each) for each in found] == [
        "2024-02-01", "2024-03-01", "2024-04-01", "2024-05-01"
    ]  # fmt: skip


def test_data_too_short_for_a_year_have_no_dates(tmp_path: Path) -> None:
    crm = firm(tmp_path, [prospect("a", 0)], orders=[order("Z", 0), order("Z", 199)])
    assert value_dates(conversion_of(tmp_path, value="orders.revenue"), crm) == ()


@pytest.mark.parametrize("days", [0, -3])
def test_value_days_must_be_above_zero(tmp_path: Path, days: int) -> None:
    from salesml.errors import UsageError

    with pytest.raises(UsageError, match="value_days"):
        conversion_of(tmp_path, value_days=days)
