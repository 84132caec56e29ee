"""Columns that look as if they were written after the fact."""

from __future__ import annotations

import numpy as np
import pandas as pd

from salesml.model.screening import screen
from tests.model.screening.made import alarms, found, honest


def test_a_state_that_tells_the_outcome_is_named_by_its_name() -> None:
    X, y = honest()
    telling = np.where(np.random.default_rng(0).random(len(y)) < 0.3, 1 - y, y)
    state = np.where(telling == 1, "mail opened", "page visited")
    assert found(screen(X.assign(LastActivity=state), y), "state-of-today")[0].columns == ("LastActivity",)
    assert alarms(screen(X.assign(channel=state), y)) == []


def test_a_number_called_last_is_let_through() -> None:
    X, y = honest()
    X = X.rename(columns={"usage": "days_since_last_order"})
    assert alarms(screen(X, y)) == []


def test_columns_filled_in_together_for_some_rows_are_named() -> None:
    X, y = honest()
    rng = np.random.default_rng(1)
    there = rng.random(len(y)) < 0.5
    for name in ("score", "index", "grade"):
        X[name] = pd.Series(rng.normal(size=len(y))).where(there)
    (finding,) = found(screen(X, y), "filled-in-together")
    assert finding.columns == ("score", "index", "grade")
    assert finding.rows == there.sum()


def test_a_mostly_empty_column_whose_filling_tells_much_is_named() -> None:
    X, y = honest()
    rng = np.random.default_rng(2)
    filled = rng.random(len(y)) < np.where(y == 1, 0.7, 0.25)
    X["quality"] = pd.Series(rng.choice(["high", "low"], len(y)), dtype=object).where(filled, None)
    (finding,) = found(screen(X, y), "filled-in-for-some")
    assert finding.columns == ("quality",)
    assert "worth a look" in screen(X, y).text()
    assert finding.sure_words == "worth a look (0.5)"
    assert "loyalty scheme" in finding.do
