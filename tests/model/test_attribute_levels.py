"""Attributes cut into levels that a person can read."""

from __future__ import annotations

import numpy as np
import pandas as pd

from salesml.model.attribute_levels import FEWEST, levels_of


def told(column: pd.Series, words: str = "size", **how: str) -> dict[str, int]:  # type: ignore[type-arg]
    return {level.words: int(level.rows.sum()) for level in levels_of(column, words, **how)}


def test_numbers_are_cut_into_round_ranges_that_part_the_rows() -> None:
    sizes = pd.Series(np.round(np.random.default_rng(0).lognormal(4.6, 1.2, 2000)), name="employees")
    found = told(sizes)
    assert sum(found.values()) == 2000
    assert len(found) == 4
    assert min(found.values()) > 300
    below = next(words for words in found if words.startswith("size below "))
    first = float(below.removeprefix("size below "))
    assert f"size {first:.0f} to " in " ".join(found)
    for words, count in found.items():
        numbers = [float(part) for part in words.replace(",", "").split() if part.isdigit()]
        if " to " in words:
            assert count == sizes.between(*numbers).sum()


def test_a_spike_gaps_and_few_values_are_levels() -> None:
    rng = np.random.default_rng(1)
    spent = pd.Series(np.where(rng.random(400) < 0.5, 0, rng.gamma(2, 500, 400)), name="spent")
    spent[:40] = np.nan
    found = told(spent, "spent", form="money", unit="EUR")
    assert found["spent €0"] == (spent == 0).sum()
    assert found["spent not known"] == 40
    assert sum(found.values()) == 400
    assert any("to below €" in words for words in found)
    stars = told(pd.Series(rng.integers(1, 4, 300), name="stars"), "stars")
    assert set(stars) == {"stars 1", "stars 2", "stars 3"}


def test_levels_that_few_have_or_few_lack_are_not_looked_at() -> None:
    kinds = pd.Series(["a"] * 100 + ["b"] * FEWEST + ["c"] * (FEWEST - 1), name="kind")
    assert set(told(kinds)) == {"size a", "size b"}
    assert not told(pd.Series(["a"] * 100 + ["b"] * 5, name="kind"))
    assert not told(pd.Series([None] * 50, name="kind", dtype="object"))
    assert not told(pd.Series([np.inf, -np.inf] * 5, name="kind"))


def test_true_and_false_are_levels() -> None:
    assert set(told(pd.Series([True, False, None] * 30, name="gone", dtype="object"))) == {
        "size True",
        "size False",
        "size not known",
    }
