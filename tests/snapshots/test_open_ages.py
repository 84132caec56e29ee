"""Ages of open prospects, and ages drawn for those that were won."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from salesml.snapshots.open_ages import open_ages, smoothed
from tests.snapshots.won import day, order, prospect, won_crm


def test_ages_are_those_of_prospects_open_on_the_day(tmp_path: Path) -> None:
    prospects = [
        prospect("open", 10), prospect("today", 100), prospect("won", 10, 99), prospect("wins", 50, 100),
        prospect("lost", 10, lost=day(99)), prospect("loses", 20, lost=day(100)),
    ]  # fmt: skip
    crm = won_crm(tmp_path, {"prospects": prospects, "orders": [order("A", 100)]})
    with crm.connect() as con:
        ages = open_ages(con, day(100))
        nobody = open_ages(con, day(5))
    assert ages.prospects == 3
    assert ages.weights.sum() == pytest.approx(1)
    near = {age: ages.weights[age] for age in (50, 80, 90)}
    assert min(near.values()) > 5 * ages.weights[10]
    assert nobody.prospects == 0
    assert len(set(nobody.draw([str(n) for n in range(500)], np.full(500, 10)).tolist())) == 10


def test_drawn_ages_follow_those_of_open_prospects(tmp_path: Path) -> None:
    rng = np.random.default_rng(1)
    ages = rng.gamma(2, 40, 4000).astype(int)
    names = [f"p{number}" for number in range(4000)]
    drawn = smoothed(ages).draw(names, np.full(4000, 10_000))
    quantiles = (0.1, 0.25, 0.5, 0.75, 0.9)
    assert np.quantile(drawn, quantiles) == pytest.approx(np.quantile(ages, quantiles), rel=0.15)


def test_no_age_is_beyond_the_day_won_and_each_is_its_own(tmp_path: Path) -> None:
    ages = smoothed(np.array([5, 30, 31, 200, 400]))
    names = [f"p{number}" for number in range(300)]
    days_open = np.random.default_rng(2).integers(1, 90, 300)
    drawn = ages.draw(names, days_open)
    assert (drawn >= 1).all()
    assert (drawn <= days_open).all()
    assert len(set(drawn.tolist())) > 20
    assert ages.draw(names[40:41], days_open[40:41])[0] == drawn[40]
    assert (ages.draw(names, days_open, seed=1) != drawn).any()
    assert (ages.draw(names, np.ones(300, dtype=np.int64)) == 1).all()


def test_one_age_for_all_is_no_trouble() -> None:
    ages = smoothed(np.full(50, 40))
    drawn = ages.draw([str(number) for number in range(400)], np.full(400, 60))
    assert np.median(drawn) == pytest.approx(40, abs=3)
    assert drawn.std() < 10
