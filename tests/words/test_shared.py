"""Sentences that are true of two."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from salesml.words.ranges import ends
from salesml.words.shared import both_have, both_rare


@pytest.mark.parametrize(
    ("what", "low", "high", "form", "unit", "text"),
    [
        ("number of employees", 50.0, 200.0, "count", "", "Number of employees: both 50 to 200"),
        ("number of employees", 7.0, 7.0, "count", "", "Number of employees: both 7"),
        ("industry", "manufacturing", "manufacturing", "category", "", "Industry: both manufacturing"),
        ("source", None, None, "category", "", "Source: not known of either"),
        ("amount", 1000.0, 1500.0, "money", "GBP", "Amount: both £1,000 to £1,500"),
        ("calls in the last 30 days", 3.0, 5.0, "count", "call", "Calls in the last 30 days: both 3 to 5"),
        ("calls in the last 30 days", 0.0, 0.0, "count", "call", "Both: no call in the last 30 days"),
        ("calls in the last 30 days", 1.0, 1.0, "count", "call", "Both: 1 call in the last 30 days"),
        ("days since the last call", 30.0, 45.0, "days", "", "Days since the last call: both 30 to 45 days"),
        ("days since the last call", 4.0, 4.0, "days", "", "Both: no call for 4 days"),
        (
            "days since the last call", 730.0, 1095.0, "days", "",
            "Days since the last call: both about 2 years to about 3 years",
        ),
        (
            "UK orders in the last 30 days", 2.0, 2.0, "count", "UK order",
            "Both: 2 UK orders in the last 30 days",
        ),
        (
            "orders in the last 30 days against the 30 days before", 0.5, 0.5, "ratio", "",
            "Both: fewer orders in the last 30 days than in the 30 days before",
        ),
        ("growth", -math.inf, -2.0, "number", "", "Growth: both -2 or less"),
        ("growth", 9e15, math.inf, "number", "", "Growth: both 9e+15 or more"),
        ("month", 3.0, 3.0, "month", "", "Month: both March"),
    ],
)  # fmt: skip
def test_sentences(what: str, low: float, high: float, form: str, unit: str, text: str) -> None:
    assert both_have(what, low, high, form, unit) == text


def test_a_level_that_the_model_does_not_tell_apart_is_not_named() -> None:
    assert both_rare("industry") == "Industry: both a rare or new value"


def test_a_text_from_a_table_is_shown_in_one_line() -> None:
    assert both_have("source", "a\nb", "a\nb", "category") == "Source: both a b"


@pytest.mark.parametrize("form", ["count", "number", "money", "ratio", "days", "share"])
def test_ends_rise_and_are_the_same_on_both_sides_of_zero(form: str) -> None:
    grid = ends(form)
    assert list(grid) == sorted(set(grid))
    assert [-end for end in reversed(grid)] == list(grid)
    assert (grid[0], grid[-1]) == (-math.inf, math.inf)
    assert 0.0 in grid


@given(value=st.floats(0.01, 1e6), form=st.sampled_from(["count", "number", "money", "ratio"]))
def test_a_range_is_never_much_wider_than_its_value(value: float, form: str) -> None:
    grid = ends(form)
    low = max(end for end in grid if end <= value)
    high = min(end for end in grid if end >= value)
    assert low <= value <= high
    assert high <= 2 * low


@given(value=st.integers(0, 10))
def test_small_whole_numbers_stand_for_themselves(value: int) -> None:
    assert float(value) in ends("count")
