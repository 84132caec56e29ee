"""What is believed of each rep holds the truth in nine of ten cases, and does not move the mean of all."""

from __future__ import annotations

import numpy as np
import pytest

from salesml.scorecard.likelihood import Seen, of_counts, of_rates, of_ratios
from salesml.scorecard.shrink import shrink

LEAST, MOST = 0.84, 0.955


def company(kind: str, reps: int, apart: float, luck: np.random.Generator) -> tuple[Seen, np.ndarray]:
    """True figures that lie apart by so many standard errors, and what was seen of them."""
    normal = luck.standard_normal(reps)
    if kind == "rate":
        trials = luck.integers(20, 400, reps)
        true = 1 / (1 + np.exp(3.5 - apart * normal / np.sqrt(200 * 0.0285)))
        return of_rates(luck.binomial(trials, true).astype(float), trials.astype(float)), true
    if kind == "count":
        exposure = luck.uniform(0.5, 2, reps)
        true = 8 * np.exp(apart * normal / np.sqrt(8))
        return of_counts(luck.poisson(true * exposure).astype(float), exposure), true
    units = luck.integers(10, 200, reps)
    true = 1 + apart * normal / np.sqrt(80)
    money = [mean + luck.standard_normal(number) for mean, number in zip(true, units, strict=True)]
    value = np.array([each.mean() for each in money])
    variance = np.array([each.var(ddof=1) / len(each) for each in money])
    return of_ratios(value, variance, units.astype(float)), true


def coverage(kind: str, reps: int, apart: float) -> float:
    luck = np.random.default_rng(reps)
    held = []
    for _ in range(max(2000 // reps, 12)):
        seen, true = company(kind, reps, apart, luck)
        found = shrink(seen)
        held.append(np.mean((found.low <= true) & (true <= found.high)))
    return float(np.mean(held))


@pytest.mark.parametrize("kind", ["rate", "count", "ratio"])
@pytest.mark.parametrize("reps", [5, 20, 500])
@pytest.mark.parametrize("apart", [0.5, 1.0, 3.0])
def test_reps_who_differ(kind: str, reps: int, apart: float) -> None:
    assert LEAST <= coverage(kind, reps, apart) <= MOST


@pytest.mark.parametrize("kind", ["rate", "count", "ratio"])
@pytest.mark.parametrize("reps", [5, 20, 500])
def test_reps_who_do_not_differ(kind: str, reps: int) -> None:
    """Their intervals are wide rather than short: that they are alike is not known beforehand."""
    assert coverage(kind, reps, 0.0) >= 0.93


@pytest.mark.parametrize("kind", ["rate", "count"])
def test_rare_cases_are_not_made_more(kind: str) -> None:
    luck = np.random.default_rng(9)
    said, true = 0.0, 0.0
    for _ in range(60):
        number = luck.poisson(1.4, 30).astype(float)
        found = shrink(
            of_rates(number, np.full(30, 20.0)) if kind == "rate" else of_counts(number, np.ones(30))
        )
        said += float(found.value.mean())
        true += number.mean() / (20 if kind == "rate" else 1)
    assert said / true == pytest.approx(1, abs=0.02)


def test_few_cases_are_drawn_further() -> None:
    found = shrink(of_rates(np.array([4.0, 400.0, 20.0, 20.0]), np.array([10.0, 1000.0, 100.0, 100.0])))
    assert found.value[0] < found.value[1]
    assert found.high[0] - found.low[0] > found.high[1] - found.low[1]
    assert found.above[1] > 0.9


def test_against_an_integral_by_brute_force() -> None:
    """A second opinion: the same model with a grid so fine that no cleverness is needed."""
    cases, trials = np.array([2.0, 9.0, 4.0]), np.array([30.0, 40.0, 35.0])
    seen = of_rates(cases, trials)
    theta = np.linspace(-7, 4, 551)
    mu, tau = np.linspace(-5, 2, 141), np.geomspace(0.005, 8, 80)
    likely = np.exp(seen.log(theta) - seen.log(theta).max(axis=1)[:, None])
    belief = np.zeros_like(likely)
    for spread in tau:
        prior = np.exp(-0.5 * ((theta[:, None] - mu) / np.hypot(spread, 0.02)) ** 2)
        prior /= prior.sum(axis=0)
        found = likely @ prior
        weight = found.prod(axis=0) * spread / (1 + (spread / seen.usual) ** 2)
        belief += likely * ((weight / found) @ prior.T)
    belief /= belief.sum(axis=1, keepdims=True)
    expected = belief @ seen.natural(theta)
    found = shrink(seen)
    assert found.value == pytest.approx(expected, rel=0.02)
    for level, said in ((0.05, found.low), (0.95, found.high)):
        at = (np.cumsum(belief, axis=1) < level).sum(axis=1)
        assert said == pytest.approx(seen.natural(theta[at]), rel=0.04)


@pytest.mark.parametrize(
    "seen",
    [
        of_rates(np.zeros(3), np.full(3, 12.0)),
        of_rates(np.array([0.0, 30.0]), np.array([30.0, 30.0])),
        of_counts(np.zeros(4), np.ones(4)),
        of_ratios(np.ones(3), np.array([0.0, 0.0, np.nan]), np.array([5.0, 4.0, 1.0])),
        of_ratios(np.array([-2e6, 1.0, 4e6]), np.array([1.0, np.nan, 1e9]), np.array([2.0, 1.0, 300.0])),
    ],
)
def test_odd_cases_are_finite_and_in_order(seen: Seen) -> None:
    found = shrink(seen)
    assert np.isfinite([found.value, found.low, found.high, found.above]).all()
    assert np.all(found.low <= found.high)
