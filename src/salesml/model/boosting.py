"""Boosters of one shape trained side by side on folds, stopped together on rows that none of them has
seen."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from salesml.model.coding import Coding
from salesml.model.defaults import Recipe, Shape
from salesml.model.merging import trees_of
from salesml.model.part import Part, Rows

if TYPE_CHECKING:
    import lightgbm as lgb

T = TypeVar("T")
R = TypeVar("R")

STEP = 5
"""Rounds that each booster trains before all are compared."""


def dataset(rows: Rows, coding: Coding, params: dict[str, Any]) -> lgb.Dataset:
    """The rows in LightGBM's bins, shared by all boosters."""
    import lightgbm as lgb

    return lgb.Dataset(
        rows.coded,
        rows.y,
        weight=rows.weight,
        feature_name=coding.internal_names,
        categorical_feature=coding.categories,
        params=params,
        free_raw_data=False,
    ).construct()


def boost(
    rows: Rows,
    data: lgb.Dataset,
    fold: NDArray[np.intp],
    recipe: Recipe,
    shape: Shape,
    *,
    seed: int,
    team: Team,
    monotone: list[int] | None = None,
) -> Part:
    """Train one booster for each fold.

    All stop after the same round: the one with the least log loss on the watched held-out rows of all of
    them together. One common number wastes no data and hardly bends to any one fold.
    """
    folds = int(fold.max()) + 1

    def begin(number: int) -> _Run:
        params = recipe.params(shape, seed=seed + number, monotone=monotone)
        return _Run(rows, data, params, fold == number)

    runs = team.run(begin, range(folds))
    loss = _train_together(runs, shape.max_trees, recipe.patience, team)
    rounds = int(np.argmin(loss)) + 1
    unseen = [_others_rounds(runs, number) for number in range(folds)]
    finished = team.run(lambda at: runs[at].finish(rows, rounds, unseen[at]), range(folds))
    held_out = np.zeros(len(rows.y))
    for run, (_, scores) in zip(runs, finished, strict=True):
        held_out[run.hold] = scores
    texts = [text for text, _ in finished]
    return Part(
        shape.name, [tree for text in texts for tree in trees_of(text)], 1 / folds, held_out, texts[0]
    )


def _others_rounds(runs: Sequence[_Run], number: int) -> int:
    """The round at which the other folds would stop: a fold's own rows have no say in it, so that they
    stay unseen in this too."""
    others = [run for at, run in enumerate(runs) if at != number]
    if not any(run.weight for run in others):
        return len(runs[number].losses)
    return int(np.argmin(np.sum([run.losses for run in others], axis=0))) + 1


class Team:
    """Threads of which each keeps to its own boosters: LightGBM's log level belongs to the thread that
    made the booster, and elsewhere it would print."""

    def __init__(self, size: int) -> None:
        self.members = [ThreadPoolExecutor(1) for _ in range(size)]

    def __enter__(self) -> Team:
        return self

    def __exit__(self, *_: object) -> None:
        for member in self.members:
            member.shutdown(cancel_futures=True)

    def run(self, work: Callable[[T], R], items: Sequence[T]) -> list[R]:
        """Apply ``work`` to every item, item i always in the same thread."""
        futures = [
            self.members[place % len(self.members)].submit(work, item) for place, item in enumerate(items)
        ]
        return [future.result() for future in futures]


class _Run:
    """One booster and the rows held out from it."""

    def __init__(
        self, rows: Rows, data: lgb.Dataset, params: dict[str, Any], held: NDArray[np.bool_]
    ) -> None:
        import lightgbm as lgb

        self.hold = np.flatnonzero(held)
        watched = np.flatnonzero(held & rows.watched)
        self.weight = float(rows.weight[watched].sum())
        self.losses: list[float] = []
        self.booster = lgb.Booster(params, data.subset(np.flatnonzero(~held).tolist()).construct())
        if len(watched):
            self.booster.add_valid(data.subset(watched.tolist()).construct(), "held out")

    def advance(self, rounds: int) -> None:
        """Train some more rounds, noting the weighted loss on the watched rows after each."""
        for _ in range(rounds):
            self.booster.update()
            loss = self.booster.eval_valid()[0][2] if self.weight else 0.0
            self.losses.append(loss * self.weight)

    def finish(self, rows: Rows, rounds: int, unseen: int) -> tuple[str, NDArray[np.float64]]:
        """The model text up to a round, and its raw scores of the rows held out, up to another."""
        text: str = self.booster.model_to_string(num_iteration=rounds)
        scores: Any = self.booster.predict(
            rows.coded[self.hold], raw_score=True, num_iteration=unseen, num_threads=1
        )
        return text, np.asarray(scores, dtype=np.float64)


def _train_together(runs: Sequence[_Run], most: int, patience: int, team: Team) -> list[float]:
    whole = sum(run.weight for run in runs) or 1.0
    losses: list[float] = []
    while len(losses) < most and len(losses) - int(np.argmin(losses or [0])) <= patience:
        done = len(losses)
        step = min(STEP, most - done)
        team.run(partial(_Run.advance, rounds=step), runs)
        losses += [sum(run.losses[at] for run in runs) / whole for at in range(done, done + step)]
    return losses
