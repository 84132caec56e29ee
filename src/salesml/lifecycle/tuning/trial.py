"""One trial: a learner, and what it lost on each fold."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

State = Literal["complete", "pruned"]


@dataclass(frozen=True, kw_only=True)
class Trial:
    """A finished trial; one that was stopped by the clock is none.

    Parameters
    ----------
    number : int
        From 0, which is the defaults.
    state : {"complete", "pruned"}
        ``pruned``: after some folds it lost more than half of the trials before it, and was given up.
    chosen : dict
        What the search chose, switches too.
    learner : dict
        The keys of ``learner`` that this stands for.
    losses : tuple of float
        Mean log loss on each fold, as far as it came.
    seconds : tuple of float
        What each of them took.
    same_as : int, optional
        An earlier trial with the same learner, whose losses these are: nothing was fitted.
    """

    number: int
    state: State
    chosen: dict[str, Any]
    learner: dict[str, Any]
    losses: tuple[float, ...]
    seconds: tuple[float, ...] = field(default=(), compare=False)
    same_as: int | None = None

    @property
    def complete(self) -> bool:
        return self.state == "complete"

    def value(self, weights: Sequence[float]) -> float:
        """Mean log loss over the folds it came to, each fold counting by its weight."""
        return mean_so_far(self.losses, weights)

    def line(self, weights: Sequence[float]) -> str:
        """What a person watching reads when it is done."""
        told = f"trial {self.number}: log loss {self.value(weights):.5f}"
        if self.same_as is not None:
            return f"{told}, the same settings as trial {self.same_as}"
        if not self.complete:
            told += f", given up after {len(self.losses)} of {len(weights)} folds"
        return f"{told}, {sum(self.seconds):.1f} s: {shown(self.learner)}"

    def json(self) -> str:
        """The trial as one line."""
        return json.dumps(asdict(self), sort_keys=True)

    @classmethod
    def read(cls, text: str) -> Trial:
        """The trial of a line that :meth:`json` wrote.

        Raises
        ------
        ValueError, KeyError, TypeError
            When it is no such line.
        """
        data = json.loads(text)
        return cls(**{**data, "losses": tuple(data["losses"]), "seconds": tuple(data["seconds"])})


def mean_so_far(losses: Sequence[float], weights: Sequence[float]) -> float:
    """Mean of the first folds' losses, each counting by its weight."""
    used = weights[: len(losses)]
    return sum(loss * weight for loss, weight in zip(losses, used, strict=True)) / sum(used)


def shown(learner: dict[str, Any]) -> str:
    """A learner's keys in one line."""
    return ", ".join(f"{key} {value:g}" for key, value in learner.items()) or "the defaults"


def best_of(trials: Sequence[Trial], weights: Sequence[float]) -> Trial:
    """The complete trial with the least loss, the earliest of equal ones."""
    complete = [trial for trial in trials if trial.complete]
    return min(complete, key=lambda trial: (trial.value(weights), trial.number))
