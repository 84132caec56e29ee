"""Practices on matched prospects: what works is found, what only looks so is not."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from salesml.scorecard.checks.practices import compared, practices
from tests.scorecard.simulated import simulated


def rows(
    seed: int, effect: float, *, size: int = 6000, skill: float = 0.0, choosy: float = 0.0
) -> pd.DataFrame:
    """Prospects of 30 reps. Skilled reps win and do it more; large prospects are won and get it more."""
    luck = np.random.default_rng(seed)
    rep, large = luck.integers(0, 30, size), luck.integers(0, 2, size)
    good = rep < 15
    done = luck.random(size) < 0.4 + choosy * large + (0.3 if skill else 0.0) * good
    won = luck.random(size) < 0.2 + effect * done + skill * good + 0.3 * large * (choosy > 0)
    return pd.DataFrame({"rep": rep, "done": done.astype(int), "won": won.astype(int), "a_large": large})


def test_a_practice_that_works_is_found_at_its_size():
    found = compared(rows(1, 0.1))
    assert found["low"] < 0.1 < found["high"]
    assert found["chance"] < 0.001


def test_what_skilled_reps_do_is_no_evidence_for_it():
    found = compared(rows(2, 0.0, skill=0.25))
    assert found["raw_difference"] > 0.05
    assert found["low"] < 0 < found["high"]


def test_what_is_done_with_the_better_prospects_is_no_evidence_for_it():
    found = compared(rows(3, 0.0, choosy=0.4))
    assert found["raw_difference"] > 0.05
    assert found["low"] < 0 < found["high"]


def test_intervals_of_nine_in_ten_hold_the_truth_about_so_often():
    found = [compared(rows(seed, 0.05, skill=0.1, choosy=0.2, size=1500)) for seed in range(100, 200)]
    held = sum(each["low"] <= 0.05 <= each["high"] for each in found)
    assert 82 <= held <= 97


def test_a_habit_that_reps_have_always_or_never_cannot_be_matched():
    table = rows(4, 0.1)
    table["done"] = (table["rep"] < 15).astype(int)
    assert np.isnan(compared(table)["effect"])


def test_few_prospects_or_reps_say_nothing():
    table = rows(5, 0.1)
    assert np.isnan(compared(table.head(60))["effect"])
    assert np.isnan(compared(table[table["rep"] < 4])["effect"])


def test_of_the_simulated_company_channels_do_nothing_and_looks_deceive(tmp_path):
    """Visits are paid to larger prospects, which are won more often: matched, nothing of it is left."""
    with simulated(tmp_path, size=4000, seed=6) as (con, asked):
        table = practices(con, asked.have).set_index("practice")
    visit = table.loc["a first contact by visit"]
    assert visit["raw_difference"] > 0.04
    assert visit["verdict"] == "luck"
    assert "unmatched it looks like +" in visit["words"]
    assert table.loc["a second contact within two weeks of the first", "effect"] > 0
    assert table.loc["an answer on the day they came or the next", "verdict"] == "too few"
    assert not table["words"].str.contains("because|causes").any()


@pytest.mark.parametrize("effect", [0.1, -0.1])
def test_the_sign_is_that_of_the_effect(effect):
    assert np.sign(compared(rows(7, effect))["effect"]) == np.sign(effect)
