"""Sorting by small codes is numpy's stable sort."""

from __future__ import annotations

import numpy as np
import pytest

from salesml.scoring.sorting import places_by


@pytest.mark.parametrize("most", [1, 3, 65_535, 65_536, 10_000_000])
def test_equal_codes_keep_their_order(most: int) -> None:
    codes = np.random.default_rng(most).integers(0, most, 5_000)
    codes[:2] = most, 0
    assert np.array_equal(places_by(codes), np.argsort(codes, kind="stable"))


def test_nothing_is_sorted_too() -> None:
    assert len(places_by(np.empty(0, dtype=np.int64))) == 0
