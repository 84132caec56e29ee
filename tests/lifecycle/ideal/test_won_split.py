"""Which accounts are learned from and which test, by the day won."""

from __future__ import annotations

import numpy as np
import pandas as pd

from salesml.lifecycle.ideal.won_split import FEWEST_IDEAL, TESTED, USED, split_by_won

START = pd.Timestamp("2022-01-01")


def times(rows: int, years: float, months: int) -> tuple[pd.Series, pd.Series]:  # type: ignore[type-arg]
    """Days on which prospects were looked at and days when their outcome was known, all observed."""
    rng = np.random.default_rng(0)
    span = int(365 * years - 30.4 * months)
    looked = pd.Series(START + pd.to_timedelta(np.sort(rng.integers(0, span, rows)), unit="D"))
    return looked, looked + pd.to_timedelta(rng.integers(0, 20, rows) + round(30.4 * months), unit="D")


def test_nobody_whose_outcome_was_open_is_learned_from() -> None:
    looked, known = times(2000, 4, 6)
    split = split_by_won(looked, known, 0.2)
    assert split.day is not None
    day = pd.Timestamp(split.day)
    assert known[split.train].max() <= day <= looked[split.test].min()
    assert not (split.train & split.test).any()
    used = split.train.sum() + split.test.sum()
    assert split.test.sum() >= TESTED * used
    assert used >= USED * 2000
    assert 0.2 * min(split.test.sum(), split.train.sum()) >= FEWEST_IDEAL
    text = split.summary(6)
    assert f"As on {split.day}: learned from {split.train.sum():,} accounts" in text
    assert f"{2000 - used:,} were under way" in text


def test_a_short_history_is_tested_by_folds_and_it_is_said() -> None:
    split = split_by_won(*times(2000, 2, 12), 0.2)
    assert split.day is None
    assert split.train.all()
    assert not split.test.any()
    assert "the history is too short" in split.summary(12)
    assert "all 2,000 are tested by folds" in split.summary(12)
    assert "so their number can differ a little" in split.summary(12)


def test_few_accounts_are_tested_by_folds() -> None:
    assert split_by_won(*times(100, 8, 6), 0.2).day is None
    assert split_by_won(*times(2000, 8, 6), 0.001).day is None
