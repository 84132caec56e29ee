"""A value is told beside its peers only where that is sure, true, and reads as the reason leans."""

from __future__ import annotations

import pytest

from salesml.words import in_words
from salesml.words.facts import read_fact
from salesml.words.peers import Part, Peers, Usual

BAD, GOOD = -1, 1
USUAL = {
    "contract": Usual(parts=(Part(0.43, 3875, level="Month-to-month"), Part(0.03, 1695, level="Two year"))),
    "industry": Usual(parts=(Part(0.4, 50),)),
    "charges": Usual(70, 71, (Part(0.12, 400, high=30.0), Part(0.36, 500, low=80.0))),
    "seats": Usual(9, 9, (Part(0.5, 99, low=0.0, high=0.0), Part(0.1, 99, low=1.0, high=20.0)), whole=True),
    "senior": Usual(0, 0, (Part(0.42, 1142, low=1.0, high=1.0),), whole=True),
    "end": Usual(parts=(Part(0.5, 90, low=21.0, high=90.0), Part(0.6, 90, high=21.0))),
    "orders": Usual(9, 9, whole=True),
    "revenue": Usual(230, 240),
    "visits": Usual(0, 0, whole=True),
    "active": Usual(4, 4, whole=True),
    "tickets": Usual(2, 2, whole=True),
    "share": Usual(0.3, 0.4),
    "whole": Usual(1.0, 1.0),
}
PEERS = Peers("churn", 90, 0.27, USUAL)
CONTRACT, CHARGES, SEATS = ("contract", "category", ""), ("charges", "money", "EUR"), ("seats", "count", "")
END = ("days to the planned end of the contract", "days", "days")
ORDERS, TICKETS = (
    ("orders in the last 30 days", "count", "order"),
    ("tickets in the last 30 days", "count", ""),
)
ACTIVE = ("days with orders in the last 30 days", "days", "days")
SHARE = ("share of the most frequent shop in orders in the last 30 days", "share", "")
REVENUE = ("revenue in the last 30 days", "money", "EUR")


@pytest.mark.parametrize(
    ("name", "feature", "value", "lean", "text"),
    [
        (
            "contract",
            CONTRACT,
            "Month-to-month",
            BAD,
            "43% of such customers left within 90 days, 27% of all",
        ),
        ("contract", CONTRACT, "Two year", GOOD, "3% of such customers left within 90 days, 27% of all"),
        ("contract", CONTRACT, "Month-to-month", GOOD, ""),
        ("contract", CONTRACT, "Two year", BAD, ""),
        ("contract", CONTRACT, "Month-to-month", 0, ""),
        ("contract", CONTRACT, "One year", BAD, ""),
        ("contract", CONTRACT, None, BAD, ""),
        ("industry", ("industry", "category", ""), None, BAD, "40% of such customers left within 90 days"),
        ("charges", CHARGES, 95.5, BAD, "of customers with €80 or more, 36% left within 90 days, 27% of all"),
        ("charges", CHARGES, 12.0, GOOD, "of customers with less than €30, 12% left within 90 days"),
        ("charges", CHARGES, 50.0, BAD, ""),
        ("seats", SEATS, 0, BAD, "50% of such customers left within 90 days, 27% of all"),
        ("seats", SEATS, 19, GOOD, "of customers with 1 to 19, 10% left within 90 days, 27% of all"),
        ("seats", SEATS, 20, GOOD, ""),
        ("senior", ("senior citizen", "number", ""), 1, BAD, "42% of such customers left"),
        ("end", END, 24, BAD, "of customers with 21 to 90 days, 50% left within 90 days, 27% of all"),
        ("end", END, 20, BAD, "of customers with less than 21 days, 60% left within 90 days, 27% of all"),
        ("end", END, 90, BAD, ""),
        ("orders", ORDERS, 3, BAD, "half of all customers have 9 or more"),
        ("orders", ORDERS, 3, GOOD, ""),
        ("orders", ORDERS, 9, BAD, ""),
        ("orders", ORDERS, 12, GOOD, "half of all customers have 9 or fewer"),
        ("orders", ORDERS, 12, BAD, ""),
        ("orders", ORDERS, None, BAD, ""),
        ("revenue", REVENUE, 12.5, BAD, "half of all customers have €230 or more"),
        ("revenue", REVENUE, 235, BAD, ""),
        ("revenue", REVENUE, 300, GOOD, "half of all customers have €240 or less"),
        ("visits", ORDERS, 3, GOOD, "half of all customers have none"),
        ("active", ACTIVE, 6, GOOD, "half of all customers have 4 or fewer"),
        ("tickets", TICKETS, 6, BAD, "half of all customers have 2 or fewer"),
        ("tickets", TICKETS, 6, GOOD, "half of all customers have 2 or fewer"),
        ("share", SHARE, 0.8, BAD, "half of all customers have 40% or less"),
        ("whole", SHARE, 0.8, GOOD, ""),
        ("unheard", ORDERS, 3, BAD, ""),
    ],
)
def test_what_is_said_of_peers(
    name: str, feature: tuple[str, str, str], value: float | str | None, lean: int, text: str
) -> None:
    what, form, unit = feature
    alone, shown = in_words(what, value, form, unit, lean=lean)
    said, same = in_words(what, value, form, unit, lean=lean, name=name, peers=PEERS)
    assert same == shown
    if text:
        assert said.startswith(f"{alone}; {text}"), said
    else:
        assert said == alone


def test_what_is_compared_with_its_own_past_is_not_compared_with_peers() -> None:
    near = {"trend": 0.5, "both": 8.0}
    text = in_words(*_of(ORDERS, 3), near=near, lean=BAD, name="orders", peers=PEERS)[0]
    assert text == "3 orders in the last 30 days, down from 5 in the 30 days before"


def test_a_rare_value_has_no_rate() -> None:
    said = in_words(
        "contract", "Month-to-month", "category", rare=True, lean=BAD, name="contract", peers=PEERS
    )
    assert said[0] == "Contract: Month-to-month (a rare or new value)"


def test_a_missing_value_is_not_rare() -> None:
    said = in_words("industry", None, "category", rare=True, lean=BAD, name="industry", peers=PEERS)
    assert said[0].startswith("Industry: not known; 40% of such customers left")


@pytest.mark.parametrize(
    ("task", "days", "lean", "text"),
    [
        ("churn", 365, BAD, "43% of such customers left within a year, 27% of all"),
        ("churn", 0, BAD, "43% of such customers left, 27% of all"),
        ("conversion", 90, GOOD, "43% of such prospects were won within 90 days, 27% of all"),
        ("fit", 0, GOOD, "43% of such prospects became ideal customers, 27% of all"),
        ("unheard", 0, GOOD, "43% of such others had the outcome, 27% of all"),
    ],
)
def test_the_outcome_in_words(task: str, days: int, lean: int, text: str) -> None:
    peers = Peers(task, days, 0.27, USUAL)
    said = in_words("contract", "Month-to-month", "category", lean=lean, name="contract", peers=peers)[0]
    assert said == f"Contract: Month-to-month; {text}"
    other = in_words("contract", "Month-to-month", "category", lean=-lean, name="contract", peers=peers)[0]
    assert other == "Contract: Month-to-month"


def test_without_a_rate_of_all_none_is_told() -> None:
    peers = Peers("seeds", 0, None, USUAL)
    said = in_words("contract", "Month-to-month", "category", lean=GOOD, name="contract", peers=peers)[0]
    assert said == "Contract: Month-to-month"
    assert in_words(*_of(ORDERS, 12), lean=GOOD, name="orders", peers=peers)[0].endswith(
        "half of all prospects have 9 or fewer"
    )


def test_rates_that_are_shown_alike_are_not_compared() -> None:
    peers = Peers("churn", 90, 0.2701, {"plan": Usual(parts=(Part(0.2749, 10**6, level="a"),))})
    assert in_words("plan", "a", "category", lean=BAD, name="plan", peers=peers)[0] == "Plan: a"


def test_who_is_among_those_alike() -> None:
    both = Part(0.1, 30, low=2.0, high=5.0)
    assert [both.has(value) for value in (1.9, 2.0, 4.9, 5.0, None, float("nan"), "2")] == [
        False, True, True, False, False, False, False,
    ]  # fmt: skip
    missing = Part(0.1, 30)
    assert [missing.has(value) for value in (None, float("nan"), 0.0, "a")] == [True, True, False, False]
    level = Part(0.1, 30, level="a")
    assert [level.has(value) for value in ("a", "b", None, 1.0)] == [True, False, False, False]


def _of(feature: tuple[str, str, str], value: float) -> tuple[str, float, str, str]:
    assert read_fact(*feature).kind
    return feature[0], value, feature[1], feature[2]
