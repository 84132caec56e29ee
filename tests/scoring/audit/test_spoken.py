"""Patterns that no sentence may hold, looked for in all of them at once."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc
import pytest

from salesml.scoring.audit.spoken import CONTROL, MARKUP, _matching, _word

PLAIN = ["No order so far", "3 < 4", "", "caused", "gen", "der"]


@pytest.mark.parametrize("pattern", [CONTROL, MARKUP, _word("cause|gender")])
@pytest.mark.parametrize(
    "odd", [None, "a\x07b", "a <b>c</b>", "the cause", "Gender: x", "a\u2028b", "<b", ">"]
)
def test_the_same_texts_are_found_at_once_as_one_by_one(pattern: str, odd: str | None) -> None:
    texts = pa.array([*PLAIN, *([odd] if odd else []), "x>"], type=pa.string())
    assert _matching(texts, pattern).to_pylist() == pc.match_substring_regex(texts, pattern).to_pylist()


def test_no_texts_hold_nothing() -> None:
    assert len(_matching(pa.array([], type=pa.string()), CONTROL)) == 0
