"""The interval of chance times mean: its parts against formulas, the whole against simulated truth."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import expit, logit

from salesml.model.expected import SURE, chance_uncertainty, interval
from salesml.model.uncertainty import Uncertainty, beyond_chance, of_line, tenths


def test_the_level_of_one_mean_has_the_textbook_error() -> None:
    rng = np.random.default_rng(0)
    amount = rng.exponential(3.0, 5_000)
    mean = np.full(5_000, amount.mean())
    _, level, slope, cross = of_line(np.log(mean), amount - mean, mean, np.arange(5_000))
    assert np.sqrt(level) == pytest.approx(amount.std() / np.sqrt(5_000) / amount.mean())
    assert (slope, cross) == (0.0, 0.0)


def test_the_line_has_the_error_of_many_samples() -> None:
    """The sandwich against how far the observed share at the centre moves from sample to sample."""
    said, seen = [], []
    for seed in range(300):
        rng = np.random.default_rng(seed)
        z = rng.normal(-1.5, 1.0, 400)
        y = (rng.random(400) < expit(z)).astype(np.int8)
        found = chance_uncertainty(y, expit(z), np.ones(400), np.arange(400))
        said.append(found.level)
        seen.append(float((y - expit(z)).sum() / (expit(z) * (1 - expit(z))).sum()))
    assert np.mean(said) == pytest.approx(np.var(seen), rel=0.2)


def test_copies_of_accounts_tell_nothing_new() -> None:
    rng = np.random.default_rng(1)
    z = rng.normal(-1, 1, 500)
    y = (rng.random(500) < expit(z)).astype(np.int8)
    once = chance_uncertainty(y, expit(z), np.ones(500), np.arange(500))
    often = np.tile(np.arange(500), 4)
    copied = chance_uncertainty(y[often], expit(z)[often], np.ones(2_000), often)
    assert copied.level == pytest.approx(once.level)
    assert copied.slope == pytest.approx(once.slope)


def test_what_chance_makes_is_not_counted() -> None:
    found = []
    for seed in range(40):
        rng = np.random.default_rng(seed)
        mean = rng.uniform(1, 3, 2_000)
        amount = rng.exponential(mean)
        found.append(beyond_chance(amount, mean, np.arange(2_000), [tenths(mean)]))
    assert np.mean(found) < 0.0015


def test_what_is_beyond_chance_is_found() -> None:
    rng = np.random.default_rng(2)
    date = np.arange(40_000) % 20
    off = np.exp(rng.normal(0, 0.3, 20))[date]
    amount = rng.exponential(off)
    found = beyond_chance(amount, np.ones(40_000), np.arange(40_000), [date])
    assert np.sqrt(found) == pytest.approx(0.3, rel=0.35)


def test_two_cells_tell_nothing() -> None:
    assert beyond_chance(np.array([1.0, 9.0]), np.ones(2), np.arange(2), [np.arange(2)]) == 0.0


def test_the_product_and_its_variance_are_those_of_logarithms() -> None:
    chance = Uncertainty(centre=-1.0, level=0.04, slope=0.01, cross=0.002, between=0.01)
    z, log_mean, variance = np.array([-1.0, 0.5]), np.log(np.array([200.0, 50.0])), np.array([0.05, 0.02])
    expected, low, high = interval(z, log_mean, chance, variance)
    assert expected == pytest.approx(expit(z) * np.exp(log_mean))
    line = np.array([0.04, 0.04 + 2 * 1.5 * 0.002 + 1.5**2 * 0.01])
    sd = np.sqrt((1 - expit(z)) ** 2 * line + 0.01 + variance)
    assert np.log(high / expected) == pytest.approx(SURE * sd)
    assert np.log(expected / low) == pytest.approx(SURE * sd)


def test_a_sure_chance_adds_nothing() -> None:
    unsure = Uncertainty(level=1.0)
    _, low, high = interval(np.array([40.0]), np.array([0.0]), unsure, np.array([0.0]))
    assert low == pytest.approx(high)


def test_the_interval_holds_the_true_expectation() -> None:
    """Calibrated on one sample, as a model's scores are, and looked at where the truth is known."""
    held = []
    for seed in range(200):
        rng = np.random.default_rng(seed)
        z = rng.normal(-1.5, 0.8, 600)
        y = (rng.random(600) < expit(z)).astype(np.int8)
        amount = y * 100 * rng.lognormal(-0.5, 1.0, 600)
        rate, mean = y.mean(), amount[y == 1].mean()
        chance = chance_uncertainty(y, np.full(600, rate), np.ones(600), np.arange(600))
        won = amount[y == 1]
        _, level, _, _ = of_line(
            np.full(len(won), np.log(mean)), won - mean, np.full(len(won), mean), np.arange(len(won))
        )
        _, low, high = interval(logit(np.array([rate])), np.log(np.array([mean])), chance, np.array([level]))
        held.append(
            low[0] <= 100 * expit(np.random.default_rng(9).normal(-1.5, 0.8, 10**5)).mean() <= high[0]
        )
    assert 0.90 <= np.mean(held) <= 0.99


def test_uncertainty_survives_being_plain_data() -> None:
    made = Uncertainty(centre=1.0, level=0.1, slope=0.2, cross=0.01, between=0.3, folds=0.4)
    assert Uncertainty.from_dict(made.as_dict()) == made
