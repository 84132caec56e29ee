"""Columns as shares of bins, and how far two of them are apart."""

from __future__ import annotations

import numpy as np
import pytest

from salesml.monitoring.bins import Bins, stability


def test_tenths_of_the_reference_and_what_is_missing_apart() -> None:
    column = np.append(np.arange(100.0), [np.nan] * 25)
    shares = Bins.of_numbers(column).shares(column, category=False)
    assert shares.sum() == pytest.approx(1.0)
    assert shares[-1] == pytest.approx(0.2)
    assert shares[1:-1].max() < 0.1


def test_a_value_that_many_share_stands_alone() -> None:
    column = np.append(np.zeros(70), np.arange(1.0, 31.0))
    shares = Bins.of_numbers(column).shares(column, category=False)
    assert shares[0] == pytest.approx(0.7)


def test_levels_have_their_own_bin_and_unknown_ones_count_as_missing() -> None:
    bins = Bins.of_codes(np.array([0.0] * 6 + [1.0] * 4), 3)
    shares = bins.shares(np.array([0.0, 1.0, 2.0, np.nan]), category=True)
    assert shares.sum() == pytest.approx(1.0)
    assert shares[-1] == pytest.approx(0.25)


def test_the_index_is_the_one_of_the_books() -> None:
    then, now = np.array([0.5, 0.3, 0.2]), np.array([0.3, 0.3, 0.4])
    expected = ((now - then) * np.log(now / then)).sum()
    assert stability(then, now, 10**7, 10**7)[0] == pytest.approx(expected, rel=1e-5)
    both = stability(np.r_[then, then], np.r_[now, then], 10**7, 10**7, np.array([0, 3]))
    assert both == pytest.approx([expected, 0.0], abs=1e-5)


def test_an_empty_bin_leaves_it_finite() -> None:
    assert np.isfinite(stability(np.array([1.0, 0.0]), np.array([0.0, 1.0]), 50, 50)).all()


def test_an_empty_reference_has_one_bin() -> None:
    bins = Bins.of_numbers(np.full(5, np.nan))
    assert bins.shares(np.array([1.0, np.nan]), category=False).tolist() == [0.5, 0.5]
