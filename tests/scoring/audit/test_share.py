"""How many rows are computed a second time, and what stands twice in a row."""

from __future__ import annotations

import numpy as np
import pytest

from salesml.scoring.audit.recomputed import FEWEST, MOST, OF_PART, ONE_OF, sampled
from salesml.scoring.audit.structure import FEW, repeated


@pytest.mark.parametrize("parts", [2, 8, 40])
def test_parts_have_as_many_as_the_whole(parts: int) -> None:
    of = 8_000 * parts
    each = [len(sampled(np.arange(8_000), 0, of)) for _ in range(parts)]
    whole = len(sampled(np.arange(of), 0))
    assert whole == min(max(of // ONE_OF, FEWEST), MOST)
    assert whole <= sum(each) <= max(whole + parts, OF_PART * parts)


def test_no_part_of_a_very_long_table_is_left_out() -> None:
    assert len(sampled(np.arange(65_536), 0, 50_000_000)) == OF_PART


def test_a_table_in_one_part_is_drawn_as_before() -> None:
    rows = np.arange(500_000)
    assert np.array_equal(sampled(rows, 3, len(rows)), sampled(rows, 3))
    assert np.array_equal(sampled(rows[:5], 3, 1_000_000), rows[:5])


@pytest.mark.parametrize("most", [1, 5, FEW, FEW + 1, 80])
def test_what_stood_before_in_its_row_is_found(most: int) -> None:
    luck = np.random.default_rng(most)
    row = np.repeat(np.arange(50), luck.integers(0, most, 50, endpoint=True))
    what = luck.integers(-3, most, len(row))
    seen: set[tuple[int, int]] = set()
    expected = []
    for pair in zip(row.tolist(), what.tolist(), strict=True):
        expected.append(pair in seen)
        seen.add(pair)
    assert repeated(row, what).tolist() == expected
