"""Outcomes of won prospects: the same time for everybody, what each part counts, who is left out."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from salesml.errors import DataError, UsageError
from salesml.snapshots.outcomes import COLUMNS
from salesml.snapshots.take_outcomes import Outcomes, take_outcomes
from tests.snapshots.won import Row, day, ideal_spec, order, prospect, won_crm

LATE = order("Z", 400)
"""An order that makes the data reach far enough."""


def rows(outcomes: Outcomes) -> dict[str, Row]:
    return {row["prospect"]: row for row in outcomes.table.to_pylist()}


def test_only_the_months_since_won_count(tmp_path: Path) -> None:
    """Won on 10 January: the half year ends before 10 July, which is day 191."""
    orders = [order("A", 8, 1), order("A", 9, 2), order("A", 190, 4), order("A", 191, 8), LATE]
    crm = won_crm(tmp_path, {"prospects": [prospect("a", 0, 9)], "orders": orders})
    found = rows(take_outcomes(ideal_spec(tmp_path), crm))["a"]
    assert found["until"] == dt.date(2024, 7, 10) == day(191)
    assert (found["earned"], found["events"], found["repeat_events"]) == (6, 2, 1)
    assert (found["active_months"], found["kept"]) == (2, 1)


def test_returns_take_money_but_are_no_business(tmp_path: Path) -> None:
    orders = [
        order("A", 10, 10, invoice="1"), order("A", 10, 5, invoice="1"), order("A", 12, 3),
        order("A", 180, -6, back=True), LATE,
    ]  # fmt: skip
    crm = won_crm(tmp_path, {"prospects": [prospect("a", 0, 9)], "orders": orders})
    found = rows(take_outcomes(ideal_spec(tmp_path), crm))["a"]
    assert (found["earned"], found["events"], found["active_months"], found["kept"]) == (12, 2, 1, 0)


def test_costs_are_told_apart_by_the_day_won_and_count_once(tmp_path: Path) -> None:
    touches: list[Row] = [
        {"lead": "a", "at": day(1), "cost": 3.0, "hours": 1.0},
        {"lead": "a", "customer": "A", "at": day(9), "cost": 5.0, "hours": None},
        {"customer": "A", "at": day(20), "cost": None, "hours": 2.0},
        {"customer": "A", "at": day(300), "cost": 99.0, "hours": 9.0},
        {"lead": "other", "at": day(20), "cost": 99.0, "hours": 9.0},
    ]
    tables = {
        "prospects": [prospect("a", 0, 9)],
        "orders": [order("A", 10, 100), LATE],
        "activities": touches,
    }
    crm = won_crm(tmp_path, tables)
    outcomes = take_outcomes(ideal_spec(tmp_path, hour_cost=10), crm)
    found = rows(outcomes)["a"]
    assert (found["cost_to_win"], found["cost_to_serve"], found["net_margin"]) == (13, 25, 62)
    assert "Margin is after the cost of activities and their hours at 10 each" in outcomes.summary()
    without = take_outcomes(ideal_spec(tmp_path), crm)
    assert rows(without)["a"]["net_margin"] == 92
    bare = won_crm(tmp_path, tables, activities={"cost": None})
    outcomes = take_outcomes(ideal_spec(tmp_path), bare)
    assert rows(outcomes)["a"]["net_margin"] == 100
    assert "activities have no cost, and the label states no hour_cost" in outcomes.summary()


def test_kept_goes_by_the_end_of_the_account_where_there_is_one(tmp_path: Path) -> None:
    gone = {"A": None, "B": 190, "C": 191}
    accounts: list[Row] = [
        {"id": name, "since": day(9), "gone": None if at is None else day(at)} for name, at in gone.items()
    ]
    tables = {
        "prospects": [prospect(name, 0, 9) for name in "abc"],
        "orders": [LATE],
        "accounts": accounts,
    }
    outcomes = take_outcomes(ideal_spec(tmp_path), won_crm(tmp_path, tables))
    assert {name: row["kept"] for name, row in rows(outcomes).items()} == {"a": 1, "b": 0, "c": 1}
    assert "Kept means that the account had not ended by then." in outcomes.summary()


def test_referrals_and_testimonials_count_within_the_time(tmp_path: Path) -> None:
    given: list[Row] = [
        {"customer": "A", "at": day(at), "kind": kind}
        for at, kind in ((8, "referral"), (9, "referral"), (190, "testimonial"), (191, "referral"))
    ]
    tables = {"prospects": [prospect("a", 0, 9), prospect("b", 0, 9)], "orders": [LATE], "referrals": given}
    outcomes = take_outcomes(ideal_spec(tmp_path), won_crm(tmp_path, tables))
    assert {name: row["referrals"] for name, row in rows(outcomes).items()} == {"a": 2, "b": 0}
    assert set(outcomes.parts) == {"margin", "repeat", "kept", "referrals"}


def test_who_has_no_outcome_is_counted_with_the_reason(tmp_path: Path) -> None:
    prospects = [
        prospect("a", 0, 9), prospect("again", 0, 12, customer="A"), prospect("nobody", 0, 9, customer=None),
        prospect("back", 20, 9), prospect("late", 0, 350), prospect("open", 0), prospect("z", 0, 9),
        prospect("edge", 0, 217),
    ]  # fmt: skip
    names = [*(row["customer"] for row in prospects if row["won"]), "Z"]
    accounts: list[Row] = [{"id": name} for name in sorted({n for n in names if n}) if name != "Z"]
    crm = won_crm(tmp_path, {"prospects": prospects, "orders": [LATE], "accounts": accounts})
    outcomes = take_outcomes(ideal_spec(tmp_path), crm)
    assert outcomes.observed_until == day(401)
    assert set(rows(outcomes)) == {"a", "edge"}  # won on 5 August: its half year ends on 5 February
    assert outcomes.left_out == {
        "no-account": 1, "won-before-created": 1, "unknown-account": 1, "won-again": 1, "not-observed": 1,
    }  # fmt: skip
    assert "left out: 1 won too lately" in outcomes.summary()


def test_parts_that_no_table_tells_are_named(tmp_path: Path) -> None:
    crm = won_crm(tmp_path, {"prospects": [prospect("a", 0, 9)], "orders": [LATE]}, observed_until=day(400))
    outcomes = take_outcomes(ideal_spec(tmp_path, value=None), crm)
    assert not outcomes.parts
    assert outcomes.missing["margin"] == "the spec names no value"
    assert outcomes.missing["referrals"] == "crm.yaml has no table of referrals"
    assert all(outcomes.table[name].null_count == 1 for name in COLUMNS)


def test_nobody_won_is_an_error(tmp_path: Path) -> None:
    crm = won_crm(tmp_path, {"prospects": [prospect("a", 0)], "orders": [LATE]})
    with pytest.raises(
        DataError, match=r"No prospect has ever been won\. .* Check prospects\.won_at"
    ) as caught:
        take_outcomes(ideal_spec(tmp_path), crm)
    assert caught.value.code == "no-won"


def test_months_longer_than_the_data_are_an_error_that_says_how_many_fit(tmp_path: Path) -> None:
    crm = won_crm(tmp_path, {"prospects": [prospect("a", 0, 9)], "orders": [LATE]})
    with pytest.raises(DataError) as caught:
        take_outcomes(ideal_spec(tmp_path, months=24), crm)
    assert caught.value.code == "too-short"
    assert "fit.yaml looks at 24 months" in str(caught.value)
    assert "the first was won on 2024-01-10, and the data end before 2025-02-05" in str(caught.value)
    assert "label.months may be at most 12" in str(caught.value)
    assert take_outcomes(ideal_spec(tmp_path, months=12), crm).table.num_rows == 1


def test_won_prospects_must_name_their_account(tmp_path: Path) -> None:
    tables = {"prospects": [prospect("a", 0, 9)], "orders": [LATE]}
    crm = won_crm(tmp_path, tables, prospects={"account": None})
    with pytest.raises(UsageError, match=r"does not name prospects\.account") as caught:
        take_outcomes(ideal_spec(tmp_path), crm)
    assert caught.value.code == "no-prospects"
    crm = won_crm(tmp_path, {"prospects": [prospect("a", 0, 9, customer=None)], "orders": [LATE]})
    with pytest.raises(DataError, match="None of 1 won prospects has an outcome") as refused:
        take_outcomes(ideal_spec(tmp_path), crm)
    assert "Fill in prospects.account" in str(refused.value)


def test_a_value_that_is_nowhere_is_refused(tmp_path: Path) -> None:
    crm = won_crm(tmp_path, {"prospects": [prospect("a", 0, 9)], "orders": [LATE]})
    with pytest.raises(UsageError, match="Did you mean 'margin'"):
        take_outcomes(ideal_spec(tmp_path, value="orders.margins"), crm)


def test_outcomes_are_those_of_plain_loops(tmp_path: Path) -> None:
    rng = np.random.default_rng(3)
    names = [f"p{number}" for number in range(40)]
    prospects = [
        prospect(name, int(made := rng.integers(0, 200)), int(made + rng.integers(0, 90))) for name in names
    ]
    orders = [
        order(
            str(rng.choice(names)).upper(), int(rng.integers(0, 700)), round(float(rng.normal(50, 40)), 2),
            invoice=None if rng.random() < 0.5 else f"i{rng.integers(0, 60)}", back=bool(rng.random() < 0.1),
        )
        for _ in range(800)
    ]  # fmt: skip
    touches: list[Row] = [
        {
            "lead": str(rng.choice(names)) if rng.random() < 0.6 else None,
            "customer": str(rng.choice(names)).upper() if rng.random() < 0.6 else None,
            "at": day(int(rng.integers(0, 700))), "cost": round(float(rng.uniform(0, 20)), 2),
            "hours": None if rng.random() < 0.2 else 0.5,
        }
        for _ in range(400)
    ]  # fmt: skip
    crm = won_crm(
        tmp_path, {"prospects": prospects, "orders": [*orders, order("Z", 800)], "activities": touches}
    )
    spec = ideal_spec(tmp_path, hour_cost=30)
    found = rows(take_outcomes(spec, crm))
    assert len(found) == len(names)
    for row in prospects:
        for name, value in by_loops(row, orders, touches).items():
            assert found[row["id"]][name] == pytest.approx(value), (row["id"], name)


def by_loops(row: Row, orders: list[Row], touches: list[Row]) -> dict[str, Any]:
    """The outcome of one prospect, written apart from the SQL."""
    won = row["won"]
    month = won.month + 6
    end = None
    for last in range(won.day, 0, -1):
        try:
            end = dt.date(won.year + (month - 1) // 12, (month - 1) % 12 + 1, last)
            break
        except ValueError:
            continue
    assert end
    mine = [each for each in orders if each["customer"] == row["customer"] and won <= each["ordered"] < end]
    bought = [each for each in mine if not each["back"]]
    events = {each["invoice"] or id(each) for each in bought}
    win = serve = 0.0
    for touch in touches:
        if row["id"] != touch["lead"] and row["customer"] != touch["customer"]:
            continue
        spent = touch["cost"] + 30 * (touch["hours"] or 0)
        if touch["at"] < won:
            win += spent
        elif touch["at"] < end:
            serve += spent
    return {
        "earned": sum(each["margin"] for each in mine), "cost_to_win": win, "cost_to_serve": serve,
        "net_margin": sum(each["margin"] for each in mine) - win - serve, "events": len(events),
        "repeat_events": max(len(events) - 1, 0),
        "active_months": len({min(int((e["ordered"] - won).days / (365.25 / 12)), 5) for e in bought}),
        "kept": float(any((end - each["ordered"]).days <= 30 for each in bought)),
    }  # fmt: skip
