"""Whatever stands in a table, a rep reads one short line."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from salesml.words import in_words, value_text
from salesml.words.peers import Part, Peers, Usual
from salesml.words.texts import LONGEST, named, one_line


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Month-to-month", "Month-to-month"),
        ("", "left empty"),
        (" \n\t ", "left empty"),
        ("\u200b\u200e\ufeff", "left empty"),
        ("two\nlines\r\nand\u2028a third", "two lines and a third"),
        ("a\x00b\x1b[31mred", "a b [31mred"),
        ("\u202egnp.exe\u202c", "gnp.exe"),
        ("zero\u200bwidth", "zerowidth"),
        ("half \ud83d", "half"),
        ("<script>alert('x')</script>", "<script>alert('x')</script>"),
        ("{value} {0} %s", "{value} {0} %s"),
        ("5 > 3 & 'so'", "5 > 3 & 'so'"),
        ("cafe\u0301", "caf\u00e9"),
        ("😀 smile 👍🏽", "😀 smile 👍🏽"),
        ("שלום", "שלום"),
        ("x" * LONGEST, "x" * LONGEST),
        ("x" * (LONGEST + 1), "x" * (LONGEST - 1) + "…"),
        ("x" * 10_000, "x" * (LONGEST - 1) + "…"),
        ("\n" * 10_000 + "x", "left empty…"),
    ],
)
def test_texts(text: str, shown: str) -> None:
    assert one_line(text) == unicodedata.normalize("NFC", shown)


def test_piled_up_accents_are_cut() -> None:
    assert len(one_line("e" + "\u0316" * 500)) == 3


@given(st.text(max_size=200))
def test_any_text_is_one_visible_line(text: str) -> None:
    line = one_line(text)
    assert 0 < len(line) <= LONGEST
    assert not any(unicodedata.category(letter)[0] == "C" for letter in line)
    assert line == " ".join(line.split())
    assert one_line(line) == line
    line.encode()


@given(st.text(max_size=300), st.sampled_from([-1, 1]))
def test_no_value_breaks_a_sentence(text: str, lean: int) -> None:
    peers = Peers("churn", 90, 0.2, {"x": Usual(parts=(Part(0.5 if lean < 0 else 0.1, 99, level=text),))})
    said, shown = in_words("industry", text, "category", lean=lean, name="x", peers=peers)
    assert shown == value_text(text, "category") == one_line(text)
    rate = "50%" if lean < 0 else "10%"
    assert said == f"Industry: {shown}; {rate} of such customers left within 90 days, 20% of all"
    assert "\n" not in said


def test_a_feature_without_words_is_called_by_its_name() -> None:
    assert named("", "seats_in_use") == "seats in use"
    assert named("seats", "x") == "seats"
    assert named("", "a\nb" * 4000).startswith("a ba ba b")
    assert 100 < len(named("", "a\nb" * 4000)) <= 120
