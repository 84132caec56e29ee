"""Folds by account: all rows of an account stand in one fold, positives spread evenly."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from salesml.errors import Fault
from salesml.model.faults import InputError


def deal(
    y: NDArray[np.int8], owner: NDArray[np.intp], folds: int, rng: np.random.Generator
) -> NDArray[np.intp]:
    """The fold of each row.

    Accounts are dealt like cards: first those with a row of the rarer outcome, by the number of such
    rows, then the others, largest first, forth and back over the folds, so that each fold gets its share
    of either outcome and of rows. No fold holds all rows of an outcome.

    Parameters
    ----------
    y : ndarray of shape (rows,)
        1 for a positive row, else 0.
    owner : ndarray of shape (rows,)
        The account of each row, numbered from 0.
    """
    sizes = np.bincount(owner)
    rarer = np.bincount(owner, weights=y)
    other = sizes - rarer
    if np.count_nonzero(other) < np.count_nonzero(rarer):
        rarer, other = other, rarer
    order = np.lexsort((rng.random(len(sizes)), -sizes, -rarer))
    turn = np.arange(len(sizes)) % (2 * folds)
    fold = np.empty(len(sizes), dtype=np.intp)
    fold[order] = np.minimum(turn, 2 * folds - 1 - turn)
    _spread(fold, rarer, other, folds)
    return fold[owner]


def _spread(fold: NDArray[np.intp], rarer: NDArray[Any], other: NDArray[Any], folds: int) -> None:
    """Where all accounts with the more frequent outcome came into one fold, move one of them on.

    The one with fewest rows of the rarer outcome, so that those stay apart.
    """
    having = np.flatnonzero(other)
    if len(having) > 1 and folds > 1 and (fold[having] == fold[having[0]]).all():
        moved = having[np.argmin(rarer[having])]
        fold[moved] = (fold[moved] + 1) % folds


def number_of_folds(y: NDArray[np.int8], owner: NDArray[np.intp], wanted: int) -> int:
    """As many folds as wanted, fewer when there are fewer accounts of either outcome, at least two.

    Raises
    ------
    InputError
        ``too-few`` when fewer than two accounts have the outcome, or fewer than two do not.
    """
    with_outcome = len(np.unique(owner[y == 1]))
    without = len(np.unique(owner[y == 0]))
    least = min(with_outcome, without)
    if least < 2:
        raise InputError(
            Fault(
                code="too-few",
                found=f"{with_outcome} accounts have the outcome and {without} have not",
                allowed="At least two of each are needed, so that a model can be checked on accounts "
                "it has not seen; about thirty of each for a statement worth anything",
                do="Take more as-of dates, a longer horizon or more accounts",
            )
        )
    return min(wanted, least)
