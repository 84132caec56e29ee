"""The search: one trial after another, each a function of the seed and of the trials before it.

Optuna's samplers keep a state that no storage has, so that a study that goes on would go elsewhere. Here
each trial has a study of its own in memory, told of all trials before it, and a sampler seeded by its
number: a search that was killed goes on exactly as it would have. Nothing of Optuna's is written anywhere,
so its tables cannot meet those of MLflow in one database, where both keep ``alembic_version``.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from salesml.errors import Fault, UsageError
from salesml.lifecycle.progress import Say, quiet
from salesml.lifecycle.tuning.budget import Budget
from salesml.lifecycle.tuning.space import Space, learner_of
from salesml.lifecycle.tuning.trial import Trial, best_of, mean_so_far

if TYPE_CHECKING:
    from optuna import Study
    from optuna.trial import Trial as Asked

BEFORE_PRUNING = 5
"""Complete trials before any is given up."""
ASKED = 10
"""How often another setting is asked for when one was tried before."""
AT_RANDOM = 8
"""Trials before those before them say where to look."""

Fit = Callable[[int, Mapping[str, Any], int], float]
"""Gets a trial's number, a learner and a fold's place, and gives the fold's log loss."""


class Search:
    """Trials of learners on folds.

    Parameters
    ----------
    space : Space
    weights : sequence of float
        What each fold counts.
    fit : callable
        Gets a trial's number, its learner and a fold's place; gives the mean log loss on that fold.
    first : sequence of dict
        Choices of the first trials: the defaults, and what the spec says.
    seed : int
    clock : callable
        Gives seconds that only rise.
    """

    def __init__(
        self,
        space: Space,
        weights: Sequence[float],
        fit: Fit,
        *,
        first: Sequence[Mapping[str, Any]] = (),
        seed: int = 0,
        say: Say = quiet,
    ) -> None:
        self.space, self.weights, self.fit, self.first = space, weights, fit, first
        self.seed, self.say = seed, say

    def run(
        self, known: Sequence[Trial], *, trials: int | None, budget: Budget, keep: Callable[[Trial], None]
    ) -> tuple[Trial, ...]:
        """Try until there are so many trials, or the budget ends.

        Parameters
        ----------
        known : sequence of Trial
            Trials that were done before, numbered from 0.
        trials : int or None
            How many there are to be, those known counted; None for as many as the budget holds.
        keep : callable
            Gets each trial as soon as it is done.

        Raises
        ------
        UsageError
            ``needs-package`` without Optuna, ``budget-too-small``.
        """
        done = list(known)
        if trials is None or len(known) < trials:
            # One that goes on with minutes that hold nothing more is told so, not answered as before.
            budget.refuse_too_small(len(self.weights), [s for trial in known for s in trial.seconds])
        with _quiet_optuna():
            while trials is None or len(done) < trials:
                if done and not budget.allows_trial(done, self._best(done)):
                    break
                trial = self._next(done, budget)
                if trial is None:
                    self.say(f"trial {len(done)} was stopped: the time is up")
                    break
                keep(trial)
                done.append(trial)
                self.say(trial.line(self.weights))
        return tuple(done)

    def _best(self, done: Sequence[Trial]) -> Trial | None:
        return best_of(done, self.weights) if done else None

    def _next(self, done: Sequence[Trial], budget: Budget) -> Trial | None:
        number = len(done)
        for attempt in range(ASKED):
            asked = self._study(done, attempt).ask()
            chosen = self.space.suggest(asked)
            learner = learner_of(chosen)
            same = next((trial for trial in done if trial.learner == learner), None)
            if same is None or number < len(self.first):
                break
        if same is not None:
            first = same.number if same.same_as is None else same.same_as
            return replace(same, number=number, chosen=chosen, seconds=(), same_as=first)
        return self._try(number, chosen, learner, asked, done, budget)

    def _try(
        self,
        number: int,
        chosen: dict[str, Any],
        learner: dict[str, Any],
        asked: Asked,
        done: Sequence[Trial],
        budget: Budget,
    ) -> Trial | None:
        losses: list[float] = []
        seconds: list[float] = []

        def told(state: Any) -> Trial:
            return Trial(number=number, state=state, chosen=chosen, learner=learner,
                         losses=tuple(losses), seconds=tuple(seconds))  # fmt: skip

        for place in range(len(self.weights)):
            if not budget.allows_fold(place, done, self._best(done)):
                return None
            before = budget.spent
            losses.append(self.fit(number, learner, place))
            seconds.append(budget.spent - before)
            if not done:
                budget.refuse_too_small(len(self.weights), seconds)
            asked.report(mean_so_far(losses, self.weights), place)
            if number >= len(self.first) and place + 1 < len(self.weights) and asked.should_prune():
                return told("pruned")
        return told("complete")

    def _study(self, done: Sequence[Trial], attempt: int) -> Study:
        """A study in memory that knows the trials so far."""
        import optuna

        number = len(done)
        seed = (self.seed * 100_003 + number * ASKED + attempt) % 2**32
        study = optuna.create_study(
            direction="minimize",
            sampler=optuna.samplers.TPESampler(n_startup_trials=AT_RANDOM, seed=seed),
            pruner=optuna.pruners.MedianPruner(n_startup_trials=BEFORE_PRUNING, n_warmup_steps=0),
        )
        study.add_trials([self._frozen(trial) for trial in done])
        if number < len(self.first):
            study.enqueue_trial(dict(self.first[number]))
        return study

    def _frozen(self, trial: Trial) -> Any:
        import optuna

        known = self.space.distributions()
        so_far = {
            place: mean_so_far(trial.losses[: place + 1], self.weights) for place in range(len(trial.losses))
        }
        states = optuna.trial.TrialState
        return optuna.trial.create_trial(
            state=states.COMPLETE if trial.complete else states.PRUNED,
            value=trial.value(self.weights),
            params=trial.chosen,
            distributions={name: known[name] for name in trial.chosen},
            intermediate_values=so_far,
        )


def need_optuna() -> None:
    """That Optuna is installed.

    Raises
    ------
    UsageError
        ``needs-package``.
    """
    try:
        import optuna  # noqa: F401
    except ModuleNotFoundError as error:
        raise UsageError(
            Fault(
                code="needs-package",
                found=f"Tuning needs the package {error.name}, which is not installed",
                do="pip install 'salesml[tune]'",
            )
        ) from None


@contextlib.contextmanager
def _quiet_optuna() -> Iterator[None]:
    """Optuna's log, which would tell each trial a second time, only from warnings on."""
    need_optuna()
    from optuna import logging

    before = logging.get_verbosity()
    logging.set_verbosity(logging.WARNING)
    try:
        yield
    finally:
        logging.set_verbosity(before)
