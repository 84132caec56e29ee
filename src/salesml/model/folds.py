"""Folds by account: all rows of an account stand in one fold, positives spread evenly."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from salesml.errors import Fault
from salesml.model.faults import InputError


def deal(
    y: NDArray[np.int8], owner: NDArray[np.intp], folds: int, rng: np.random.Generator
) -> NDArray[np.intp]:
    """The fold of each row.

    Accounts are dealt like cards: first those with a positive row, largest first, then the others,
    forth and back over the folds, so that each fold gets its share of positives and of rows.

    Parameters
    ----------
    y : ndarray of shape (rows,)
        1 for a positive row, else 0.
    owner : ndarray of shape (rows,)
        The account of each row, numbered from 0.
    """
    positives = np.bincount(owner, weights=y)
    sizes = np.bincount(owner)
    order = np.lexsort((rng.random(len(sizes)), -sizes, -positives))
    turn = np.arange(len(sizes)) % (2 * folds)
    fold = np.empty(len(sizes), dtype=np.intp)
    fold[order] = np.minimum(turn, 2 * folds - 1 - turn)
    return fold[owner]


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
