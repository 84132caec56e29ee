"""Numbers as a rep reads them."""

from __future__ import annotations

import datetime as dt
import math

import pytest

from salesml.words import numbers


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0"),
        (3, "3"),
        (2.5, "2.5"),
        (1234567, "1,234,567"),
        (1e300, "1e+300"),
        (-4, "-4"),
        (123.4, "123"),
        (-0.01, "0.0"),
    ],
)
def test_count(value: float, text: str) -> None:
    assert numbers.count(value) == text


@pytest.mark.parametrize(
    ("value", "currency", "text"),
    [
        (1234.56, "GBP", "£1,235"),
        (12.3, "GBP", "£12.30"),
        (99.996, "EUR", "€100"),
        (5, "USD", "$5"),
        (-20.5, "GBP", "-£20.50"),
        (-0.001, "GBP", "£0.00"),
        (1234, "CHF", "1,234 CHF"),
        (7.5, "", "7.50"),
    ],
)
def test_money(value: float, currency: str, text: str) -> None:
    assert numbers.money(value, currency) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0 days"),
        (1, "1 day"),
        (74, "74 days"),
        (99, "99 days"),
        (118, "118 days"),
        (21.4, "21 days"),
        (2.46, "2.5 days"),
        (365, "365 days"),
        (400, "about 13 months"),
        (900, "about 2 years"),
        (-30, "-30 days"),
        (-400, "about -13 months"),
    ],
)
def test_days(value: float, text: str) -> None:
    assert numbers.days(value) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0%"),
        (0.0004, "below 0.1%"),
        (0.034, "3.4%"),
        (0.0999, "10%"),
        (0.38, "38%"),
        (1, "100%"),
        (12, "1,200%"),
    ],
)
def test_percent(value: float, text: str) -> None:
    assert numbers.percent(value) == text


@pytest.mark.parametrize(
    ("value", "text"), [(1.0, "day"), (1.04, "day"), (1.44, "1.4 days"), (3.5, "4 days"), (400, "400 days")]
)
def test_every(value: float, text: str) -> None:
    assert numbers.every(value) == text


def test_a_date_is_spoken() -> None:
    assert numbers.date(dt.date(2018, 1, 1)) == "1 January 2018"


def test_a_chance_never_claims_certainty() -> None:
    assert numbers.chance(1.0) == "above 99%"
    assert numbers.chance(0.0) == "below 0.1%"
    assert numbers.chance(0.427) == "43%"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0, "0"),
        (0.01234, "0.0123"),
        (1.5, "1.5"),
        (2.0, "2"),
        (12.345, "12.3"),
        (1234.5, "1,234"),
        (1e-9, "0.000000001"),
    ],
)
def test_number_to_three_figures(value: float, text: str) -> None:
    assert numbers.number(value) == text


def test_ratio_and_month() -> None:
    assert numbers.ratio(1.5) == "1.5 times"
    assert numbers.month(1) == "January"
    assert numbers.month(12.0) == "December"
    assert numbers.month(13) == "13"


@pytest.mark.parametrize(
    "function", ["count", "money", "days", "every", "percent", "chance", "ratio", "month", "number"]
)
@pytest.mark.parametrize("value", [None, math.nan, math.inf, -math.inf])
def test_what_is_not_known(function: str, value: float | None) -> None:
    assert getattr(numbers, function)(value) == "not known"
