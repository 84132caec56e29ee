"""Minutes to spend: nothing is begun that would not end in time, as far as past trials tell."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from statistics import median

from salesml.errors import Fault, UsageError
from salesml.lifecycle.tuning.trial import Trial

MARGIN = 1.2
"""A fit may take so many times as long as the slowest before it."""


class Budget:
    """What is left of the minutes, and whether a fold or a trial still fits in.

    Parameters
    ----------
    minutes : float or None
        None for no limit.
    seeds : int
        How many fits of the defaults and of the best trial follow at the end.
    growth : float
        Rows of such a fit, in those of the last fold's.
    clock : callable
        Gives seconds that only rise.
    """

    def __init__(
        self,
        minutes: float | None,
        *,
        seeds: int = 1,
        growth: float = 1.0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.minutes, self.seeds, self.growth, self.clock = minutes, seeds, growth, clock
        self.started = clock()

    @property
    def spent(self) -> float:
        """Seconds since it began."""
        return self.clock() - self.started

    def left(self) -> float:
        """Seconds that are left."""
        return float("inf") if self.minutes is None else 60 * self.minutes - self.spent

    def reserve(self, trials: Sequence[Trial], best: Trial | None) -> float:
        """Seconds that the comparison of the best trial with the defaults will take."""
        if not trials or best is None or not trials[0].seconds:
            return 0.0
        both = trials[0].seconds[-1] + (best.seconds or trials[0].seconds)[-1]
        return MARGIN * self.seeds * self.growth * both

    def allows_fold(self, place: int, trials: Sequence[Trial], best: Trial | None) -> bool:
        """Whether a fold ends in time if it takes as long as the slowest of its place so far."""
        known = [trial.seconds[place] for trial in trials if len(trial.seconds) > place]
        return self.left() - self.reserve(trials, best) >= MARGIN * max(known, default=0.0)

    def allows_trial(self, trials: Sequence[Trial], best: Trial | None) -> bool:
        """Whether a trial of usual length ends in time; it needs not begin otherwise."""
        whole = [sum(trial.seconds) for trial in trials if trial.complete and trial.seconds]
        return self.left() - self.reserve(trials, best) > (median(whole) if whole else 0.0)

    def refuse_too_small(self, folds: int, seconds: Sequence[float]) -> None:
        """That the budget holds the defaults, one trial and the comparison, going by the fits so far.

        Raises
        ------
        UsageError
            ``budget-too-small``, with the minutes that it takes.
        """
        if self.minutes is None or not seconds:
            return
        usual = median(seconds)
        needed = usual * (2 * folds + 2 * self.seeds * self.growth)
        if needed <= 60 * self.minutes:
            return
        raise UsageError(
            Fault(
                code="budget-too-small",
                found=f"{self.minutes:g} minutes do not hold one trial: a fit of this table takes about "
                f"{usual:.1f} seconds",
                allowed=f"The defaults and one trial on {folds} folds, and their comparison, take about "
                f"{needed / 60:.1f} minutes",
                do=f"Give --minutes {max(1, round(2 * needed / 60))} or more",
            )
        )
