"""The best of many trials that are no better must not look better; one that is must."""

from __future__ import annotations

import numpy as np
import pytest

from salesml.lifecycle.tuning.luck import Losses, best_by_chance


def study(
    trials: int, gain: float, seed: int, accounts: int = 300
) -> tuple[dict[int, np.ndarray], np.ndarray]:
    """Losses of the defaults, of trials as good as they are, and of one that gains."""
    rng = np.random.default_rng(seed)
    base = rng.gamma(2, 0.25, accounts)
    sums = {0: base} | {number: base + rng.normal(0, 0.1, accounts) for number in range(1, trials + 1)}
    sums[1] = sums[1] - gain
    return sums, np.ones(accounts)


def test_of_no_better_trials_the_best_rarely_seems_better() -> None:
    found = [best_by_chance(*study(20, 0.0, seed), seed=seed) for seed in range(40)]
    assert sum(luck.chance < 0.05 for luck in found if luck) <= 7
    # Without the correction the best of twenty would seem better nearly always.
    assert sum(luck.gain > 1.645 * 0.1 / 300**0.5 for luck in found if luck) > 20


def test_a_better_trial_is_seen() -> None:
    found = [best_by_chance(*study(20, 0.03, seed), seed=seed) for seed in range(10)]
    assert sum(luck.chance < 0.05 for luck in found if luck) >= 9


def test_the_gain_is_that_of_the_best_over_all_rows() -> None:
    sums = {0: np.array([1.0, 2.0]), 1: np.array([1.0, 1.0]), 2: np.array([0.0, 1.0])}
    luck = best_by_chance(sums, np.array([2.0, 2.0]))
    assert luck is not None
    assert luck.gain == pytest.approx(0.5)
    assert luck.trials == 2


def test_there_is_nothing_to_say_of_the_defaults_alone() -> None:
    assert best_by_chance({0: np.ones(3)}, np.ones(3)) is None


def test_losses_are_summed_by_account_over_folds_and_weights() -> None:
    losses = Losses([np.array([0, 1, 0]), np.array([2, 1])])
    for trial, factor in ((0, 1.0), (1, 2.0)):
        losses.add(trial, 0, factor * np.array([1.0, 2.0, 3.0]), np.array([1.0, 1.0, 2.0]))
        losses.add(trial, 1, factor * np.array([4.0, 5.0]), np.ones(2))
    assert losses.counts.tolist() == [3, 2, 1]
    assert losses.sums[0].tolist() == [7, 7, 4]
    assert losses.sums[1].tolist() == [14, 14, 8]
