"""The written profile: what it finds, what it must not tell, and whether its intervals hold."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray
from scipy.stats import beta

from salesml.model.attribute_levels import levels_of
from salesml.model.faults import InputError
from salesml.model.profile import chosen, profile, times_average
from salesml.snapshots import Feature


def company(
    rows: int, seed: int, effect: bool = True
) -> tuple[pd.DataFrame, NDArray[np.int64], NDArray[np.float64]]:
    """Attributes, who is ideal, and the true chance of each."""
    rng = np.random.default_rng(seed)
    X = pd.DataFrame(
        {
            "industry": rng.choice(["makers", "shops", "banks", "farms", "none"], rows),
            "employees": rng.choice([20.0, 80, 300, 2000], rows),
            **{f"noise_{number}": rng.choice(list("mnop"), rows) for number in range(4)},
        }
    )
    makers, middle = X["industry"] == "makers", X["employees"] == 80
    p = 0.1 * np.where(makers, 2.2, 1) * np.where(middle, 1.8, 1) if effect else np.full(rows, 0.2)
    return X, (rng.random(rows) < p).astype(np.int64), np.asarray(p)


def test_the_profile_says_what_lifts_the_chance_and_which_two_add() -> None:
    X, y, _ = company(4000, 0)
    words = Feature(name="employees", words="number of employees")
    found = profile(X, y, [words])
    assert {each.levels for each in found.lifts} == {("industry makers",), ("number of employees 80",)}
    assert [each.levels for each in found.pairs] == [("industry makers", "number of employees 80")]
    pair = found.pairs[0]
    both = (X["industry"] == "makers") & (X["employees"] == 80)
    assert (pair.accounts, pair.ideal) == (both.sum(), y[both].sum())
    assert pair.times.value == pytest.approx(y[both].mean() / y.mean())
    assert pair.times.low > 1.5
    text = found.text()
    assert f"Of 4,000 accounts {y.sum()} are ideal" in text
    assert "More often ideal:" in text
    assert "Two that add to each other:" in text
    assert (
        f"times the average ({pair.times.low:.1f} to {pair.times.high:.1f}), {pair.ideal} of {pair.accounts}"
        in text
    )


def test_what_lowers_the_chance_is_told_too() -> None:
    X, y, _ = company(6000, 2)
    y = np.where(X["industry"] == "farms", 0, y)
    found = profile(X, y)
    assert found.lowers[0].levels == ("industry farms",)
    assert found.lowers[0].times.value == 0
    assert 0 <= found.lowers[0].times.low < found.lowers[0].times.high < 0.3
    assert "Less often ideal:" in found.text()


def test_nothing_is_told_of_noise() -> None:
    """By chance one company in twenty may seem to have something; of 60, no more than 8 (p < .01)."""
    anything = 0
    for seed in range(60):
        X, y, _ = company(500, 100 + seed, effect=False)
        found = profile(X, y)
        anything += bool(found.lifts or found.lowers or found.pairs)
    assert anything <= 8
    quiet = profile(*company(500, 100, effect=False)[:2])
    assert "Nothing among them can be told from chance." in quiet.text()
    assert not quiet.table()["told"].any()


def test_intervals_of_what_is_told_hold_although_it_was_chosen() -> None:
    told = missed = 0
    for seed in range(50):
        X, y, p = company(1200, 500 + seed)
        levels = {
            level.words: level.rows for name in X for level in levels_of(X[name], str(name).replace("_", " "))
        }
        found = profile(X, y)
        for each in (*found.lifts, *found.lowers, *found.pairs):
            rows = np.all([levels[words] for words in each.levels], axis=0)
            true = p[rows].mean() / p.mean()
            told += 1
            missed += not each.times.low <= true <= each.times.high
    assert told > 80
    assert missed / told <= 0.09


def test_the_procedure_of_benjamini_and_hochberg() -> None:
    p = np.array([0.9, 0.001, 0.02, 0.015, 0.5])
    told, coverage = chosen(p)
    assert told.tolist() == [False, True, True, True, False]
    assert coverage == pytest.approx(1 - 0.05 * 3 / 5)
    assert chosen(np.array([0.02, 0.9, 0.9]))[0].sum() == 0
    assert chosen(np.zeros(0))[1] == 0.95


def test_the_interval_of_a_rate_is_that_of_draws() -> None:
    rng = np.random.default_rng(0)
    mine, theirs = (
        beta.rvs(41.5, 79.5, size=200_000, random_state=rng),
        beta.rvs(60.5, 820.5, size=200_000, random_state=rng),
    )
    ratio = mine / (0.12 * mine + 0.88 * theirs)
    found = times_average(41, 120, 60, 880)
    assert (found.low, found.high) == pytest.approx(np.quantile(ratio, [0.025, 0.975]), rel=0.01)
    wide = times_average(41, 120, 60, 880, coverage=0.999)
    assert wide.low < found.low < found.value < found.high < wide.high


def test_the_table_has_every_level_that_was_looked_at() -> None:
    X, y, _ = company(2000, 1)
    found = profile(X, y)
    table = found.table()
    assert len(table) == len(found.singles) + len(found.pairs) == 5 + 4 + 16 + len(found.pairs)
    row = table[table["levels"] == "industry shops"].iloc[0]
    assert row["ideal"] / row["accounts"] == row["rate"] == pytest.approx(y[X["industry"] == "shops"].mean())


def test_all_alike_is_refused() -> None:
    X, y, _ = company(100, 1)
    with pytest.raises(InputError, match="All 100 accounts are not ideal"):
        profile(X, np.zeros_like(y))


def test_no_attribute_is_no_trouble() -> None:
    X, y, _ = company(100, 1)
    found = profile(X[[]], y)
    assert "0 levels of 0 attributes" in found.text()
    assert found.table().empty
