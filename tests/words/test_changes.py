"""What changed, in sentences."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pytest

from salesml.words.changes import changed, data_told, headline, model_told, news, of_the_model

DAY = dt.date(2025, 10, 1)


@pytest.mark.parametrize(
    ("what", "before", "now", "form", "words"),
    [
        ("days since the last order", 40.0, 74.0, "days", "No order for 74 days (40 days on 1 October 2025)"),
        ("days since the last order", None, 3.0, "days", "No order for 3 days (not known on 1 October 2025)"),
        ("orders in the last 30 days", 5.0, 0.0, "count",
         "No orders in the last 30 days (5 on 1 October 2025)"),
        ("industry", "retail", "health", "category", "Industry: health (retail on 1 October 2025)"),
        ("industry", "retail", None, "category", "Industry: not known (retail on 1 October 2025)"),
        ("days since the last order", 400.0, 401.0, "days",
         "No order for about 13 months (also about 13 months on 1 October 2025)"),
        ("industry", "retail", "retail", "category",
         "Industry: retail, unchanged, but counts for something else beside what did change"),
        ("orders in the last 30 days against the 30 days before", 1.5, 0.5, "ratio",
         "Fewer orders in the last 30 days than in the 30 days before (more on 1 October 2025)"),
    ],
)  # fmt: skip
def test_a_value_and_what_it_was(
    what: str, before: float | str | None, now: float | str | None, form: str, words: str
) -> None:
    assert changed(what, before, now, form, day=DAY)[0] == words


def test_without_a_day_and_beside_a_headline() -> None:
    dated, item, before, now = changed("orders in the last 30 days", 5.0, 2.0, "count", day=DAY)
    assert dated == "2 orders in the last 30 days (5 on 1 October 2025)"
    assert item == "2 orders in the last 30 days (before: 5)"
    assert (before, now) == ("5", "2")
    assert changed("orders in the last 30 days", 5.0, 2.0, "count")[:2] == (item, item)
    assert (
        changed("number of sites", 2.4999, 2.5001, "number")[0] == "Number of sites: 2.5 (before: also 2.5)"
    )


def test_none_left_is_told_beside_what_there_was() -> None:
    near = {"events": 3.0}, {"events": 0.0}
    share = changed(
        "share of the most frequent kind in tickets in the last 90 days", 0.5, None, "share", near=near
    )
    assert share[1] == "Share of the most frequent kind in tickets in the last 90 days: none (before: 50%)"
    revenue = changed("revenue in the last 30 days", 154.0, 0.0, "money", "GBP", near=near)
    assert revenue[1] == "No revenue in the last 30 days (before: £154)"
    back = changed("revenue in the last 30 days", 0.0, 154.0, "money", "GBP", near=near[::-1])
    assert back[1] == "Revenue in the last 30 days: £154 (before: none)"


def test_which_model_looks_at_it() -> None:
    assert of_the_model("industry", "retail", "category") == ("Industry: retail", "retail")
    assert of_the_model("industry", "x", "category", rare=True)[0] == "Industry: x (a rare or new value)"
    told = of_the_model("industry", "retail", "category", only="new")[0]
    assert told == "Industry: retail (only the new model looks at this)"
    told = of_the_model("industry", "retail", "category", only="old")[0]
    assert told == "Industry: retail (only the old model looked at this)"


def test_news() -> None:
    before, now = np.array([1.0, 2.0, 2.0, np.nan]), np.array([2.0, 1.0, 2.0, 1.0])
    assert list(news("orders in the last 30 days", "count", "", before, now)) == [1, -1, 0, 0]
    assert list(news("days since the last order", "days", "", before, now)) == [-1, 1, 0, 0]
    assert list(news("number of sites", "number", "", before, now)) == [0, 0, 0, 0]


@pytest.mark.parametrize(
    ("before", "now", "day", "words"),
    [
        (0.12, 0.31, DAY, "Risk of leaving: up from 12% to 31% since 1 October 2025."),
        (0.31, 0.12, DAY, "Risk of leaving: down from 31% to 12% since 1 October 2025."),
        (0.121, 0.123, DAY, "Risk of leaving: 12%, as on 1 October 2025."),
        (0.12, 0.31, None, "Risk of leaving: up from 12% to 31%."),
        (0.31, 0.12, None, "Risk of leaving: down from 31% to 12%."),
        (0.12, 0.12, None, "Risk of leaving: 12%, as before."),
        (None, 0.12, DAY, "Risk of leaving: 12%. Not scored on 1 October 2025."),
        (None, 0.12, None, "Risk of leaving: 12%. Not scored before."),
        (0.12, None, DAY, "No longer scored; on 1 October 2025 the risk of leaving was 12%."),
        (0.12, None, None, "No longer scored; the risk of leaving was 12% before."),
    ],
)
def test_headlines(before: float | None, now: float | None, day: dt.date | None, words: str) -> None:
    assert headline("churn", before, now, day) == words
    assert headline("conversion", before, now, day) != words


def test_what_each_part_says() -> None:
    assert data_told(["A", "B"], ["C"]) == (
        "What changed and raises it: A; B. What changed and lowers it: C."
    )
    assert data_told([], []) == "Nothing that counts changed in the data."
    assert model_told((0.24, 0.31), (0.1, 0.1), ["A"], ["B"]) == (
        "The model itself changed: of the same facts the old one says 24%, the new one 31%. "
        "What it counts higher: A. What it counts lower: B."
    )
    assert model_told((0.241, 0.239), (0.1, 0.2), [], []) == (
        "The model itself changed, and says about the same of the same facts. "
        "It starts everybody higher: at 20% instead of 10%."
    )
    assert model_told((0.2, 0.2), (0.2, 0.1), [], []).endswith(
        "It starts everybody lower: at 10% instead of 20%."
    )
