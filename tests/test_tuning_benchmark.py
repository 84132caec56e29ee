"""The benchmark of tuning compares on rows that no trial saw."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from benchmarks import tuning
from benchmarks.tables import Table


def table(**more: object) -> Table:
    rng = np.random.default_rng(0)
    number = 900
    return Table(
        "made", pd.DataFrame({"x": rng.normal(size=number)}), (rng.random(number) < 0.3).astype(np.int8),
        "made", "none", dev=True, **{"split": "five-fold", **more},  # type: ignore[arg-type]
    )  # fmt: skip


def test_three_tenths_of_the_accounts_are_set_apart() -> None:
    groups = np.repeat(np.arange(300), 3).astype(str).astype(object)
    found = tuning.material(table(groups=groups))
    assert not set(found.learning.entity) & set(found.testing.entity)
    assert len(found.testing) == pytest.approx(270, abs=9)
    assert found.folds.way == "accounts"


def test_the_newest_date_is_set_apart_and_earlier_ones_are_purged(monkeypatch: pytest.MonkeyPatch) -> None:
    days = np.repeat(np.array(["2025-01-01", "2025-02-01", "2025-03-01"], "M8[D]"), 300)
    monkeypatch.setitem(tuning.HORIZON_DAYS, "made", 30)
    found = tuning.material(table(split="time", as_of=days, groups=np.tile(np.arange(300), 3).astype(object)))
    assert set(found.testing.as_of) == {days[-1]}
    assert found.folds.way == "dates"
    (fold,) = found.folds.folds
    assert set(found.learning.as_of[fold.train]) == {days[0]}


def test_the_table_says_what_was_not_looked_at() -> None:
    line = {
        "rows": 1000, "tested": 300, "folds": "accounts", "trials": 6, "pruned": 1, "fold_gain": 0.0,
        "chance": None, "kind": "defaults", "learner": {}, "defaults": None, "gain": None, "by_seed": None,
    }  # fmt: skip
    beat = {**line, "gain": [0.01, 0.002, 0.018], "chance": 0.02, "defaults": 0.4, "kind": "beat"}
    text = tuning.markdown({"a": line, "b": beat})
    assert "| a | 1,000, 300 | accounts | 6 (1) | +0.0000 |  | not looked at | defaults |" in text
    assert "| +0.0000 (0.020) | 0.4000 | +0.0100 [+0.0020, +0.0180] | beat |" in text
