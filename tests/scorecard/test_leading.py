"""Which figures lead: planted leads are found, and what grows together, or nothing, leads nothing."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from salesml.scorecard.checks.leading import _after, associate, leading
from tests.scorecard.simulated import simulated

REPS, MONTHS = 30, 36


def drawn(seed: int) -> tuple[np.random.Generator, np.ndarray, np.ndarray]:
    """Figure and outcome that share a season, and in which each rep has a level and a growth of its own."""
    luck = np.random.default_rng(seed)
    season = np.sin(np.arange(MONTHS) / 2)
    level, growth = luck.normal(5, 2, (REPS, 1)), luck.normal(0, 0.1, (REPS, 1))
    common = level + growth * np.arange(MONTHS) + season
    return luck, common + luck.normal(0, 1, common.shape), common + luck.normal(0, 1, common.shape)


def test_a_planted_lead_is_found_at_its_size():
    luck, x, _ = drawn(1)
    y = np.zeros_like(x)
    y[:, 1:] = 0.5 * x[:, :-1]
    found = associate(x, _after(y + luck.normal(0, 1, y.shape), 1, 1))
    assert found is not None
    # What is left of the figure has a standard deviation of about 1, that of its own noise.
    assert found["low"] < 0.5 < found["high"]
    assert found["effect"] == pytest.approx(0.5, abs=0.1)
    assert found["chance"] < 1e-4


def test_what_grows_together_leads_nothing():
    """Levels, lines and seasons in common: at 90 % intervals, some tenth of companies may look otherwise."""
    missed = sum(
        not found["low"] <= 0 <= found["high"]
        for seed in range(60)
        if (found := associate((pair := drawn(seed))[1], _after(pair[2], 1, 1)))
    )
    assert missed <= 12


def test_months_that_were_not_recorded_are_no_months_of_nothing():
    outcome = np.arange(12, dtype=float)[None, :]
    later = _after(outcome, 2, 3)
    assert later[0, :3].tolist() == [2.5, 3.5, 4.5]
    assert np.isnan(later[0, -3:]).all()


@pytest.mark.parametrize(("reps", "months"), [(4, 36), (30, 11)])
def test_few_reps_or_months_say_nothing(reps, months):
    _, x, y = drawn(2)
    assert associate(x[:reps, :months], y[:reps, :months]) is None


def test_a_figure_that_never_changes_says_nothing():
    _, _, y = drawn(3)
    assert associate(np.full_like(y, 7.0), y) is None


def test_of_the_simulated_company_the_pipeline_leads_and_what_does_not_is_named(tmp_path: Path):
    with simulated(tmp_path, size=4000, seed=5) as (con, asked):
        table = leading(con, asked.have)
    led = table[table["verdict"] == "led"]
    assert ("open prospects", "new accounts") in set(zip(led["figure"], led["outcome"], strict=True))
    assert (led["effect"] > 0)[led["figure"] == "open prospects"].all()
    not_led = table[table["verdict"] == "not"]
    assert {"sick days", "overtime"} <= set(not_led["figure"])
    assert not_led["words"].str.contains("were followed by no more ").all()
    assert led["words"].str.contains("may have a common cause").all()
