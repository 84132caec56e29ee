"""How far a list moves."""

from __future__ import annotations

import numpy as np
import pytest

from salesml.lifecycle.promotion.ranking import movement

BANDS = {"A": 0.05, "B": 0.2, "C": 0.5}


def test_the_same_order_moves_nothing() -> None:
    score = np.random.default_rng(0).normal(size=200)
    found = movement(score, 3 * score - 1, BANDS)
    assert found.spearman == pytest.approx(1)
    assert (found.overlap, found.top) == (1.0, 0.2)


def test_the_opposite_order_has_another_top() -> None:
    score = np.arange(100.0)
    found = movement(score, -score, BANDS)
    assert found.spearman == pytest.approx(-1)
    assert found.overlap == 0.0


def test_who_stays_is_counted() -> None:
    score = np.arange(100.0)
    moved = score.copy()
    moved[80:85] = -1  # five of the twenty leave the top
    assert movement(score, moved, BANDS).overlap == pytest.approx(0.75)
    assert movement(score, moved, {"A": 0.01, "B": 0.1}).overlap == 1.0


def test_equal_scores_at_the_edge_count_as_if_lots_were_drawn() -> None:
    same = np.zeros(100)
    found = movement(same, np.arange(100.0), BANDS)
    assert found.overlap == pytest.approx(0.2)
    assert np.isnan(found.spearman)
