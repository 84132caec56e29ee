"""The same person is found however they type their name, and never another."""

from __future__ import annotations

import sys

import pytest

from salesml.store.logins import folded, is_login


def test_capitals_and_blanks_around_do_not_matter() -> None:
    assert folded("  Kim.BÄCKER@Example.com ") == "kim.bäcker@example.com"


@pytest.mark.parametrize("odd", ["\u212aim", "\u017fam", "Stra\u00dfe", "\u0130da", "\ufb01n"])
def test_a_letter_that_only_looks_like_a_capital_stays_itself(odd: str) -> None:
    assert folded(odd) == odd.replace("S", "s")


def test_no_two_letters_fold_to_the_same_but_a_capital_and_its_small_one() -> None:
    sources: dict[str, list[str]] = {}
    for code in range(sys.maxunicode + 1):
        letter = chr(code)
        if small := folded(letter):
            sources.setdefault(small, []).append(letter)
    assert {small: found for small, found in sources.items() if len(found) > 2} == {}
    pairs = {small: set(found) for small, found in sources.items() if len(found) == 2}
    assert len(pairs) > 1_000
    assert [small for small, found in pairs.items() if found != {small, small.upper()}] == []


@pytest.mark.parametrize("text", ["", "a" * 321, "a\0b", "a\nb", "a\ud800"])
def test_what_is_no_login(text: str) -> None:
    assert not is_login(text)


def test_what_is_one() -> None:
    assert is_login("kim baker")
