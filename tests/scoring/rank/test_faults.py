"""What is wrong with the input of a ranking is told in words, and nothing is lost."""

from __future__ import annotations

import math

import pandas as pd
import pytest

from salesml.errors import DataError
from salesml.scoring import rank
from tests.scoring.rank.made import drawn, prospects

NAN = math.nan


def warned(ranked: pd.DataFrame) -> dict[str, str]:
    return {warning["code"]: warning["words"] for warning in ranked.attrs["rules"]["warnings"]}


def test_no_row_says_its_hours() -> None:
    with pytest.raises(DataError, match=r"No row says how many hours it takes\..*places-per-rep"):
        rank(prospects([1, 2], [NAN, 0]), hours_per_rep=5)


def test_hours_missing_or_not_above_zero_are_counted() -> None:
    ranked = rank(prospects([1, 2, 3, 4], [NAN, 0, -1, 2]), hours_per_rep=5)
    found = [warning["words"] for warning in ranked.attrs["rules"]["warnings"]]
    assert found[0].startswith("expected_hours is 0 or less for 2 rows")
    assert found[1].startswith("expected_hours is missing for 1 row")
    assert len(ranked) == 4


def test_a_rep_that_nobody_knows_keeps_its_list() -> None:
    ranked = rank(drawn(30, 1, ["ann", "zoe"]), hours_per_rep=5, reps=["ann"])
    words = (
        "1 rep in the scores, but not among the reps that are known: zoe. Bring them into the table `reps`"
    )
    assert warned(ranked)["unknown-rep"].startswith(words)
    assert ranked.loc[ranked["list"] == "zoe", "rank"].notna().any()
    own = rank(drawn(30, 1, ["ann", "zoe"]), hours_per_rep={"ann": 5})
    assert "unknown-rep" in warned(own)
    assert set(own.loc[own["list"] == "zoe", "unlisted"]) == {"its list has no hours"}


def test_reps_without_hours_are_named() -> None:
    ranked = rank(drawn(30, 1, ["ann", "bob", "cy"]), hours_per_rep={"ann": 5, "bob": 0, "cy": NAN})
    assert "2 reps without hours above 0: bob, cy" in warned(ranked)["rep-without-hours"]
    assert len(ranked) == 30


def test_values_below_zero_are_counted() -> None:
    ranked = rank(prospects([-1, 2], [1, 1]))
    assert warned(ranked)["below-zero"].startswith("expected_value is below 0 for 1 row.")


def test_sound_input_has_no_warnings() -> None:
    assert not warned(rank(drawn(30, 1), hours_per_rep=5, explore=0.1))
