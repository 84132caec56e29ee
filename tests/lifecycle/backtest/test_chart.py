"""The chart is drawn for any backtest, the same bytes from the same figures."""

from __future__ import annotations

from pathlib import Path

import pytest

from salesml.lifecycle.backtest.chart import draw_backtest
from salesml.lifecycle.backtest.pooled import pool
from salesml.lifecycle.backtest.replay import Played
from tests.lifecycle.backtest.made import series
from tests.lifecycle.backtest.test_verdict import STEP

PNG = b"\x89PNG"


def drawn(dates: list[Played], path: Path) -> bytes:
    steps = [None, *[STEP] * (len(dates) - 1)]
    return draw_backtest(dates, steps, pool(dates, reach_days=30, resamples=20), path, title="x").read_bytes()


def test_equal_backtests_are_equal_files(tmp_path: Path) -> None:
    dates = series([0.8] * 3, unripe=1)
    first, second = (drawn(dates, tmp_path / name) for name in ("one.png", "two.png"))
    assert first[:4] == PNG
    assert first == second


@pytest.mark.parametrize("unripe", [0, 1])
def test_one_date_is_drawn(unripe: int, tmp_path: Path) -> None:
    assert drawn(series([0.8], unripe=unripe), tmp_path / "one.png")[:4] == PNG
