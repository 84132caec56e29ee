"""Columns that stand for the outcome on their own, or by being filled in."""

from __future__ import annotations

import numpy as np
import pandas as pd

from salesml.model.screening import screen
from tests.model.screening.made import alarms, found, honest


def test_a_copy_stops_and_says_what_to_do() -> None:
    X, y = honest()
    (finding,) = screen(X.assign(status_code=np.where(y == 1, "C", "A")), y).stops
    assert finding.code == "equals-outcome"
    assert "status_code all but equals the outcome" in finding.what
    assert "exclude" in finding.do
    assert "allow" in finding.do


def test_a_copy_with_noise_and_a_column_that_is_not_monotone_are_named() -> None:
    X, y = honest()
    rng = np.random.default_rng(1)
    wrong = np.where(rng.random(len(y)) < 0.05, 1 - y, y)
    ring = np.where(
        wrong == 1, rng.normal(0, 0.3, len(y)), rng.choice([-3, 3], len(y)) + rng.normal(size=len(y))
    )
    assert found(screen(X.assign(flag=wrong), y), "stands-for-outcome")[0].columns == ("flag",)
    assert found(screen(X.assign(ring=ring), y), "stands-for-outcome")[0].columns == ("ring",)


def test_some_levels_that_only_the_outcome_has_are_named() -> None:
    X, y = honest()
    rng = np.random.default_rng(2)
    moved = (y == 1) & (rng.random(len(y)) < 0.5)
    X["queue"] = np.where(moved, rng.choice(["x", "y", "z"], len(y)), rng.choice(["a", "b", "c"], len(y)))
    (finding,) = found(screen(X, y), "stands-for-outcome")
    assert finding.columns == ("queue",)
    assert f"of {moved.sum():,} rows 100.0% have the outcome" in finding.what


def test_a_strong_honest_column_is_let_through() -> None:
    rng = np.random.default_rng(3)
    X, _ = honest(rows=5_000)
    X["recency"] = rng.normal(size=len(X))
    y = (rng.random(len(X)) < 1 / (1 + np.exp(-2.5 * X["recency"]))).astype(int)
    assert alarms(screen(X, y)) == []


def test_a_column_filled_in_for_those_who_left_is_named() -> None:
    X, y = honest()
    rng = np.random.default_rng(4)
    filled = rng.random(len(y)) < np.where(y == 1, 0.8, 0.02)
    X["remark"] = pd.Series(rng.choice(["price", "service"], len(y)), dtype=object).where(filled, None)
    (finding,) = found(screen(X, y), "filled-in-after")
    assert finding.columns == ("remark",)
    assert f"{y[filled].mean():.1%} of the {filled.sum():,} rows where it is have it" in finding.what


def test_gaps_that_tell_a_little_are_let_through() -> None:
    X, y = honest()
    rng = np.random.default_rng(5)
    X["spend"] = X["spend"].where(rng.random(len(y)) > np.where(y == 1, 0.3, 0.2))
    assert alarms(screen(X, y)) == []
