"""The drawing of a score as a part of a page: without style of its own, wide and narrow."""

from __future__ import annotations

import re

import pytest

from salesml.words.drawing.axis import chance_of
from salesml.words.drawing.waterfall import NARROW, WIDE, Layout, steps_of, waterfall
from tests.pictures.made import SVG, arrows, read, reason, row, texts

LONG = "Revenue in the last 60 days: £3.08, down from £747 in the 60 days before, and more of that kind"


@pytest.mark.parametrize("layout", [WIDE, NARROW])
def test_a_page_gives_it_its_look(layout: Layout) -> None:
    drawn = waterfall(row(reason(LONG, 1.5), reason("B", -0.7)), layout)
    assert "style" not in drawn
    assert {each.get("class") for each in read(drawn).iter(f"{SVG}polygon")} == {"raises", "lowers"}


@pytest.mark.parametrize("layout", [WIDE, NARROW])
def test_everything_lies_within_its_width(layout: Layout) -> None:
    drawn = waterfall(row(reason(LONG, 8.0, strength="strong"), reason("B", -9.0), base=-7.0), layout)
    for _, corners in arrows(drawn):
        assert all(0 < x < layout.width - 50 for x, _ in corners)
    assert all(float(each.get("x", "")) < layout.width for each in read(drawn).iter(f"{SVG}text"))
    assert read(drawn).get("viewBox", "").startswith(f"0 0 {layout.width:.0f} ")


def test_narrow_sentences_stand_above_their_arrows() -> None:
    drawn = read(waterfall(row(reason(LONG, 1.5), other=0.0), NARROW))
    lines = [float(each.get("y", "")) for each in drawn.iter(f"{SVG}text") if each.get("class") == "sentence"]
    (arrow,) = [corners for _, corners in arrows(waterfall(row(reason(LONG, 1.5), other=0.0), NARROW))]
    assert len(lines) > 1
    assert max(lines) < min(y for _, y in arrow)


def test_both_widths_say_the_same_under_ids_of_their_own() -> None:
    both = [waterfall(row(reason("A", 1.5)), layout) for layout in (WIDE, NARROW)]
    ids = [re.findall(r'id="([^"]+)"', each) for each in both]
    assert not set(ids[0]) & set(ids[1])
    told = [[part.text for part in read(each) if part.tag in (f"{SVG}title", f"{SVG}desc")] for each in both]
    assert told[0] == told[1]
    assert texts(both[0], "sentence") == texts(both[1], "sentence") == ["A", "All else together"]


def test_steps_say_where_they_begin_and_lead_to() -> None:
    steps = steps_of(row(reason("A", 2.0), base=-2.0, other=0.0))
    assert [(step.starts_at, step.leads_to) for step in steps] == [("12%", "50%")]


@pytest.mark.parametrize("log_odds", [-800.0, -2.0, 0.0, 3.0, 800.0])
def test_chances_of_any_log_odds(log_odds: float) -> None:
    assert 0 <= chance_of(log_odds) <= 1
    assert chance_of(log_odds) + chance_of(-log_odds) == pytest.approx(1)
