from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
from matplotlib.image import imread

from salesml.model import evaluate
from salesml.model.plots import draw


def test_the_plots_are_drawn_the_same_each_time_without_global_state(tmp_path: Path) -> None:
    before = "matplotlib.pyplot" in sys.modules
    rng = np.random.default_rng(0)
    p = rng.beta(1, 4, 600)
    found = evaluate((rng.random(600) < p).astype(int), p, resamples=20)
    first = draw(found, tmp_path / "a")
    again = draw(found, tmp_path / "b")
    assert [path.name for path in first] == ["reliability.png", "gains.png", "scores.png"]
    for one, other in zip(first, again, strict=True):
        assert one.read_bytes() == other.read_bytes()
        assert imread(one)[..., :3].std() > 0.05
    assert ("matplotlib.pyplot" in sys.modules) == before


def test_a_single_probability_can_be_drawn(tmp_path: Path) -> None:
    found = evaluate([0, 1, 0, 1], [0.3] * 4, resamples=20)
    assert len(draw(found, tmp_path)) == 3
