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


@pytest.mark.parametrize(
    "dates", [series([0.8] * 3), series([0.8] * 3, unripe=1), series([0.8]), series([0.8], unripe=1)]
)
def test_it_is_drawn(dates: list[Played], tmp_path: Path) -> None:
    steps = [None, *[STEP] * (len(dates) - 1)]
    paths = [
        draw_backtest(dates, steps, pool(dates, reach_days=30, resamples=20), tmp_path / name, title="x")
        for name in ("one.png", "two.png")
    ]
    assert paths[0].read_bytes()[:4] == PNG
    assert paths[0].read_bytes() == paths[1].read_bytes()
