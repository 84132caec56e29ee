"""Ranks where reps differ, with intervals that hold the true place; a sentence where they do not."""

from __future__ import annotations

import numpy as np
import pytest

from salesml.scorecard.figures import figures
from salesml.scorecard.ranks import drawn_ranks, ranks
from tests.scorecard.test_figures import metric, trials, world


def test_places_of_reps_who_differ():
    rates = np.linspace(0.15, 0.6, 10)
    table = figures(world(trials(rates)), [metric("rate")])
    found = ranks(table, [metric("rate")])
    reps = found[found["level"] == "rep"].set_index("id")
    true = {f"r{rep}": 10 - rep for rep in range(10)}
    held = [reps.loc[rep, "rank_low"] <= place <= reps.loc[rep, "rank_high"] for rep, place in true.items()]
    assert np.mean(held) >= 0.8
    assert "r9" in reps.index[:3]
    assert reps["words"].iloc[0] == "Place 2 of 10, somewhere between 1 and 3"
    down = ranks(table, [metric("rate", good="down")])
    assert down.loc[down["level"] == "rep", "id"].iloc[0] in ("r0", "r1")


def test_no_ranking_by_luck():
    table = figures(world(trials(np.full(10, 0.3))), [metric("rate")])
    found = ranks(table, [metric("rate")]).set_index("level")
    assert found.loc["rep", "words"] == "Reps differ in this by no more than luck: the data bear no ranking"
    assert found["id"].isna().all()
    assert found["rank"].isna().all()
    assert ranks(table, [metric("rate", good="")]).empty


def test_intervals_of_ranks():
    """Far apart, places are sure; alike, all are possible."""
    far = drawn_ranks(np.array([3.0, 1.0, 2.0]), np.array([2.9, 0.9, 1.9]), np.array([3.1, 1.1, 2.1]))
    assert far.tolist() == [[3, 3, 3], [1, 1, 1], [2, 2, 2]]
    alike = drawn_ranks(np.zeros(20), -np.ones(20), np.ones(20))
    assert alike[:, 1] == pytest.approx(1.5, abs=1)
    assert alike[:, 2] == pytest.approx(19.5, abs=1)
