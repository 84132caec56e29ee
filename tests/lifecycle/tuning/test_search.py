"""The search without a model: order, pruning, going on, and the clock."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any, ClassVar

import numpy as np
import optuna
import pytest

from salesml.errors import UsageError
from salesml.lifecycle.tuning.budget import Budget
from salesml.lifecycle.tuning.search import Search
from salesml.lifecycle.tuning.space import Space
from salesml.lifecycle.tuning.trial import Trial, best_of

SPACE = Space.of(2_000)
WEIGHTS = (1.0, 2.0, 3.0)


def loss(number: int, learner: Mapping[str, Any], place: int) -> float:
    """Least at a learning rate of 0.05; later folds are harder."""
    rate = learner.get("learning_rate", 0.2)
    return 0.5 + 0.01 * place + 0.05 * abs(math.log(rate / 0.05)) + 0.001 * learner.get("num_leaves", 31)


class Clock:
    """Seconds that pass when somebody fits."""

    def __init__(self, each: float = 1.0) -> None:
        self.now, self.each = 0.0, each

    def __call__(self) -> float:
        return self.now

    def fit(self, number: int, learner: Mapping[str, Any], place: int) -> float:
        self.now += self.each
        return loss(number, learner, place)


def search(fit: Callable[..., float] = loss, seed: int = 0, **more: Any) -> Search:
    return Search(SPACE, WEIGHTS, fit, first=[SPACE.chosen({})], seed=seed, **more)


def run(known: tuple[Trial, ...] = (), trials: int | None = 20, **more: Any) -> tuple[Trial, ...]:
    return search(**more).run(known, trials=trials, budget=Budget(None), keep=lambda trial: None)


def test_the_defaults_are_the_first_trial() -> None:
    first = run(trials=2)[0]
    assert first.learner == {}
    assert first.losses == tuple(loss(0, {}, place) for place in range(3))
    assert first.value(WEIGHTS) == pytest.approx(np.average(first.losses, weights=WEIGHTS))


def test_the_same_seed_gives_the_same_trials_and_another_one_others() -> None:
    assert run(trials=12) == run(trials=12)
    assert run(trials=12) != run(trials=12, seed=1)


@pytest.mark.parametrize("after", [1, 3, 9, 19])
def test_a_search_that_was_broken_off_goes_on_as_it_would_have(after: int) -> None:
    whole = run()
    kept = tuple(Trial.read(trial.json()) for trial in whole[:after])
    assert run(kept) == whole


def test_it_finds_what_is_better() -> None:
    trials = run(trials=40)
    best = best_of(trials, WEIGHTS)
    assert best.value(WEIGHTS) < trials[0].value(WEIGHTS) - 0.02
    assert 0.03 <= best.learner["learning_rate"] < 0.09


def test_trials_worse_than_most_are_given_up_between_folds_and_the_defaults_never() -> None:
    trials = run(trials=40)
    pruned = [trial for trial in trials if trial.state == "pruned"]
    assert pruned
    assert all(len(trial.losses) < 3 for trial in pruned)
    assert all(len(trial.losses) == 3 for trial in trials if trial.complete)
    assert all(trial.complete for trial in trials[:6])
    complete = sorted(trial.losses[0] for trial in trials if trial.complete)
    assert max(trial.losses[0] for trial in pruned) > complete[len(complete) // 2]


class Small(Space):
    """Three settings in all."""

    limits: ClassVar[dict[str, tuple[float, float]]] = {}  # type: ignore[assignment]


def test_settings_that_were_tried_are_not_fitted_again() -> None:
    fitted: list[int] = []

    def fit(number: int, learner: Mapping[str, Any], place: int) -> float:
        fitted.append(learner.get("n_repeats", 1))
        return 0.5

    found = Search(Small(20), WEIGHTS, fit, first=[{"n_repeats": 1}])
    trials = found.run((), trials=6, budget=Budget(None), keep=lambda trial: None)
    assert sorted(fitted) == [1, 1, 1, 2, 2, 2, 3, 3, 3]
    # As long as there is another setting, it is taken.
    assert [trial.same_as is None for trial in trials] == [True, True, True, False, False, False]
    for again in trials[3:]:
        first = trials[again.same_as or 0]
        assert (again.learner, again.losses, again.seconds) == (first.learner, first.losses, ())


def test_nothing_is_begun_that_would_not_end_in_time() -> None:
    clock = Clock()
    budget = Budget(1.0, seeds=1, growth=2.0, clock=clock)
    trials = search(clock.fit).run((), trials=None, budget=budget, keep=lambda trial: None)
    assert len(trials) >= 3
    assert clock.now <= 60 - 1.2 * 2 * 2
    assert clock.now > 40


def test_a_trial_that_the_clock_stops_between_folds_is_none() -> None:
    clock, said, kept = Clock(), list[str](), list[Trial]()

    def slower(number: int, learner: Mapping[str, Any], place: int) -> float:
        clock.now += 8.0 if number == 3 and place == 0 else 1.0
        return loss(number, learner, place)

    budget = Budget(25 / 60, seeds=1, growth=1.0, clock=clock)
    trials = search(slower, say=said.append).run((), trials=None, budget=budget, keep=kept.append)
    assert clock.now <= 25
    assert list(trials) == kept
    assert [trial.number for trial in trials] == list(range(len(trials)))
    assert all(len(trial.losses) == 3 or trial.state == "pruned" for trial in trials)
    assert "was stopped: the time is up" in said[-1]


def test_minutes_that_hold_no_trial_are_refused_with_those_that_would() -> None:
    clock = Clock(30.0)
    with pytest.raises(UsageError) as caught:
        search(clock.fit).run((), trials=None, budget=Budget(1.0, clock=clock), keep=lambda trial: None)
    assert caught.value.code == "budget-too-small"
    assert "1 minutes do not hold one trial: a fit of this table takes about 30.0 seconds" in str(
        caught.value
    )
    assert "about 4.0 minutes" in str(caught.value)
    assert "--minutes 8" in str(caught.value)
    assert clock.now == 30


def test_going_on_with_minutes_that_hold_nothing_more_is_refused_too() -> None:
    clock = Clock(10.0)
    known = search(clock.fit).run((), trials=3, budget=Budget(None, clock=clock), keep=lambda trial: None)
    with pytest.raises(UsageError) as caught:
        search(clock.fit).run(known, trials=None, budget=Budget(1.0, clock=clock), keep=lambda trial: None)
    assert caught.value.code == "budget-too-small"
    # What has its number of trials is only compared again.
    assert search(clock.fit).run(known, trials=3, budget=Budget(1.0, clock=clock), keep=print) == known


def test_optunas_log_is_left_as_it_was() -> None:
    before = optuna.logging.get_verbosity()
    run(trials=2)
    assert optuna.logging.get_verbosity() == before
