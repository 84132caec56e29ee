"""The course of a chance shows its points where they belong, and says them."""

from __future__ import annotations

import datetime as dt

import pytest

from salesml.words.drawing.timeline import BOTTOM, TOP, Then, timeline
from tests.pictures.made import SVG, read, texts

FIRST = dt.date(2026, 1, 1)


def course(*chances: float, days: int = 7) -> list[Then]:
    return [Then(FIRST + dt.timedelta(days=days * place), each) for place, each in enumerate(chances)]


def test_points_stand_by_day_and_chance() -> None:
    drawn = read(timeline(course(0.1, 0.2, 0.0), "churn"))
    dots = list(drawn.iter(f"{SVG}circle"))
    xs = [float(each.get("cx", "").rstrip("%")) for each in dots]
    ys = [float(each.get("cy", "")) for each in dots]
    assert xs[1] - xs[0] == pytest.approx(xs[2] - xs[1], abs=0.02)
    assert ys == [pytest.approx((TOP + BOTTOM) / 2, abs=0.1), TOP, BOTTOM]


def test_unequal_gaps_are_unequal() -> None:
    points = [
        Then(FIRST, 0.1),
        Then(FIRST + dt.timedelta(days=1), 0.1),
        Then(FIRST + dt.timedelta(days=10), 0.1),
    ]
    xs = [
        float(each.get("cx", "").rstrip("%")) for each in read(timeline(points, "churn")).iter(f"{SVG}circle")
    ]
    assert (xs[2] - xs[1]) / (xs[1] - xs[0]) == pytest.approx(9, abs=0.05)


def test_said_to_screen_readers() -> None:
    drawn = read(timeline(course(0.1, 0.25), "churn"))
    named = {each.get("id"): each.text for each in drawn}
    assert [named[name] for name in (drawn.get("aria-labelledby") or "").split()] == [
        "Risk of leaving from 1 January 2026 to 8 January 2026",
        "1 January 2026: 10%; 8 January 2026: 25%",
    ]


def test_the_scale_ends_above_the_highest_point_and_begins_at_nothing() -> None:
    assert texts(timeline(course(0.013, 0.012), "churn"), "fine")[:3] == ["0%", "1%", "2%"]
    assert texts(timeline(course(1.0, 0.4), "churn"), "fine")[:3] == ["0%", "50%", "100%"]


def test_one_day_stands_on_the_right() -> None:
    drawn = timeline(course(0.3), "conversion")
    assert [each.get("cx") for each in read(drawn).iter(f"{SVG}circle")] == ["88.00%"]
    assert texts(drawn).count("1 January 2026") == 1


def test_no_style_of_its_own() -> None:
    assert "style" not in timeline(course(0.3, 0.4), "churn")
