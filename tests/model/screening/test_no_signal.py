"""Whether any column tells the outcome, however many are tried."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from salesml.model.screening import screen
from tests.model.screening.made import found


@pytest.mark.parametrize("columns", [20, 300])
def test_one_column_that_tells_is_enough_among_many(columns: int) -> None:
    rng = np.random.default_rng(3)
    y = rng.integers(0, 2, 3_000)
    X = pd.DataFrame(rng.normal(size=(3_000, columns))).add_prefix("c")
    X["c7"] += 0.6 * y
    assert found(screen(X, y), "no-column-tells") == []


def test_chance_among_many_columns_tells_nothing() -> None:
    rng = np.random.default_rng(4)
    X = pd.DataFrame(rng.normal(size=(1_000, 300))).add_prefix("c")
    (finding,) = found(screen(X, rng.integers(0, 2, 1_000)), "no-column-tells")
    assert "the best of 300 columns may reach 0.5" in finding.what


def test_few_rows_show_nothing_and_many_show_that_there_is_nothing() -> None:
    rng = np.random.default_rng(5)
    for rows, words in ((200, "No column is shown to tell"), (40_000, "No column tells")):
        X = pd.DataFrame(rng.normal(size=(rows, 4))).add_prefix("c")
        (finding,) = found(screen(X, rng.random(rows) < 0.2), "no-column-tells")
        assert finding.what.startswith(words)
