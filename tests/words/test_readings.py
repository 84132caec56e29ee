"""Good news, bad news, or nothing but that there was no event."""

from __future__ import annotations

import math

import numpy as np
import pytest

from salesml.words.facts import read_fact
from salesml.words.readings import reading, silent

SINCE = ("days since the last order", "days", "")
PACE = ("days since the last order against the usual days between orders", "ratio", "")
USUAL = ("usual days between orders", "days", "")
ORDERS = ("orders in the last 30 days", "count", "order")
TREND = ("orders in the last 30 days against the 30 days before", "ratio", "")
REVENUE = ("revenue in the last 30 days", "money", "USD")
DISCOUNT = ("discount in the last 30 days", "money", "USD")
LARGEST = ("largest revenue of one order in the last 14 days", "money", "USD")


@pytest.mark.parametrize(
    ("feature", "value", "near", "expected"),
    [
        (SINCE, [3, 74, 3], {"usual": [21, 21, math.nan]}, [1, -1, 0]),
        (PACE, [0.1, 4, 1], {"usual": [21, 21, 21], "last": [2, 84, 21]}, [1, -1, 1]),
        (TREND, [0.5, 1, 2, 1], {"now": [1, 1, 1, 0]}, [-1, 0, 1, -1]),
        (ORDERS, [0, 1, math.nan], {}, [-1, 0, 0]),
        (REVENUE, [0, 0, 5], {"events": [0, 1, 1]}, [-1, 0, 0]),
        (LARGEST, [math.nan, math.nan, 5], {"events": [0, 1, 1]}, [-1, 0, 0]),
        (DISCOUNT, [0, 5], {"events": [0, 1]}, [0, 0]),
        (USUAL, [3, 300], {}, [0, 0]),
    ],
)
def test_what_reads_like_good_or_bad_news(
    feature: tuple[str, str, str],
    value: list[float],
    near: dict[str, list[float]],
    expected: list[int],
) -> None:
    columns = {role: np.array(column, dtype=float) for role, column in near.items()}
    found = reading(read_fact(*feature), np.array(value, dtype=float), columns)
    assert (np.zeros(len(value)) + found).tolist() == expected


def test_what_only_tells_that_there_was_nothing() -> None:
    assert silent(read_fact(*ORDERS), np.array([0.0, 2.0]), {}).tolist() == [True, False]
    events = {"events": np.array([0.0, 2.0])}
    assert silent(read_fact(*LARGEST), np.array([math.nan, math.nan]), events).tolist() == [True, False]
    assert silent(read_fact(*SINCE), np.array([3.0, math.nan]), {}).tolist() == [False, False]
