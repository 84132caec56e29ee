"""Rates and halves are counted on the training rows, and kept only where they are sure."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binomtest

from salesml.model.peers import FEWEST, as_dict, count_peers, from_dict, halves, wilson
from salesml.snapshots.feature import Feature
from salesml.words.peers import Part, Peers, Usual

PLAN = Feature(name="plan", kind="category", words="plan", form="category")
SIZE = Feature(name="size", words="number of employees")
FEE = Feature(name="fee", words="fee", form="money", unit="EUR")
AGE = Feature(name="age", words="days as a customer", form="days")
ORDERS = Feature(name="orders", words="orders in the last 30 days", form="count", unit="order")
PACE = Feature(name="pace", words="usual days between orders", form="days", unit="days")


def peers_of(feature: Feature, column: Any, y: Any, **more: Any) -> Peers:
    values = np.asarray(column, dtype=float)[:, None]
    rows = len(values)
    given = {
        "missing": np.isnan(values),
        "levels": [("a", "b", "c") if feature.kind == "category" else ()],
        "weight": np.ones(rows),
        "accounts": [str(row) for row in range(rows)],
        "task": "churn",
        "days": 90,
    } | more
    target = None if y is None else np.asarray(y, dtype=np.int8)
    return count_peers([feature], values, y=target, **given)


def mixed(*parts: tuple[float, int, int]) -> tuple[list[float], list[int]]:
    """Values and outcomes of parts: value, rows, and how many of them had the outcome."""
    column, y = [], []
    for value, rows, hits in parts:
        column += [value] * rows
        y += [1] * hits + [0] * (rows - hits)
    return column, y


def test_sure_rates_of_levels_are_kept() -> None:
    column, y = mixed((0, 400, 200), (1, 400, 20), (2, 400, 110))
    found = peers_of(PLAN, column, y)
    assert found.rate == pytest.approx(330 / 1200)
    assert found.usual["plan"].parts == (Part(0.5, 400, level="a"), Part(0.05, 400, level="b"))


def test_too_few_accounts_have_no_rate() -> None:
    column, y = mixed((0, FEWEST - 1, FEWEST - 1), (1, 4000, 400))
    assert [part.level for part in peers_of(PLAN, column, y).usual.get("plan", Usual()).parts] == []
    column, y = mixed((0, FEWEST, FEWEST), (1, 4000, 400))
    assert [part.level for part in peers_of(PLAN, column, y).usual["plan"].parts] == ["a"]


def test_many_rows_of_few_accounts_are_not_sure() -> None:
    column, y = mixed((0, 4000, 640), (1, 4000, 400))
    assert len(peers_of(PLAN, column, y).usual["plan"].parts) == 2
    accounts = [str(row % 40) for row in range(4000)] + [f"b{row % 40}" for row in range(4000)]
    assert "plan" not in peers_of(PLAN, column, y, accounts=accounts).usual


def test_missing_values_are_a_part_of_their_own() -> None:
    column, y = mixed((np.nan, 300, 150), (1, 3000, 300))
    parts = peers_of(PLAN, column, y, missing=np.isnan(column)[:, None]).usual["plan"].parts
    assert Part(0.5, 300) in parts


def test_a_level_that_is_not_kept_has_no_rate() -> None:
    column, y = mixed((np.nan, 300, 150), (1, 3000, 300))
    found = peers_of(PLAN, column, y, missing=np.zeros((3300, 1), dtype=bool))
    assert [part.level for part in found.usual["plan"].parts] == ["b"]


def test_a_stated_rate_corrects_all_rates() -> None:
    column, y = mixed((0, 500, 400), (1, 500, 100))
    weight = np.where(np.array(y) == 1, 0.1 / 0.5, 0.9 / 0.5)
    found = peers_of(PLAN, column, y, weight=weight)
    assert found.rate == pytest.approx(0.1)
    rates = {part.level: part.rate for part in found.usual["plan"].parts}
    assert rates["a"] == pytest.approx(400 * 0.2 / (400 * 0.2 + 100 * 1.8), abs=1e-4)


def test_ranges_have_ends_that_are_easy_to_read() -> None:
    random = np.random.default_rng(0)
    size = np.round(random.lognormal(4, 1, 8000))
    y = random.random(8000) < np.where(size > 100, 0.1, 0.4)
    parts = peers_of(SIZE, size, y).usual["size"].parts
    assert all(end is None or float(f"{end:.2g}") == end for part in parts for end in (part.low, part.high))
    for part in parts:
        inside = np.array([part.has(float(value)) for value in size])
        assert inside.sum() == part.rows
        assert part.rate == pytest.approx(y[inside].mean(), abs=1e-4)


def test_a_frequent_zero_stands_alone() -> None:
    column, y = mixed((0, 1000, 500), (5, 1000, 100), (10, 1000, 100), (40, 1000, 100), (41, 1000, 100))
    parts = peers_of(SIZE, column, y).usual["size"].parts
    assert parts[0] == Part(0.5, 1000, low=0.0, high=0.0)
    assert not any(part.has(0.0) for part in parts[1:])


def test_a_zero_whose_rate_is_not_sure_is_in_no_range() -> None:
    random = np.random.default_rng(0)
    spent = np.where(random.random(6000) < 0.3, 0, np.round(random.gamma(2, 40, 6000), 2))
    y = np.where(spent == 0, random.random(6000) < 0.3, random.random(6000) < np.where(spent < 50, 0.6, 0.0))
    parts = peers_of(FEE, spent, y).usual["fee"].parts
    assert any(part.low is not None and part.low > 0 for part in parts)
    for part in parts:
        inside = np.array([part.has(float(value)) for value in spent])
        assert inside.sum() == part.rows
        assert part.rate == pytest.approx(y[inside].mean(), abs=1e-4)


def test_few_values_are_not_cut() -> None:
    column, y = mixed((0, 1000, 100), (1, 1000, 500))
    assert [(part.low, part.high) for part in peers_of(SIZE, column, y).usual["size"].parts] == [
        (0.0, 0.0), (1.0, 1.0),
    ]  # fmt: skip


def test_what_has_a_usual_of_its_own_has_no_rates() -> None:
    random = np.random.default_rng(0)
    column = np.round(random.gamma(2, 20, 4000))
    y = (column > 40).astype(int)
    assert peers_of(PACE, column, y).usual == {}
    counted = peers_of(ORDERS, column, y).usual["orders"]
    assert not counted.parts
    assert counted.or_more is not None
    assert peers_of(AGE, column, y).usual["age"].parts


def test_without_outcomes_only_halves_are_kept() -> None:
    column = np.arange(1.0, 201.0)
    found = peers_of(FEE, column, None, task="seeds")
    assert found.rate is None
    assert found.usual["fee"] == Usual(100.0, 100.0, whole=True)


def test_fewer_accounts_than_needed_tell_nothing() -> None:
    assert peers_of(FEE, [1.0] * 100, [0, 1] * 50, accounts=["one"] * 100) == Peers("churn", 90)


@settings(max_examples=200, deadline=None)
@given(st.lists(st.one_of(st.floats(-1e6, 1e6), st.just(float("nan"))), min_size=1, max_size=60))
def test_half_of_all_have_that(numbers: list[float]) -> None:
    column = np.array(numbers)
    or_more, or_less = halves(column, np.ones(len(column)))
    known = np.sum(~np.isnan(column))
    assert (or_more is None) == (2 * known < len(column)) == (or_less is None)
    if or_more is not None and or_less is not None:
        assert np.sum(column >= or_more) * 2 >= len(column)
        assert np.sum(column <= or_less) * 2 >= len(column)


def test_halves_count_weights() -> None:
    assert halves(np.array([1.0, 2.0, 3.0]), np.array([1.0, 1.0, 10.0])) == (3.0, 3.0)


@pytest.mark.parametrize(("hits", "number"), [(0, 40), (3, 40), (40, 40), (500, 1000)])
def test_the_interval_is_wilsons(hits: int, number: int) -> None:
    mine = wilson(hits / number, number)
    theirs = binomtest(hits, number).proportion_ci(0.99, method="wilson")
    assert mine == pytest.approx((theirs.low, theirs.high), abs=1e-4)


def test_peers_are_plain_data() -> None:
    column, y = mixed((0, 400, 200), (1, 400, 20), (np.nan, 400, 110))
    found = peers_of(SIZE, column, y)
    assert from_dict(json.loads(json.dumps(as_dict(found)))) == found
