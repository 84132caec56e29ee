"""Boosters trained side by side on folds, stopped together on rows that none of them has seen."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from salesml.model.coding import Coding
from salesml.model.defaults import Recipe
from salesml.model.folds import deal
from salesml.model.merging import merge

if TYPE_CHECKING:
    import lightgbm as lgb

T = TypeVar("T")
R = TypeVar("R")

STEP = 5
"""Rounds that each booster trains before all are compared."""


@dataclass(frozen=True)
class Rows:
    """What is learned from.

    Parameters
    ----------
    coded : ndarray of shape (rows, features)
    y : ndarray of shape (rows,)
        1 for a positive row, else 0.
    weight : ndarray of shape (rows,)
    owner : ndarray of shape (rows,)
        The account of each row, numbered from 0.
    watched : ndarray of bool of shape (rows,)
        Rows on which early stopping looks, once they are held out: those of the latest as-of date.
    """

    coded: NDArray[np.float64]
    y: NDArray[np.int8]
    weight: NDArray[np.float64]
    owner: NDArray[np.intp]
    watched: NDArray[np.bool_]


@dataclass(frozen=True)
class Trained:
    """The merged model, and what its parts said of rows they had not seen.

    Parameters
    ----------
    text : str
        LightGBM model text of all boosters merged.
    held_out : ndarray of shape (repeats, rows)
        Raw score of each row by the booster that had not seen it, for each deal of the folds.
    rounds : tuple of int
        Trees of each booster, one number per deal of the folds.
    fold : ndarray of shape (rows,)
        The fold of each row in the first deal.
    """

    text: str
    held_out: NDArray[np.float64]
    rounds: tuple[int, ...]
    fold: NDArray[np.intp]


def train(
    rows: Rows, coding: Coding, recipe: Recipe, *, seed: int, threads: int, monotone: list[int] | None = None
) -> Trained:
    """Train folds times repeats boosters and merge them.

    All boosters of one deal stop after the same round: the one with the least log loss on the watched
    held-out rows of all of them together. One common number wastes no data and hardly bends to any one
    fold. Every other deal cuts at random thresholds: its errors differ, and the mean gains by that.
    """
    data = _dataset(rows, coding, recipe.params(seed=seed, monotone=monotone))
    deals = [
        deal(rows.y, rows.owner, recipe.folds, np.random.default_rng([seed, repeat]))
        for repeat in range(recipe.repeats)
    ]
    tasks = [(number // recipe.folds, number % recipe.folds) for number in range(recipe.folds * len(deals))]

    def begin(task: tuple[int, int]) -> _Run:
        repeat, fold = task
        params = recipe.params(seed=seed + 1000 * repeat + fold, monotone=monotone, repeat=repeat)
        return _Run(rows, data, params, deals[repeat] == fold)

    with _Team(max(1, min(threads, len(tasks)))) as team:
        runs = team.run(begin, tasks)
        losses = [_train_together(runs[n : n + recipe.folds], recipe, team) for n in _starts(recipe)]
        rounds = tuple(int(np.argmin(loss)) + 1 for loss in losses)
        unseen = [_others_rounds(runs, number, recipe.folds) for number in range(len(runs))]
        finished = team.run(
            lambda at: runs[at].finish(rows, rounds[tasks[at][0]], unseen[at]), range(len(tasks))
        )
    held_out = np.zeros((recipe.repeats, len(rows.y)))
    for (repeat, _), run, (_, scores) in zip(tasks, runs, finished, strict=True):
        held_out[repeat, run.hold] = scores
    return Trained(merge([text for text, _ in finished]), held_out, rounds, deals[0])


def _others_rounds(runs: Sequence[_Run], number: int, folds: int) -> int:
    """The round at which the other folds of the deal would stop: its own rows have no say in it, so that
    they stay unseen in this too."""
    first = number - number % folds
    others = [runs[at] for at in range(first, first + folds) if at != number]
    if not any(run.weight for run in others):
        return len(runs[number].losses)
    return int(np.argmin(np.sum([run.losses for run in others], axis=0))) + 1


def _starts(recipe: Recipe) -> range:
    """Where each deal's boosters begin."""
    return range(0, recipe.folds * recipe.repeats, recipe.folds)


class _Team:
    """Threads of which each keeps to its own boosters: LightGBM's log level belongs to the thread that
    made the booster, and elsewhere it would print."""

    def __init__(self, size: int) -> None:
        self.members = [ThreadPoolExecutor(1) for _ in range(size)]

    def __enter__(self) -> _Team:
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


def _dataset(rows: Rows, coding: Coding, params: dict[str, Any]) -> lgb.Dataset:
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


def _train_together(runs: Sequence[_Run], recipe: Recipe, team: _Team) -> list[float]:
    whole = sum(run.weight for run in runs) or 1.0
    losses: list[float] = []
    while len(losses) < recipe.max_trees and len(losses) - int(np.argmin(losses or [0])) <= recipe.patience:
        done = len(losses)
        step = min(STEP, recipe.max_trees - done)
        team.run(partial(_Run.advance, rounds=step), runs)
        losses += [sum(run.losses[at] for run in runs) / whole for at in range(done, done + step)]
    return losses
