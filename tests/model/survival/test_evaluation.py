"""Kaplan and Meier's curve, and curves held against what became of their rows."""

from __future__ import annotations

import numpy as np
import pytest

from salesml.model.survival.evaluation import evaluate_curves, integrated, inverse_weights
from salesml.model.survival.kaplan_meier import KaplanMeier
from salesml.model.survival.times import Times
from salesml.model.survival.words import calibrated, table, verdict
from tests.model.survival.made import HORIZONS, made


def test_kaplan_and_meiers_curve_by_hand() -> None:
    end = np.array([1.0, 2.0, 2.0, 3.0, 4.0, 5.0])
    happened = np.array([True, True, False, True, False, True])
    found = KaplanMeier.fit(end, happened)
    assert found.days.tolist() == [1, 2, 3, 5]
    assert found.share == pytest.approx([5 / 6, 5 / 6 * 4 / 5, 5 / 6 * 4 / 5 * 2 / 3, 0.0])
    assert found.before(2.0) == pytest.approx(5 / 6)
    assert found.through(2.0) == pytest.approx(2 / 3)
    assert found.before(0.0) == 1.0


def test_weights_make_up_for_those_lost_from_sight() -> None:
    # Half of the rows are watched for 50 days only, whatever becomes of them.
    truth = made(4_000, 3, seen=(200,))
    days = np.where(np.random.default_rng(1).random(4_000) < 0.5, 50.0, 200.0)
    lost = truth.times.watched_for(days)
    weights = inverse_weights(lost, HORIZONS)
    assert weights[:, 0] == pytest.approx(1.0)
    gone = np.column_stack([lost.gone(day) for day in HORIZONS])
    came = (weights * gone).sum(axis=0) / weights.sum(axis=0)
    whole = np.array([truth.times.gone(day).mean() for day in HORIZONS])
    assert came == pytest.approx(whole, abs=0.02)
    naive = lost.gone(180).mean()
    assert abs(naive - whole[-1]) > 0.05


def test_the_truth_is_calibrated_and_better_than_one_curve_for_all() -> None:
    truth = made(3_000, 5, seen=(200, 130))
    all_alike = truth.stays.mean(axis=0)
    found = evaluate_curves(truth.stays, truth.times, HORIZONS, truth.owner, of_all=all_alike, resamples=100)
    assert found.accounts == 3_000
    assert found.figures["ibs_gain"].low > 0
    for day in HORIZONS:
        assert abs(found.figures[f"drift_{day}"].value) < 0.02
        assert found.figures[f"calibration_error_{day}"].value < 0.03
    assert "tell accounts apart: they miss less" in verdict(found)
    assert calibrated(found)
    assert len(table(found).splitlines()) == len(HORIZONS) + 2


def test_how_much_of_the_calibration_error_is_chance() -> None:
    """True probabilities miss by that on average; wrong ones by more than so few rows ever do."""
    found = []
    for seed in range(12):
        truth = made(800, seed, seen=(200,))
        of_all = truth.stays.mean(axis=0)
        found.append(
            evaluate_curves(truth.stays, truth.times, HORIZONS, truth.owner, of_all=of_all, resamples=2)
        )
    for day in HORIZONS:
        missed = np.mean([each.figures[f"calibration_error_{day}"].value for each in found])
        chance = np.mean([each.figures[f"calibration_chance_{day}"].value for each in found])
        assert missed == pytest.approx(chance, rel=0.2)
    wrong = evaluate_curves(
        truth.stays * 0.8, truth.times, HORIZONS, truth.owner, of_all=of_all, resamples=2
    ).figures  # fmt: skip
    assert wrong["calibration_error_180"].value > 2 * wrong["calibration_chance_180"].value
    assert "(by chance)" in table(found[0])


def test_what_says_too_much_is_told_by_how_much_and_where() -> None:
    truth = made(3_000, 6, seen=(200,))
    wrong = truth.stays.copy()
    wrong[:, 2:] *= 0.8
    found = evaluate_curves(
        wrong, truth.times, HORIZONS, truth.owner, of_all=truth.stays.mean(axis=0), resamples=100
    )
    assert "percentage points too many by day 90" in verdict(found)
    assert "by day 30" not in verdict(found)
    assert not calibrated(found)


def test_the_integrated_score_is_the_mean_over_the_days() -> None:
    assert integrated(np.array([[0.1, 0.1, 0.1, 0.1]]), HORIZONS)[0] == pytest.approx(0.1 * (1 - 15 / 180))
    assert integrated(np.array([0.0, 0.0, 0.0, 0.2]), HORIZONS) == pytest.approx(0.2 * 45 / 180)


def test_lost_rows_do_not_count_as_stayed() -> None:
    times = Times(np.array([np.nan, np.nan, 10.0]), np.array([20.0, 200.0, 200.0]))
    weights = inverse_weights(times, (30,))
    assert weights[0, 0] == 0
    assert weights[1, 0] == pytest.approx(2.0)
    assert weights[2, 0] == pytest.approx(1.0)
