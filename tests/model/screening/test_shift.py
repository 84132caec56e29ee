"""Differences between the rows to learn from and later ones."""

from __future__ import annotations

import numpy as np
import pandas as pd

from salesml.model.screening import screen
from tests.model.screening.made import found, honest


def test_a_column_that_moved_is_named() -> None:
    X, y = honest()
    later, _ = honest(seed=1)
    assert found(screen(X, y, scoring=later), "covariate-shift") == []
    later["spend"] *= 5
    (finding,) = found(screen(X, y, scoring=later), "covariate-shift")
    assert finding.columns[0] == "spend"
    assert "spend (stability index" in finding.what
    assert "1 of 6 columns moved beyond chance" in finding.what


def test_the_latest_date_is_compared_with_the_earlier_ones() -> None:
    X, y = honest()
    dates = np.repeat(np.array(["2026-01-01", "2026-02-01"], dtype="datetime64[D]"), len(y) // 2)
    assert found(screen(X, y, as_of=dates), "covariate-shift") == []
    X.loc[len(y) // 2 :, "age"] += 40
    (finding,) = found(screen(X, y, as_of=dates), "covariate-shift")
    assert finding.columns[0] == "age"
    assert finding.severity == "warn"


def test_rates_that_differ_between_dates_are_told() -> None:
    rng = np.random.default_rng(0)
    X = pd.DataFrame({"a": rng.normal(size=2_000)})
    dates = np.repeat(np.array(["2026-01-01", "2026-02-01"], dtype="datetime64[D]"), 1_000)
    steady = (rng.random(2_000) < 0.3).astype(int)
    assert found(screen(X, steady, as_of=dates), "label-shift") == []
    y = (rng.random(2_000) < np.repeat([0.2, 0.4], 1_000)).astype(int)
    (finding,) = found(screen(X, y, as_of=dates), "label-shift")
    assert f"{y[:1000].mean():.1%} at 2026-01-01" in finding.what
    assert finding.sure > 0.99
