"""A sentence is completed by what else is known of the row, if that reads as the reason leans."""

from __future__ import annotations

import math

import pytest

from salesml.words import in_words, money_unit
from salesml.words.facts import Fact, read_fact

BAD, GOOD = -1, 1
SINCE = ("days since the last order", "days", "")
USUAL = ("usual days between orders", "days", "")
VARY = ("how much the days between orders vary", "days", "")
ORDERS = ("orders in the last 30 days", "count", "order")
REVENUE = ("revenue in the last 30 days", "money", "USD")
DISCOUNT = ("discount in the last 30 days", "money", "USD")
LARGEST = ("largest revenue of one order in the last 14 days", "money", "USD")
KINDS = ("different values of department in orders in the last 60 days", "count", "departments")
SHARE = ("share of the most frequent department in order lines in the last 60 days", "share", "")
BACK = ("revenue of returned orders in the last 60 days", "money", "USD")
ENDED = ("days since the last contract ended", "days", "days")
END = ("days to the planned end of the contract", "days", "days")
ON = ("days with orders in the last 30 days", "days", "days")
AGO = ("orders a year ago in the 30 days then ahead", "count", "order")


@pytest.mark.parametrize(
    ("feature", "value", "near", "lean", "text"),
    [
        (SINCE, 74, {"usual": 21.2}, BAD, "No order for 74 days; usually every 21 days"),
        (SINCE, 74, {"usual": 21.2}, GOOD, "Last order 74 days ago"),
        (SINCE, 3, {"usual": 21.2}, GOOD, "Last order 3 days ago; usually every 21 days"),
        (SINCE, 3, {"usual": 21.2}, BAD, "Last order 3 days ago"),
        (SINCE, 74, {"usual": math.nan}, BAD, "No order for 74 days"),
        (SINCE, 3, {}, GOOD, "Last order 3 days ago"),
        (USUAL, 21, {"last": 74}, BAD, "Orders usually every 21 days; the last 74 days ago"),
        (USUAL, 21, {"last": 3}, BAD, "Orders usually every 21 days"),
        (USUAL, 1.0, {}, GOOD, "Orders usually every day"),
        (USUAL, None, {"last": 5}, BAD, "Orders on one day so far, 5 days ago"),
        (USUAL, None, {}, BAD, "Too few orders so far to know how often they come"),
        (VARY, 16.2, {"usual": 21}, BAD, "Orders every 21 days on average; the gaps vary by 16 days"),
        (VARY, 16.2, {}, BAD, "The gaps between orders vary by 16 days"),
        (VARY, None, {"usual": 7, "last": 5}, BAD, "Orders on two days so far, 7 days apart"),
        (VARY, None, {"usual": None, "last": 5}, BAD, "Orders on one day so far, 5 days ago"),
        (VARY, None, {}, BAD, "Too few orders so far to know how regular they are"),
        (ORDERS, 3, {"trend": 4 / 9}, BAD, "3 orders in the last 30 days, down from 8 in the 30 days before"),
        (ORDERS, 3, {"trend": 4 / 9}, GOOD, "3 orders in the last 30 days"),
        (
            ORDERS, 3, {"trend": 2, "both": 4}, GOOD,
            "3 orders in the last 30 days, up from 1 in the 30 days before",
        ),
        (ORDERS, 0, {"trend": 1 / 9}, BAD, "No order in the last 30 days, 8 in the 30 days before"),
        (ORDERS, 3, {"trend": None, "both": 3}, GOOD, "3 orders in the last 30 days"),
        (
            REVENUE, 310, {"trend": -1 / 3, "both": 930, "events": 2}, BAD,
            "Revenue in the last 30 days: $310, down from $620 in the 30 days before",
        ),
        (
            REVENUE, 310, {"trend": -1 / 3}, BAD,
            "Revenue in the last 30 days: $310, down from $620 in the 30 days before",
        ),
        (REVENUE, 310, {"trend": -1 / 3}, GOOD, "Revenue in the last 30 days: $310"),
        (REVENUE, 310.1, {"trend": -0.001, "both": 620.4}, BAD, "Revenue in the last 30 days: $310"),
        (REVENUE, 310, {"trend": 1.0}, GOOD, "Revenue in the last 30 days: $310"),
        (REVENUE, 310, {"trend": 1.0, "both": 300}, GOOD, "Revenue in the last 30 days: $310"),
        (REVENUE, 0, {"events": 0}, BAD, "No order and no revenue in the last 30 days"),
        (REVENUE, 0, {"events": 2}, BAD, "No revenue in the last 30 days"),
        (
            DISCOUNT, 5, {"trend": 0.5, "both": 7}, BAD,
            "Discount in the last 30 days: $5, up from $2 in the 30 days before",
        ),
        (LARGEST, None, {"events": 0, "sum": 0}, BAD, "No order and no revenue in the last 14 days"),
        (LARGEST, None, {"events": 0, "sum": -5}, BAD, "No order in the last 14 days"),
        (LARGEST, None, {"events": 2}, BAD, "Largest revenue of one order in the last 14 days: not known"),
        (LARGEST, 12.5, {"events": 2}, BAD, "Largest revenue of one order in the last 14 days: $12.50"),
        (KINDS, 4, {}, GOOD, "Orders in the last 60 days: 4 different departments"),
        (KINDS, 1, {}, GOOD, "Orders in the last 60 days: 1 department"),
        (KINDS, 0, {"events": 0}, BAD, "No orders in any department in the last 60 days"),
        (KINDS, 0, {"events": 1}, BAD, "Different values of department in orders in the last 60 days: 0"),
        (SHARE, 0.62, {}, BAD, "62% of order lines in the last 60 days in one department"),
        (SHARE, 0.998, {}, BAD, "above 99% of order lines in the last 60 days in one department"),
        (SHARE, 1, {}, BAD, "All order lines in the last 60 days in one department"),
        (BACK, 0, {"events": 0}, GOOD, "No returned orders in the last 60 days"),
        (BACK, 12, {"events": 2}, BAD, "Revenue of returned orders in the last 60 days: $12"),
        (ON, 12, {}, GOOD, "Orders on 12 of the last 30 days"),
        (ON, 30, {}, GOOD, "Orders on each of the last 30 days"),
        (ENDED, 12, {"running": 0}, BAD, "The last contract ended 12 days ago"),
        (ENDED, None, {"running": 2}, GOOD, "A contract is running"),
        (ENDED, None, {"running": 0}, BAD, "Days since the last contract ended: not known"),
        (END, 12, {"running": 1}, BAD, "Planned end of the contract in 12 days"),
        (END, None, {"running": 1}, GOOD, "No planned end of the contract"),
        (END, None, {"running": 0}, BAD, "No contract is running"),
        (END, None, {}, BAD, "Days to the planned end of the contract: not known"),
        (AGO, 2, {}, GOOD, "A year ago: 2 orders in the 30 days that followed"),
        (AGO, 0, {}, BAD, "A year ago: no order in the 30 days that followed"),
    ],
)  # fmt: skip
def test_sentences(
    feature: tuple[str, str, str], value: float | None, near: dict[str, float | None], lean: int, text: str
) -> None:
    what, form, unit = feature
    fact = read_fact(*feature)
    if fact.kind in ("largest", "sum"):
        fact = Fact(fact.kind, fact.what, "order", "orders", fact.days)
    said, _ = in_words(what, value, form, unit, fact=fact, near=near, lean=lean)
    assert said[0].lower() + said[1:] == text[0].lower() + text[1:]
    assert said[0].isupper() or said[0].isdigit()


@pytest.mark.parametrize("name", ["revenue", "sales value", "total_amount", "Net sales", "mrr", "unit price"])
def test_money_has_a_currency(name: str) -> None:
    assert money_unit("EUR", name) == "EUR"


@pytest.mark.parametrize("name", ["items", "quantity", "uses", "minutes", "evaluation", "magnet", "feedback"])
def test_other_numbers_have_none(name: str) -> None:
    assert money_unit("EUR", name) == ""


def test_words_of_a_table_of_ones_own_are_not_taken_for_facts() -> None:
    assert read_fact("days since the latest contract began", "days") == Fact()
    assert read_fact("revenue", "money", "EUR") == Fact()
    assert read_fact("employees in the last year", "count", "") == Fact()
