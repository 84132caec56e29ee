"""A reason's sentence is a fact, read by somebody without any training in statistics."""

from __future__ import annotations

import math

import pytest

from salesml.words import direction, effect, sentence, strength, value_text


@pytest.mark.parametrize(
    ("what", "value", "form", "unit", "text"),
    [
        ("days since the last order", 74.0, "days", "", "No order for 74 days"),
        ("days since the last order", 1.0, "days", "", "No order for 1 day"),
        ("days since the last order", 0.0, "days", "", "The last order was less than a day before"),
        ("days since the last order", 400.0, "days", "", "No order for about 13 months"),
        ("days since the last order", math.nan, "days", "", "Days since the last order: not known"),
        ("orders in the last 90 days", 3.0, "count", "", "Orders in the last 90 days: 3"),
        ("orders in the last 90 days", 0.0, "count", "", "No orders in the last 90 days"),
        ("orders in the last 90 days", math.nan, "count", "", "Orders in the last 90 days: not known"),
        ("revenue in the last 90 days", 1234.5, "money", "GBP", "Revenue in the last 90 days: £1,234"),
        ("revenue in the last 90 days", 0.0, "money", "GBP", "Revenue in the last 90 days: £0"),
        ("industry", "retail", "category", "", "Industry: retail"),
        ("industry", None, "category", "", "Industry: not known"),
        ("share of orders by phone", 0.25, "share", "", "Share of orders by phone: 25%"),
    ],
)
def test_sentences(what: str, value: float | str | None, form: str, unit: str, text: str) -> None:
    assert sentence(what, value, form, unit) == text


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
    assert value_text("a\nb\x00c\u202ed") == "a b c d"
    assert value_text("x" * 100) == "x" * 59 + "…"
    assert value_text("") == ""
