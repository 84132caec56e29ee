"""Reps who are alike are hardly ever called different; those who are not, are."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from salesml.scorecard.estimate import Sums, design_effect
from salesml.scorecard.luck import counted, difference, real

REPS = 12


def share_real(test: Callable[[int], float], times: int = 120) -> float:
    return float(np.mean([test(seed) <= 0.05 for seed in range(times)]))


def alike_money(seed: int) -> float:
    """Some reps have larger accounts, of which a little less comes back."""
    luck = np.random.default_rng(seed)
    rep = luck.integers(0, REPS, 600)
    before = np.exp(luck.standard_normal(600) + 0.1 * rep)
    now = before**0.95 * np.exp(0.8 * luck.standard_normal(600))
    return difference(rep, now - now.sum() / before.sum() * before, before)


def unlike_money(seed: int) -> float:
    luck = np.random.default_rng(seed)
    rep = luck.integers(0, REPS, 600)
    before = np.exp(luck.standard_normal(600))
    now = before * np.exp(0.4 * luck.standard_normal(600)) * np.where(rep < 3, 0.7, 1)
    return difference(rep, now - now.sum() / before.sum() * before, before)


def rates(seed: int, apart: float) -> float:
    luck = np.random.default_rng(seed)
    trials = luck.integers(0, 60, (REPS, 8))
    rate = 0.05 * np.exp(apart * luck.standard_normal(REPS))[:, None] * np.linspace(0.5, 1.5, 8)
    return counted(luck.binomial(trials, rate).astype(float), trials.astype(float), trials=True)


def test_alike_in_money() -> None:
    assert share_real(alike_money) <= 0.1


def test_unlike_in_money() -> None:
    assert share_real(unlike_money, 10) >= 0.9


def test_alike_in_rates_though_some_were_there_in_bad_times_only() -> None:
    def late(seed: int) -> float:
        luck = np.random.default_rng(seed)
        trials = luck.integers(20, 60, (REPS, 8)) * (np.arange(8) >= np.arange(REPS)[:, None] % 8)
        cases = luck.binomial(trials, np.linspace(0.02, 0.2, 8))
        return counted(cases.astype(float), trials.astype(float), trials=True)

    assert share_real(lambda seed: rates(seed, 0.0)) <= 0.1
    assert share_real(late) <= 0.1


def test_unlike_in_rates() -> None:
    assert share_real(lambda seed: rates(seed, 0.7), 10) >= 0.8


def test_trials_that_go_together_make_nobody_different() -> None:
    """Prospects with many trials each, of like outcome: the design effect takes care of it."""

    def clustered(seed: int) -> float:
        luck = np.random.default_rng(seed)
        rep, quarter = luck.integers(0, REPS, 300), luck.integers(0, 8, 300)
        each = luck.integers(1, 20, 300).astype(float)
        n = luck.binomial(each.astype(int), luck.beta(0.6, 1.4, 300)).astype(float)
        moments = (n.sum(), each.sum(), (n * n).sum(), (n * each).sum(), (each * each).sum(), 300.0)
        effect = design_effect("rate", Sums(*(np.array([moment]) for moment in moments)))
        cases, trials = np.zeros((2, REPS, 8))
        np.add.at(cases, (rep, quarter), n)
        np.add.at(trials, (rep, quarter), each)
        return counted(cases / effect, trials / effect, trials=True)

    assert share_real(clustered) <= 0.1


def test_accounts_with_two_reps_make_nobody_different() -> None:
    def shared(seed: int) -> float:
        luck = np.random.default_rng(seed)
        size, own = np.exp(luck.standard_normal(400)), 0.5 * luck.standard_normal(400)
        rep = luck.integers(0, REPS, 800)
        before = np.tile(size, 2)
        now = before * np.exp(np.tile(own, 2) + 0.2 * luck.standard_normal(800))
        return difference(rep, now - now.sum() / before.sum() * before, before)

    assert share_real(shared) <= 0.1


def test_counts_by_presence() -> None:
    def there(seed: int, busy: float) -> float:
        luck = np.random.default_rng(seed)
        share = (np.arange(8) >= np.arange(REPS)[:, None] % 4).astype(float)
        mean = 3 * share * np.where(np.arange(REPS) < 3, busy, 1)[:, None]
        return counted(luck.poisson(mean).astype(float), share)

    assert share_real(lambda seed: there(seed, 1.0)) <= 0.1
    assert share_real(lambda seed: there(seed, 2.0), 10) >= 0.8


def test_many_units_are_not_dealt() -> None:
    luck = np.random.default_rng(1)
    rep = luck.integers(0, 40, 30_000)
    heavy = luck.standard_t(3, 30_000)
    assert difference(rep, heavy - heavy.mean(), np.ones(30_000)) > 0.01
    moved = heavy + 0.3 * (rep < 4)
    assert difference(rep, moved - moved.mean(), np.ones(30_000)) < 1e-6


def test_far_apart_is_told_from_a_hundred_questions() -> None:
    """Fewer deals than questions would not do without the tail."""
    rep = np.repeat(np.arange(4), 50)
    off = np.random.default_rng(2).standard_normal(200) + 3 * (rep == 0)
    p = difference(rep, off - off.mean(), np.ones(200))
    assert p < 1e-4
    assert real(np.array([p, *np.linspace(0.01, 1, 99)]))[0]


@pytest.mark.parametrize("rep", [np.zeros(5, dtype=int), np.zeros(0, dtype=int)])
def test_one_rep_cannot_differ(rep: np.ndarray) -> None:
    assert np.isnan(difference(rep, np.arange(len(rep)) - 2.0, np.ones(len(rep))))


def test_nothing_is_real_where_nothing_is() -> None:
    """Over forty questions at once, in at most about one of twenty companies."""
    luck = np.random.default_rng(3)
    assert np.mean([real(luck.random(40)).any() for _ in range(1000)]) <= 0.07
    assert not real(np.full(3, np.nan)).any()
    assert real(np.array([0.04, np.nan])).tolist() == [True, False]
