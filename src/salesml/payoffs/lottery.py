"""What else the lots might have drawn: the sums of a contrast for every list that might have been.

Of each list one number is drawn (:mod:`salesml.scoring.rank.explore`), so that it has as many states as it
has bundles, and one more where it may be that none is drawn. The sums of every state are counted once;
drawing all lots again then takes one look-up for each list.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from salesml.payoffs.contrast import Contrast, Floats, contrast
from salesml.payoffs.listed import Lottery

DRAWS = 1999
FEWEST_DRAWS = 399
CELLS = 4_000_000
"""Sums by draw and list that are held at once."""


@dataclass(frozen=True)
class States:
    """The sums of both sides in every state of one list, shape (states, 3), and the chance of a bundle."""

    listed: Floats
    unlisted: Floats
    each: float


def states(lottery: Lottery, chance: Floats, y: Floats, x: Floats, counted: NDArray[np.bool_]) -> States:
    """The sums of one list; its last state is that no bundle is drawn.

    Parameters
    ----------
    chance, y, x : ndarray, shape (rows,)
        Of all rows of :class:`salesml.payoffs.listed.Listed`.
    counted : ndarray of bool, shape (rows,)
        Rows that the contrast is about.
    """
    deal = lottery.deal
    known = np.flatnonzero(lottery.rows >= 0)
    known = known[counted[lottery.rows[known]]]
    rows = lottery.rows[known]
    room, bundle, p = deal.room[known], deal.bundle[known], chance[rows]
    values = np.stack([np.ones(len(rows)), y[rows], x[rows]], axis=-1)
    listed = _in_list(values / p[:, None], room, bundle, deal.sizes)
    left = values / (1 - p)[:, None]
    return States(listed, left.sum(axis=0) - _in_list(left, room, bundle, deal.sizes), deal.each)


def redrawn(
    made: Sequence[States], cluster: NDArray[np.int64], rng: np.random.Generator, draws: int | None = None
) -> Contrast:
    """The contrast of many further draws of all lots.

    Parameters
    ----------
    made : sequence of States
    cluster : ndarray of int, shape (lists,)
        The cluster of each list.
    draws : int, optional
        By default 1,999, fewer where lists are very many.
    """
    draws = draws or int(np.clip(CELLS / max(1, len(made)), FEWEST_DRAWS, DRAWS))
    parts = list(_blocks(made, cluster, rng, draws))
    return Contrast(
        *(np.concatenate([getattr(part, name) for part in parts]) for name in ("y", "x", "yy", "xy", "xx"))
    )


def _blocks(
    made: Sequence[States], cluster: NDArray[np.int64], rng: np.random.Generator, draws: int
) -> Iterator[Contrast]:
    lengths = np.array([len(each.listed) for each in made])
    starts = np.concatenate([[0], np.cumsum(lengths)[:-1]])
    each = np.array([one.each for one in made])
    one, other = (np.concatenate([getattr(state, side) for state in made]) for side in ("listed", "unlisted"))
    order = np.argsort(cluster, kind="stable")
    edges = np.flatnonzero(np.diff(cluster[order], prepend=-1))
    at_once = max(1, CELLS // (8 * len(made)))
    for first in range(0, draws, at_once):
        number = rng.random((min(at_once, draws - first), len(made)))
        with np.errstate(divide="ignore", invalid="ignore"):
            chosen = np.where(each > 0, np.floor(number / each), np.inf)
        place = (starts + np.minimum(chosen, lengths - 1)).astype(np.int64)[:, order]
        yield contrast(
            np.add.reduceat(one[place], edges, axis=1), np.add.reduceat(other[place], edges, axis=1)
        )


def _in_list(
    values: Floats, room: NDArray[np.int64], bundle: NDArray[np.int64], sizes: NDArray[np.int64]
) -> Floats:
    """The sums over the rows that are listed, for each bundle that may be drawn, and for none."""
    by_room = np.argsort(-room, kind="stable")
    until = np.concatenate([np.zeros((1, values.shape[1])), np.cumsum(values[by_room], axis=0)])
    asked = np.append(sizes, 0)
    kept = until[np.searchsorted(-room[by_room], -asked, side="right")]
    # Rows of the drawn bundle that would have had no place.
    drawn = np.zeros_like(kept)
    dealt = np.flatnonzero(bundle >= 0)
    gained = dealt[room[dealt] < sizes[bundle[dealt]]]
    np.add.at(drawn, bundle[gained], values[gained])
    return np.asarray(kept + drawn)
