"""The model as a whole: its parts trained on the same folds, weighted, and merged into one text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from salesml.model.blending import blend
from salesml.model.boosting import Team, boost, dataset
from salesml.model.coding import Coding
from salesml.model.defaults import Recipe
from salesml.model.folds import deal
from salesml.model.level_rates import LevelRates
from salesml.model.merging import merge
from salesml.model.part import Part, Rows
from salesml.model.ridge import regress

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Trained:
    """The merged model, and what its parts said of rows they had not seen.

    Parameters
    ----------
    text : str
        LightGBM model text of all parts merged.
    held_out : ndarray of shape (rows,)
        Raw score of each row by what had not seen it, the parts weighted as in the text.
    unseen : ndarray of shape (rows,)
        The same, the parts weighted without the row's own fold.
    fold : ndarray of shape (rows,)
        The fold of each row in the first deal.
    weights : dict of str to float
        What each part counts; they sum to one.
    """

    text: str
    held_out: Floats
    unseen: Floats
    fold: NDArray[np.intp]
    weights: dict[str, float]


def train(
    rows: Rows, coding: Coding, recipe: Recipe, *, seed: int, threads: int, monotone: list[int] | None = None
) -> Trained:
    """Train all parts, weigh them by their held-out scores, and merge them.

    With monotone constraints the linear part, which knows none, is left out.
    """
    deals = [
        deal(rows.y, rows.owner, recipe.folds, np.random.default_rng([seed, repeat]))
        for repeat in range(recipe.repeats)
    ]
    rates = LevelRates.learn(rows, coding)
    rows, coding = rates.rows(rows, deals[0]), rates.coding(coding)
    data = dataset(rows, coding, recipe.params(recipe.shapes[0], seed=seed, monotone=monotone))
    parts: list[Part] = []
    with Team(max(1, min(threads, recipe.folds))) as team:
        for number, shape in enumerate(recipe.shapes):
            dealt = [
                boost(
                    rows, data, fold, recipe, shape,
                    seed=seed + 10_000 * number + 1_000 * repeat, team=team, monotone=monotone,
                )
                for repeat, fold in enumerate(deals)
            ]  # fmt: skip
            parts.append(_mean(dealt))
        if recipe.linear and not (monotone and any(monotone)):
            linear = regress(rows, coding, deals[0], seed=seed, team=team)
            parts += [linear] if linear else []
    return _merged(rows, [rates.part(part) for part in parts], deals[0])


def _mean(dealt: Sequence[Part]) -> Part:
    """Parts of the same kind over several deals as one."""
    trees = [tree for part in dealt for tree in part.trees]
    held_out = np.mean([part.held_out for part in dealt], axis=0)
    return replace(dealt[0], trees=trees, factor=dealt[0].factor / len(dealt), held_out=held_out)


def _merged(rows: Rows, parts: Sequence[Part], fold: NDArray[np.intp]) -> Trained:
    scores = np.array([part.held_out for part in parts])
    weights = blend(scores, rows.y, rows.weight)
    unseen = np.empty(len(rows.y))
    for number in np.unique(fold):
        out = fold == number
        unseen[out] = blend(scores[:, ~out], rows.y[~out], rows.weight[~out]) @ scores[:, out]
    used = [(part.trees, part.factor * weight) for part, weight in zip(parts, weights, strict=True) if weight]
    return Trained(
        text=merge(parts[0].text, used),
        held_out=weights @ scores,
        unseen=unseen,
        fold=fold,
        weights={part.name: float(weight) for part, weight in zip(parts, weights, strict=True)},
    )
