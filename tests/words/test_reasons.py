"""A reason's sentence is a fact, read by somebody without any training in statistics."""

from __future__ import annotations

import math

import pytest

from salesml.words import direction, effect, sentence, strength, value_text

SINCE_LAST = "days since the last order"
ORDERS = "orders in the last 90 days"
REVENUE = "revenue in the last 90 days"
PACE = "days since the last order against the usual days between orders"
TREND = "orders in the last 30 days against the 30 days before"
CHANGE = "change of revenue in the last 30 days against the 30 days before"


@pytest.mark.parametrize(
    ("what", "value", "form", "unit", "text"),
    [
        (SINCE_LAST, 74.0, "days", "", "No order for 74 days"),
        (SINCE_LAST, 1.0, "days", "", "Last order 1 day ago"),
        (SINCE_LAST, 400.0, "days", "", "No order for about 13 months"),
        (SINCE_LAST, math.inf, "days", "", "Days since the last order: not known"),
        (SINCE_LAST, math.nan, "days", "", "No order so far"),
        (SINCE_LAST, -3.0, "days", "", "Days since the last order: -3 days"),
        (SINCE_LAST, 74.0, "number", "", "Days since the last order: 74"),
        ("days since the first order", 200.0, "days", "", "First order 200 days ago"),
        ("days since the last contract ended", 30.0, "days", "", "The last contract ended 30 days ago"),
        ("days since the latest contract began", 30.0, "days", "", "The latest contract began 30 days ago"),
        ("days since signup date", 30.0, "days", "", "Signup date: 30 days ago"),
        (
            "days to the planned end of the contract",
            9.0,
            "days",
            "",
            "Planned end of the contract in 9 days",
        ),
        ("days as a customer", 900.0, "days", "", "A customer for about 2 years"),
        ("days with orders in the last 60 days", 1.0, "days", "", "Orders on 1 of the last 60 days"),
        ("usual days between orders", 4.94, "days", "", "Orders usually every 5 days"),
        (
            PACE,
            6.754,
            "ratio",
            "",
            "Days since the last order against the usual days between orders: 6.8 times",
        ),
        (TREND, 0.4, "ratio", "", "Fewer orders in the last 30 days than in the 30 days before"),
        (TREND, 1.0, "ratio", "", "As many orders in the last 30 days as in the 30 days before"),
        (TREND, 4.0, "ratio", "", "More orders in the last 30 days than in the 30 days before"),
        (CHANGE, -1.0, "number", "", "Less revenue in the last 30 days than in the 30 days before"),
        (CHANGE, 0.0, "number", "", "As much revenue in the last 30 days as in the 30 days before"),
        (CHANGE, 0.2, "number", "", "More revenue in the last 30 days than in the 30 days before"),
        (CHANGE, math.nan, "number", "", "Change of " + CHANGE[10:] + ": not known"),
        (ORDERS, 3.0, "count", "order", "3 orders in the last 90 days"),
        (ORDERS, 1.0, "count", "order", "1 order in the last 90 days"),
        (ORDERS, 0.0, "count", "order", "No order in the last 90 days"),
        (ORDERS, 0.0, "count", "", "No orders in the last 90 days"),
        ("different values of x", 0.0, "count", "different values", "Different values of x: 0"),
        (ORDERS, math.nan, "count", "orders", "Orders in the last 90 days: not known"),
        (REVENUE, 1234.5, "money", "GBP", "Revenue in the last 90 days: £1,234"),
        (REVENUE, 0.0, "money", "GBP", "No revenue in the last 90 days"),
        (REVENUE, -4.0, "money", "GBP", "Revenue in the last 90 days: -£4"),
        ("industry", "retail", "category", "", "Industry: retail"),
        ("industry", None, "category", "", "Industry: not known"),
        ("month", "12", "month", "", "Month: December"),
        ("share of orders by phone", 0.25, "share", "", "Share of orders by phone: 25%"),
    ],
)
def test_sentences(what: str, value: float | str | None, form: str, unit: str, text: str) -> None:
    assert sentence(what, value, form, unit) == text


def test_the_value_of_a_trend_is_its_direction() -> None:
    assert value_text(0.4, "ratio", "", TREND) == "fewer"
    assert value_text(-0.4, "number", "", CHANGE) == "less"
    assert value_text(0.4, "ratio", "", "orders per visit") == "0.4 times"


def test_a_rare_category_is_called_so() -> None:
    assert (
        sentence("industry", "falconry", "category", rare=True) == "Industry: falconry (a rare or new value)"
    )
    assert sentence("industry", None, "category", rare=True) == "Industry: not known"


def test_no_sentence_claims_a_cause() -> None:
    text = effect(sentence("orders", 3.0, "count"), "raises", "strong", "churn")
    assert text == "Orders: 3 (raises the risk of leaving, strong)"
    assert "because" not in text.lower()
    assert effect("x", "lowers", "slight", "conversion") == "x (lowers the chance of winning, slight)"
    assert effect("x", "lowers", "slight", "") == "x (lowers the score, slight)"


def test_direction_and_strength() -> None:
    assert (direction(0.1), direction(-0.1)) == ("raises", "lowers")
    assert [strength(share) for share in (0.5, 0.2, 0.19, 0.08, 0.07)] == [
        "strong",
        "strong",
        "moderate",
        "moderate",
        "slight",
    ]


def test_text_from_tables_is_tamed() -> None:
    assert value_text("a\nb\x00c\u202ed") == "a b cd"
    assert value_text("x" * 100) == "x" * 59 + "…"
    assert value_text(" \n") == "left empty"
