"""What follows from seeds for all others, against distributions whose truth is known."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.special import expit, logit
from scipy.stats import norm
from sklearn.metrics import roc_auc_score

from salesml.model.bootstrap import Estimate
from salesml.model.faults import InputError
from salesml.model.positive_unlabelled import Prior, true_auc

Floats = NDArray[np.float64]


class Normal:
    """Positives N(2, 1), negatives N(0, 1), seeds a random choice of the positives."""

    def __init__(self, rows: int, prior: float, frequency: float, seed: int = 0) -> None:
        rng = np.random.default_rng(seed)
        self.positive = rng.random(rows) < prior
        self.x = rng.normal(2 * self.positive, 1, rows)
        self.seed = (self.positive & (rng.random(rows) < frequency)).astype(np.int8)
        dense, rest = prior * norm.pdf(self.x, 2), (1 - prior) * norm.pdf(self.x)
        self.on_list: Floats = frequency * dense / (dense + rest)
        self.others = self.seed == 0
        self.rate = float(self.positive[self.others].mean())
        self.truth: Floats = (1 - frequency) * dense / ((1 - frequency) * dense + rest)


@pytest.mark.parametrize(("prior", "frequency"), [(0.02, 0.5), (0.1, 0.1), (0.2, 0.9), (0.5, 0.3)])
def test_the_posterior_of_the_others_is_the_true_one(prior: float, frequency: float) -> None:
    made = Normal(200_000, prior, frequency)
    found = Prior.of(made.seed, made.on_list).posterior(made.on_list, made.rate)
    off = np.abs(found - made.truth)[made.others]
    assert off.mean() < 0.01


@pytest.mark.parametrize(("prior", "frequency"), [(0.02, 0.5), (0.1, 0.3)])
def test_probabilities_are_calibrated_on_the_others_at_the_true_rate(prior: float, frequency: float) -> None:
    made = Normal(100_000, prior, frequency)
    raw = logit(made.on_list)
    calibration = Prior.of(made.seed, made.on_list, made.rate).calibration(raw, made.seed, made.on_list)
    assert calibration is not None
    assert calibration.a > 0
    p = calibration.probability(raw)[made.others]
    truth = made.positive[made.others]
    assert p.mean() == pytest.approx(made.rate, abs=0.005)
    for part in np.array_split(np.argsort(p), 10):
        assert p[part].mean() == pytest.approx(truth[part].mean(), abs=0.03)


def test_a_straight_line_says_how_far_it_bends() -> None:
    made = Normal(100_000, 0.5, 0.5)
    prior, raw = Prior.of(made.seed, made.on_list, made.rate), logit(made.on_list)
    calibration = prior.calibration(raw, made.seed, made.on_list)
    assert calibration is not None
    off = np.abs(calibration.probability(raw) - made.truth)[made.others].mean()
    assert off > 0.03
    assert prior.bend(calibration, raw, made.seed, made.on_list) == pytest.approx(off, abs=0.005)
    rare = Normal(100_000, 0.02, 0.5)
    prior, raw = Prior.of(rare.seed, rare.on_list, rare.rate), logit(rare.on_list)
    assert prior.bend(prior.calibration(raw, rare.seed, rare.on_list), raw, rare.seed, rare.on_list) < 0.01


def test_without_a_stated_rate_nothing_is_corrected() -> None:
    made = Normal(2_000, 0.2, 0.5)
    prior = Prior.of(made.seed, made.on_list)
    assert prior.calibration(logit(made.on_list), made.seed, made.on_list) is None
    assert "stated" not in prior.as_dict()


@pytest.mark.parametrize("stated", [0.0, 1.0, -0.1, 2.0, float("nan")])
def test_a_rate_that_cannot_be(stated: float) -> None:
    made = Normal(500, 0.2, 0.5)
    with pytest.raises(InputError) as caught:
        Prior.of(made.seed, made.on_list, stated)
    assert "The share of best customers among those who are not on the list, above 0 and below 1" in str(
        caught.value
    )


@pytest.mark.parametrize("prior", [0.02, 0.1, 0.5])
@pytest.mark.parametrize("frequency", [0.1, 0.3, 0.9])
def test_the_share_among_the_others_is_at_most_what_is_said(prior: float, frequency: float) -> None:
    broken = 0
    for seed in range(40):
        made = Normal(10_000, prior, frequency, seed)
        broken += Prior.of(made.seed, made.x).most < made.rate
    assert broken <= 3


def test_a_list_beside_the_universe_tells_the_same() -> None:
    """Seeds of elsewhere, whom the universe does not hold (case and control)."""
    rng = np.random.default_rng(4)
    positive = rng.random(50_000) < 0.2
    x = np.r_[rng.normal(3 * positive, 1), rng.normal(3, 1, 2_000)]
    seed = np.r_[np.zeros(50_000), np.ones(2_000)].astype(np.int8)
    prior = Prior.of(seed, x)
    assert prior.pure.low <= 0.2 <= prior.most
    assert prior.most < 0.3


def test_a_list_by_size_bends_the_prior_the_wrong_way() -> None:
    """What violates the assumption: only large ones were listed, so the region is not like the rest."""
    rng = np.random.default_rng(5)
    positive = rng.random(40_000) < 0.3
    large = rng.random(40_000) < 0.2
    x = rng.normal(0, 0.3, 40_000) + 5 * positive + 3 * (positive & large)
    seed = (positive & (rng.random(40_000) < np.where(large, 0.5, 0.01))).astype(np.int8)
    prior = Prior.of(seed, x)
    rate = positive[seed == 0].mean()
    assert prior.most < 0.5 * rate  # the bound needs the assumption
    stated = Prior.of(seed, x, float(rate))
    assert stated.contradicted


def test_nothing_to_tell_apart_bounds_nothing() -> None:
    rng = np.random.default_rng(6)
    seed = (rng.random(5_000) < 0.05).astype(np.int8)
    prior = Prior.of(seed, np.zeros(5_000))
    assert prior.most == 1.0
    assert prior.as_dict()["at_most"] == 1.0


def test_the_true_auc_from_that_against_the_others() -> None:
    made = Normal(200_000, 0.3, 0.2)
    measured = roc_auc_score(made.seed, made.x)
    truth = roc_auc_score(made.positive, made.x)
    found = true_auc(Estimate(measured, measured, measured), Estimate(made.rate, made.rate, made.rate))
    assert measured < truth - 0.05
    assert found.value == pytest.approx(truth, abs=0.01)


def test_the_measured_auc_is_the_lower_end_and_chance_stays_chance() -> None:
    none_to_half = Estimate(0.0, 0.0, 0.5)
    found = true_auc(Estimate(0.7, 0.65, 0.74), none_to_half)
    assert (found.value, found.low) == (0.7, 0.65)
    assert found.high == pytest.approx((0.74 - 0.25) / 0.5)
    chance = true_auc(Estimate(0.5, 0.45, 0.55), none_to_half)
    assert chance.value == pytest.approx(0.5)
    assert chance.low == pytest.approx(0.4)
    assert true_auc(Estimate(0.7, 0.6, 0.8), Estimate(0.0, 0.0, 1.0)).high == 1.0


def test_the_posterior_is_monotone_and_no_more_than_one() -> None:
    made = Normal(1_000, 0.3, 0.5)
    prior = Prior.of(made.seed, made.on_list)
    p = prior.posterior(expit(np.linspace(-20, 40, 100)), 0.5)
    assert (np.diff(p) >= 0).all()
    assert p.max() == 1.0
