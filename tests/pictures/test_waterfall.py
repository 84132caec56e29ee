"""The picture shows the numbers of its row, and no text of it does any harm."""

from __future__ import annotations

import math
import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import expit

from salesml.pictures.waterfall import waterfall
from salesml.scoring import Scorer
from salesml.words.drawing.waterfall import ALONE, HEAD
from salesml.words.numbers import chance
from tests.pictures.made import SVG, arrows, read, reason, row, texts
from tests.scoring.made import bundle, rows

HARMFUL = (
    "<script>alert(1)</script>", "\"'&<>]]>", "a\u202eb\u2066c", "x" * 10_000, "", " \n\t\x00\x1b", "\ud800",
    "😀" * 50, "שלום", "<![CDATA[", "</svg><script/>", "\ufffe\uffff", "e" + "\u0301" * 400, "url(http://x)",
)  # fmt: skip


def test_arrows_lead_from_the_base_to_the_score() -> None:
    drawn = waterfall(row(reason("A", 1.5), reason("B", -0.7, strength="moderate"), base=-2.0, other=0.3))
    found = arrows(drawn)
    assert [name for name, _ in found] == ["raises", "lowers", "raises"]
    starts, tips = [corners[0][0] for _, corners in found], [corners[2][0] for _, corners in found]
    assert starts[1:] == tips[:-1]
    lengths = [tip - start for start, tip in zip(starts, tips, strict=True)]
    assert np.allclose(np.array(lengths) / lengths[0], np.array([1.5, -0.7, 0.3]) / 1.5, atol=2e-3)
    ends = [chance(float(expit(at))) for at in (-0.5, -1.2, -0.9)]
    for label in ends:
        assert label in texts(drawn, "fine")
    assert texts(drawn, "strong") == [chance(float(expit(-2.0))), "Altogether", ends[-1]]
    assert texts(drawn, "mark") == ["+++", "\u2212" * 2]
    assert texts(drawn, "sentence") == ["A", "B", "All else together"]
    assert texts(drawn, "title") == [f"c1: {ends[-1]} risk of leaving"]
    circles = [float(each.get("cx", "")) for each in read(drawn).iter(f"{SVG}circle")]
    assert circles == [starts[0], tips[-1]]


def test_said_to_screen_readers() -> None:
    drawn = read(waterfall(row(reason("No order for 74 days", 1.0), other=0.0)))
    assert drawn.get("role") == "img"
    named = {each.get("id"): each.text for each in drawn}
    assert [named[name] for name in (drawn.get("aria-labelledby") or "").split()] == [
        "c1: 27% risk of leaving",
        "Everybody starts at 12%. No order for 74 days: raises it to 27%. Altogether 27%.",
    ]


def test_a_page_keeps_its_own_look() -> None:
    one, two = (waterfall(row(reason("A", size))) for size in (1.0, 2.0))
    style = next(each.text or "" for each in read(one).iter(f"{SVG}style"))
    rules = re.findall(r"([^{}\n]+)\{[^{}]+\}", style)
    assert len(rules) > 15
    assert all(rule.startswith(".waterfall ") for rule in rules)
    ids = [each.get("id") for drawn in (one, two) for each in read(drawn).iter() if each.get("id")]
    assert len(set(ids)) == len(ids) == 4
    assert waterfall(row(reason("A", 1.0))) == one


def test_scored_rows_end_at_their_chance() -> None:
    table = Scorer(bundle(), threads=1).table(rows(40, 3)).to_pylist()
    for scored in table:
        drawn = waterfall(scored)
        assert chance(scored["probability"]) in texts(drawn, "title")[0]
        assert len(arrows(drawn)) == len(scored["reasons"]) + (scored["other_contribution"] != 0)


@pytest.mark.parametrize("text", HARMFUL)
def test_no_text_does_harm(text: str) -> None:
    drawn = waterfall(row(reason(f"Industry: {text}", 0.5, text), entity_id=text))
    assert len(drawn) < 12_000
    assert "<script" not in drawn.lower()
    assert {each.tag.removeprefix(SVG) for each in read(drawn).iter()} == {
        "svg", "title", "desc", "style", "rect", "text", "line", "circle", "polygon",
    }  # fmt: skip
    assert not set("\u202e\u2066\x00\x1b\ud800\ufffe") & set(drawn)
    assert not re.search(r"(?:href|src|@import)\b|\son\w+=", re.sub(r">[^<]*<", "><", drawn))
    style = "".join(each.text or "" for each in read(drawn).iter(f"{SVG}style"))
    assert "url" not in style


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=300), st.text(max_size=300), st.text(max_size=80))
def test_any_text_is_well_formed(sentence: str, value: str, entity: str) -> None:
    drawn = waterfall(row(reason(sentence + value, -0.5, value), entity_id=entity))
    root = read(drawn)
    assert root.tag == f"{SVG}svg"
    assert drawn.count("\u2068") == drawn.count("\u2069") or "…" in drawn


def test_text_from_right_to_left_keeps_to_itself() -> None:
    drawn = waterfall(row(reason("City: תל אביב (a rare or new value)", 0.5, "תל אביב"), entity_id="שלום"))
    assert "City: \u2068תל אביב\u2069 (a rare or new value)" in texts(drawn)
    assert texts(drawn, "title")[0].startswith("\u2068\u05e9\u05dc\u05d5\u05dd\u2069: ")


@pytest.mark.parametrize(
    ("base", "parts", "other"),
    [
        (-2.0, [1e-5, -1e-5], 1e-6),
        (-3.0, [40.0, -20.0], 5.0),
        (-30.0, [1.0], 0.0),
        (30.0, [-1.0], 0.0),
        (0.0, [], 0.0),
        (-7.0, [0.2], 0.0),
    ],
)
def test_within_the_paper_whatever_the_size(base: float, parts: list[float], other: float) -> None:
    drawn = waterfall(row(*[reason("A", part) for part in parts], base=base, other=other))
    for _, corners in arrows(drawn):
        assert all(0 < x < ALONE.width - 60 for x, _ in corners)
        assert abs(corners[2][0] - corners[0][0]) >= 1.4
        assert abs(corners[2][0] - corners[1][0]) <= HEAD + 0.1
    small = [float(each.get("x", "")) for each in read(drawn).iter(f"{SVG}text")]
    assert max(small) < ALONE.width
    assert len(drawn) < 8_000


def test_marks_stand_where_their_chances_are() -> None:
    drawn = waterfall(row(reason("A", 3.0), base=-2.0, other=0.0))
    marks = {
        "".join(each.itertext()): float(each.get("x", ""))
        for each in read(drawn).iter(f"{SVG}text")
        if re.fullmatch(r"[\d.]+%", "".join(each.itertext())) and each.get("text-anchor") == "middle"
    }
    _, corners = arrows(drawn)[0]
    start, tip = corners[0][0], corners[2][0]
    assert len(marks) >= 3
    for label, x in marks.items():
        p = float(label[:-1]) / 100
        assert x == pytest.approx(start + (math.log(p / (1 - p)) + 2.0) / 3.0 * (tip - start), abs=0.2)


def test_long_sentences_are_broken_and_end_in_dots() -> None:
    drawn = waterfall(row(reason(" ".join(["quite a number of words"] * 20), 1.0), other=0.0))
    lines = texts(drawn, "sentence")
    assert 1 < len(lines) <= 4
    assert lines[-1].endswith("…")
    name = waterfall(
        row(reason("A", 1.0), entity_id="Donaudampfschifffahrtsgesellschaftskapitän GmbH & Co. KGaA")
    )
    assert texts(name, "title")[0].startswith("Donaudampfschifffahrtsgesellschaftskapitän GmbH…: ")
