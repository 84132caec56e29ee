"""How values are shown."""

from __future__ import annotations

import datetime as dt
from types import SimpleNamespace
from typing import Any
from urllib.parse import unquote

import pytest

from salesml.web import show
from tests.web.made import ODD


@pytest.mark.parametrize("text", ODD)
def test_a_segment_of_a_path_holds_any_text(text: str) -> None:
    shown = show.segment(text)
    given = shown.removeprefix("?id=") if shown.startswith("?") else shown
    assert unquote(given) == text
    assert not set(given) & set("/?#&+ \"'<>")


@pytest.mark.parametrize("text", ODD)
def test_no_address_has_a_part_that_is_lost_on_the_way(text: str) -> None:
    path = unquote(f"/accounts/{show.segment(text)}".partition("?")[0])
    assert not {".", ".."} & set(path.replace("\\", "/").split("/"))


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (None, "not known"), ("", "not known"), (2010, "2010"), (1_500_000, "1,500,000"), (1.5, "1.5"),
        (182.0, "182"), ("2020-01-31", "31 January 2020"), ("2020-01-31T00:00:00", "31 January 2020"),
        ("2020-99-99", "2020-99-99"), (True, "True"), ("a <b>", "a <b>"), (float("nan"), "not known"),
        (-2_000_000.25, "-2,000,000"),
    ],
)  # fmt: skip
def test_attributes_are_shown_as_they_are_meant(value: Any, shown: str) -> None:
    assert show.value(value) == shown


@pytest.mark.parametrize(
    ("day", "shown"),
    [
        (dt.date(2026, 1, 2), "2 January 2026"), ("2026-01-02T10:00:00", "2 January 2026"),
        ("yesterday", "yesterday"), (None, "not known"),
    ],
)  # fmt: skip
def test_days_are_spoken(day: Any, shown: str) -> None:
    assert show.day(day) == shown


def test_moments_are_shown_in_the_reader_s_zone() -> None:
    moment = dt.datetime(2026, 7, 1, 23, 30, tzinfo=dt.UTC)
    assert show.moment(moment, "Europe/London") == "2 July 2026, 00:30"
    assert show.moment(moment, "America/New_York") == "1 July 2026, 19:30"


def test_the_end_of_an_address_leaves_out_what_is_empty() -> None:
    kept = {"search": "a&b ü", "band": None, "rep": ""}
    assert show.query(kept, page=2) == "?search=a%26b+%C3%BC&page=2"
    assert show.query({}) == "?"


@pytest.mark.parametrize(
    ("reason", "marks"),
    [
        ({"direction": "raises", "strength": "strong"}, "+++"),
        ({"direction": "lowers", "strength": "moderate"}, "\u2212\u2212"),
        ({"direction": "raises", "strength": None}, "+"),
        ({}, ""),
    ],
)
def test_marks_of_a_reason(reason: dict[str, Any], marks: str) -> None:
    assert show.marks(reason) == marks


def test_a_chance_says_what_of_and_within_which_time() -> None:
    assert show.outcome("churn", 90) == "risk of leaving within 90 days"
    assert show.outcome("conversion") == "chance of winning"
    assert show.band_words("A", "churn") == "highest risk"
    assert show.band_words(None, "churn") == ""


@pytest.mark.parametrize(
    ("low", "high", "ends"),
    [(0.0004, 0.013, ("0%", "1.3%")), (0.002, 0.013, ("0.2%", "1.3%")), (-0.01, 0.02, ("-1%", "2%")),
     (None, 0.02, ("", ""))],
)  # fmt: skip
def test_an_interval_of_shares_begins_with_a_number(
    low: float | None, high: float, ends: tuple[str, str]
) -> None:
    assert show.spread(SimpleNamespace(low=low, high=high), "share") == ends
