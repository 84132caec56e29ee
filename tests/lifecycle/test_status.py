"""Trainings side by side, those that know amounts beside those that do not."""

from __future__ import annotations

import pandas as pd

from salesml.lifecycle.status import side_by_side


def runs(**more: list[float]) -> pd.DataFrame:
    plain = {
        "version": [2, 1], "aliases": ["challenger", "champion"], "verdict": ["usable", "usable"],
        "started": pd.to_datetime(["2026-01-02 03:04", "2026-01-01 03:04"]),
        "run_id": ["b" * 32, "a" * 32], "rows": [1000.0, 900.0],
        "auc": [0.75, 0.74], "auc_low": [0.72, 0.71], "auc_high": [0.78, 0.77],
    }  # fmt: skip
    return pd.DataFrame({**plain, **more})


def test_the_amounts_stand_beside_the_chance_and_a_dash_where_none_was_learned() -> None:
    none = float("nan")
    ratios = {"value.ratio": [1.02, none], "value.ratio_low": [0.9, none], "value.ratio_high": [1.1, none]}
    header, new, old = side_by_side(runs(**ratios)).splitlines()
    assert "value said / came true" in header
    assert "hours" not in header
    assert "1.020 [0.900, 1.100]" in new
    assert old.rstrip().endswith("-")
    assert "nan" not in old


def test_a_model_without_amounts_has_no_column_of_them() -> None:
    assert "came true" not in side_by_side(runs())
