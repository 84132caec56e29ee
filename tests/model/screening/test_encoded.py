"""Rates of the outcome in which a row's own outcome is counted."""

from __future__ import annotations

import numpy as np
import pandas as pd

from salesml.model.screening import screen
from tests.model.screening.made import alarms, found, honest


def _levels(rows: int) -> np.ndarray:
    return np.random.default_rng(1).integers(0, rows // 4, rows)


def test_a_plain_rate_of_rare_levels_is_named() -> None:
    X, y = honest()
    level = pd.Series(_levels(len(y)))
    (finding,) = found(
        screen(X.assign(rate=pd.Series(y).groupby(level).transform("mean")), y), "rate-of-outcome"
    )
    assert finding.columns == ("rate",)
    assert "each row's own outcome counted in" in finding.what


def test_a_smoothed_rate_is_named_with_its_levels() -> None:
    X, y = honest()
    by = pd.Series(y).groupby(_levels(len(y)))
    rate = (by.transform("sum") + 5 * y.mean()) / (by.transform("size") + 5)
    X = X.assign(zone=[f"z{level}" for level in _levels(len(y))], rate=rate)
    assert ("rate", "zone") in {finding.columns for finding in found(screen(X, y), "rate-of-outcome")}


def test_a_rate_of_other_rows_is_let_through() -> None:
    X, y = honest()
    earlier = np.random.default_rng(2).integers(0, 2, len(y))
    rate = pd.Series(earlier).groupby(_levels(len(y))).transform("mean")
    assert alarms(screen(X.assign(rate=rate), y)) == []
