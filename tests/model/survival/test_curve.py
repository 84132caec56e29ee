"""Curves fall, go through the probability, and tell how long accounts are expected to stay."""

from __future__ import annotations

import numpy as np
import pytest

from salesml.model.survival.curve import expected_days, lifetime_days, pinned, survival

HORIZONS = (30, 60, 90, 180)


def drawn(rows: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    hazards = rng.beta(0.3, 1.0, (rows, 4))
    hazards[:40] = rng.choice([0.0, 1.0, 1e-15, 1 - 1e-15, 0.5], (40, 4))
    probability = rng.beta(0.3, 0.5, rows)
    probability[:50] = rng.choice([0.0, 1.0, 1e-17, 1e-9, 1 - 1e-12], 50)
    return hazards, probability


def test_the_product_of_those_who_stay() -> None:
    assert survival(np.array([[0.1, 0.5, 0.0, 0.2]]))[0] == pytest.approx([0.9, 0.45, 0.45, 0.36])


@pytest.mark.parametrize("place", range(4))
def test_no_curve_ever_rises_and_all_go_through_the_probability(place: int) -> None:
    hazards, probability = drawn(20_000, place)
    stays = pinned(survival(hazards), place, probability)
    assert np.isfinite(stays).all()
    assert (stays >= 0).all()
    assert (stays <= 1).all()
    assert (np.diff(stays, axis=1) <= 0).all()
    assert (stays[:, place] == 1.0 - probability).all()


def test_before_the_horizon_hazards_are_stretched_and_after_it_they_stay() -> None:
    stays = survival(np.array([[0.1, 0.2, 0.3, 0.4]]))
    moved = pinned(stays, 2, np.array([0.8]))
    power = np.log(0.2) / np.log(stays[0, 2])
    assert moved[0, :2] == pytest.approx(stays[0, :2] ** power)
    assert moved[0, 3] / moved[0, 2] == pytest.approx(0.6)


def test_a_row_does_not_depend_on_the_others() -> None:
    hazards, probability = drawn(1_000, 9)
    whole = pinned(survival(hazards), 2, probability)
    for row in range(0, 1_000, 37):
        alone = pinned(survival(hazards[[row]]), 2, probability[[row]])
        assert alone[0].tobytes() == whole[row].tobytes()


def test_expected_days_are_the_area_under_the_curve() -> None:
    rate = 0.004
    stays = np.exp(-rate * np.array([HORIZONS], dtype=float))
    assert expected_days(stays, HORIZONS)[0] == pytest.approx((1 - np.exp(-rate * 180)) / rate)
    # Whoever leaves at one pace for ever is expected to stay one over the pace.
    assert lifetime_days(stays, HORIZONS)[0] == pytest.approx(1 / rate)


def test_expected_days_of_those_who_surely_stay_or_go() -> None:
    assert expected_days(np.ones((1, 4)), HORIZONS)[0] == pytest.approx(180)
    assert expected_days(np.zeros((1, 4)), HORIZONS)[0] < 2
    assert np.isfinite(lifetime_days(np.array([[1.0] * 4, [0.0] * 4]), HORIZONS)).all()
