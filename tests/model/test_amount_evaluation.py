"""Figures of means against amounts, each against a second way to reckon it."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from sklearn.metrics import d2_tweedie_score

from salesml.model.amount_evaluation import evaluate_amount, one_column
from salesml.model.faults import InputError

Floats = NDArray[np.float64]


def rows(size: int = 3_000, seed: int = 0) -> tuple[Floats, Floats]:
    """Amounts and their true means."""
    rng = np.random.default_rng(seed)
    mean = np.exp(rng.normal(4, 0.8, size))
    return (rng.random(size) < 0.4) * mean / 0.4 * np.exp(rng.normal(-0.18, 0.6, size)), mean


def test_the_deviance_explained_is_scikit_learns() -> None:
    amount, mean = rows()
    found = evaluate_amount(amount, mean, float(amount.mean()))
    assert found.figures["deviance_explained"].value == pytest.approx(
        d2_tweedie_score(amount, mean, power=1.5)
    )


def test_true_means_are_in_total_and_in_tenths_what_came_true() -> None:
    amount, mean = rows(6_000)
    found = evaluate_amount(amount, mean, float(amount.mean()))
    ratio = found.figures["ratio"]
    assert ratio.low < 1 < ratio.high
    assert len(found.tenths) == 10
    inside = [each.observed.low <= each.said <= each.observed.high for each in found.tenths]
    assert sum(inside) >= 8


def test_means_twice_too_high_are_seen() -> None:
    amount, mean = rows()
    found = evaluate_amount(amount, 2 * mean, float(amount.mean()))
    assert found.figures["ratio"].low > 1.7
    assert found.figures["calibration_error"].value == pytest.approx(1, abs=0.15)
    assert found.table().count("outside") == 10


def test_the_gini_is_that_of_a_plain_loop() -> None:
    amount, mean = rows(60)
    order = np.argsort(mean)
    reached, area = 0.0, 0.0
    for row in order:
        area += (reached + amount[row] / 2) / 60
        reached += amount[row]
    found = evaluate_amount(amount, mean, float(amount.mean())).figures["gini"].value
    assert found == pytest.approx(1 - 2 * area / reached)


def test_one_mean_has_a_gini_of_zero() -> None:
    amount, _ = rows(200)
    found = evaluate_amount(amount, np.full(200, amount.mean()), float(amount.mean()))
    assert found.figures["gini"].value == pytest.approx(0)
    assert found.figures["deviance_explained"].value == pytest.approx(0)
    assert len(found.tenths) == 1


def test_intervals_are_wider_where_accounts_repeat() -> None:
    amount, mean = rows(400)
    alone = evaluate_amount(np.tile(amount, 5), np.tile(mean, 5), float(amount.mean()))
    owned = evaluate_amount(
        np.tile(amount, 5), np.tile(mean, 5), float(amount.mean()), groups=np.tile(np.arange(400), 5)
    )
    wide = [each.figures["ratio"].high - each.figures["ratio"].low for each in (alone, owned)]
    assert wide[1] > 1.7 * wide[0]


def test_the_best_column_is_named_and_beaten() -> None:
    amount, mean = rows()
    rng = np.random.default_rng(3)
    half = np.log(mean) + rng.normal(size=len(mean))
    coded = np.column_stack([rng.normal(size=len(mean)), half, rng.integers(0, 3, len(mean))])
    fold = rng.integers(0, 5, len(mean))
    name, said = one_column(coded, amount, fold, ("noise", "half", "letter"), np.array([False, False, True]))
    assert name == "half"
    found = evaluate_amount(amount, mean, float(amount.mean()), best=(name, said))
    assert found.figures["gain_over_best_column"].low > 0
    assert "best single column (half)" in str(found)


def test_a_category_is_read_by_its_levels() -> None:
    rng = np.random.default_rng(4)
    level = rng.integers(0, 3, 2_000).astype(float)
    amount = np.array([1.0, 10.0, 2.0])[level.astype(int)] * rng.exponential(size=2_000)
    level[:50] = np.nan
    _, said = one_column(level[:, None], amount, rng.integers(0, 5, 2_000), ("trade",), np.array([True]))
    assert said[level == 1].mean() == pytest.approx(10, rel=0.2)


def test_the_words_say_the_figures() -> None:
    amount, mean = rows(500)
    text = str(evaluate_amount(amount, mean, float(amount.mean())))
    assert "Tested on 500 rows" in text
    assert "times what came true" in text
    assert "95 % interval" in text


def test_amounts_below_zero_are_refused() -> None:
    with pytest.raises(InputError, match="below zero"):
        evaluate_amount([-1.0, 2.0], [1.0, 1.0], 1.0)
