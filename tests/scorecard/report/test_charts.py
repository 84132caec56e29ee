from __future__ import annotations

import math
import re
from xml.etree import ElementTree

import pytest

from salesml.scorecard.report.charts import Dot, Step, axis, interval, scatter, steps
from salesml.scorecard.report.scale import Scale, short


def test_marks_are_round_and_inside() -> None:
    scale = Scale.over([0.0131, 0.0172])
    assert scale.marks() == [0.014, 0.016]
    assert all(scale.low <= mark <= scale.high for mark in scale.marks())


@pytest.mark.parametrize("values", [[], [0.0], [5.0], [-3.0], [1e-9, 2e-9], [1e12, -1e12], [math.nan, 1.0]])
def test_any_values_make_a_scale(values: list[float]) -> None:
    scale = Scale.over(values)
    assert scale.high > scale.low
    assert scale.marks()
    assert all(0 <= scale.share(value) <= 1 for value in values if math.isfinite(value))


def test_a_scale_begins_at_nothing_where_that_is_near() -> None:
    assert Scale.over([2.0, 10.0]).low == 0.0
    assert Scale.over([9.0, 10.0]).low > 8


def test_marks_are_written_short() -> None:
    written = [
        short(1_250_000, "money", "GBP"),
        short(12_000, "number"),
        short(0.015, "share"),
        short(2, "times"),
    ]
    assert written == ["£1.25m", "12k", "1.5%", "2"]


def test_steps_draw_what_is_there() -> None:
    points = [Step("Q1: 1%", 0.01, 0.008, 0.012), Step("Q2: <b>", math.nan), Step("Q3", 0.02, whole=False)]
    picture = steps(points, "Lost & found", "share")
    root = ElementTree.fromstring(picture)
    assert root.find("title").text == "Lost & found"  # type: ignore[union-attr]
    assert picture.count("<circle") == 2
    assert picture.count('class="whisker"') == 1
    assert picture.count('class="way"') == 0
    assert "point part" in picture


def test_a_higher_value_stands_higher_and_a_later_one_to_the_right() -> None:
    picture = steps([Step("a", 1.0), Step("b", 2.0), Step("c", 3.0)], "x", "number")
    places = [(float(x), float(y)) for x, y in re.findall(r'<circle cx="([\d.]+)%" cy="([\d.]+)"', picture)]
    assert [x for x, _ in places] == sorted(x for x, _ in places)
    assert [y for _, y in places] == sorted((y for _, y in places), reverse=True)


def test_an_interval_lies_around_its_dot() -> None:
    picture = interval(0.1, 0.2, 0.4, Scale(0.0, 0.5), 0.25, "good")
    assert 'cx="40.00%"' in picture
    assert 'x1="20.00%" x2="80.00%"' in picture
    assert 'x1="50.00%" x2="50.00%"' in picture
    assert "good" in picture


def test_an_unknown_interval_is_not_drawn() -> None:
    picture = interval(math.nan, 0.2, math.nan, Scale(0.0, 0.5), math.nan, "mute")
    assert "<line" not in picture
    assert picture.count("<circle") == 1


def test_labels_of_dots_are_escaped() -> None:
    picture = scatter([Dot(1.0, 2.0, "<script>"), Dot(2.0, 1.0, "b")], "x & y", ("money", "number"), "GBP")
    ElementTree.fromstring(picture)
    assert "<script>" not in picture


def test_marks_at_the_ends_of_an_axis_stay_on_the_page() -> None:
    picture = axis(Scale(0.0, 1.0), "share")
    assert 'x="0.00%" y="11" class="mark" text-anchor="start"' in picture
    assert 'x="100.00%" y="11" class="mark" text-anchor="end"' in picture


def test_dots_that_stand_out_are_named_beside_them_and_lines_go_through_the_middle() -> None:
    dots = [Dot(1.0, 2.0, "Ann", "bad", True), Dot(9.0, 1.0, "Ben", "good", True), Dot(5.0, -1.0, "Cleo")]
    picture = scatter(dots, "x", ("money", "number"), "GBP", (5.0, 0.0))
    written = [each.text for each in ElementTree.fromstring(picture).iter() if each.tag.endswith("text")]
    assert {"Ann", "Ben"} <= set(written)
    assert "Cleo" not in written
    assert picture.count('class="all"') == 2
    assert 'text-anchor="end">Ben' in picture
    assert 'text-anchor="start">Ann' in picture
    assert 'class="dot bad"' in picture
    assert scatter(dots, "x", ("money", "number")).count('class="all"') == 0
    assert picture.index("Cleo") < picture.index("Ann")
    long = scatter(
        [Dot(1.0, 2.0, "Maximiliana Theodora von Hohenstaufen", "bad", True)], "x", ("money", "number")
    )
    assert ">Maximiliana Theodora von Hohenstaufen</text>" not in long
    assert "<title>Maximiliana Theodora von Hohenstaufen</title>" in long
