"""Curves: how likely each account is still there after each horizon, and what follows from it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

LEAST = 1e-12
"""Hazards and chances stay so far from 0 and 1: logarithms of them are finite."""


def survival(hazards: Floats) -> Floats:
    """Share still there at each horizon, shape (rows, horizons), of the hazards of the intervals before."""
    kept = np.log1p(-np.clip(hazards, LEAST, 1 - LEAST))
    stays: Floats = np.exp(np.cumsum(kept, axis=1))
    return stays


def pinned(stays: Floats, place: int, probability: Floats) -> Floats:
    """Curves that go through one less a known probability at one horizon.

    Up to the horizon each curve is raised to the power that brings it there: all hazards of the row times
    one number, as in proportional hazards. After it the hazards stay what they are, since the probability
    says nothing of those who are still there. A curve that falls goes on falling, and at the horizon it is
    exactly one less the probability.

    Parameters
    ----------
    stays : ndarray of shape (rows, horizons)
        Falling in each row, between 0 and 1.
    place : int
        The horizon's column.
    probability : ndarray of shape (rows,)
        Of having left by then.
    """
    there = 1.0 - probability
    wanted = np.log(np.clip(there, LEAST, 1 - LEAST))
    power = wanted / np.log(np.clip(stays[:, place], LEAST, 1 - LEAST))
    moved = np.exp(np.log(np.clip(stays, LEAST, 1.0)) * power[:, None])
    moved[:, place:] = there[:, None] * (stays[:, place:] / np.maximum(stays[:, place, None], LEAST))
    # The last digit of a logarithm must neither let a curve rise nor miss the probability.
    moved[:, :place] = np.clip(moved[:, :place], there[:, None], 1.0)
    moved[:, place:] = np.clip(moved[:, place:], 0.0, there[:, None])
    moved[:, place] = there
    return np.minimum.accumulate(moved, axis=1)


def expected_days(stays: Floats, horizons: Sequence[int]) -> Floats:
    """Days that each account is expected to stay of those up to the last horizon, shape (rows,).

    The area under its curve (restricted mean survival time; Irwin 1949). Nothing is assumed of the time
    after the last horizon; between horizons the hazard is taken to be even.
    """
    total: Floats = _areas(stays, horizons).sum(axis=1)
    return total


def lifetime_days(stays: Floats, horizons: Sequence[int]) -> Floats:
    """Days that each account is expected to stay in all, shape (rows,).

    Up to the last horizon as :func:`expected_days`; from there on, which nobody has seen, each account is
    taken to leave at the pace at which it left on average up to there: one less exp(log S / days) a day.
    """
    reach = float(horizons[-1])
    last = np.clip(stays[:, -1], LEAST, 1 - LEAST)
    return expected_days(stays, horizons) + last * reach / -np.log(last)


def _areas(stays: Floats, horizons: Sequence[int]) -> Floats:
    """Area under the curve between horizons, falling by an even hazard."""
    before = np.column_stack([np.ones(len(stays)), stays[:, :-1]])
    widths = np.diff([0, *horizons])
    drop = before - stays
    rate = np.log(np.clip(before, LEAST, 1.0)) - np.log(np.clip(stays, LEAST, 1.0))
    mean = np.divide(drop, rate, out=before.copy(), where=rate > 1e-9)
    areas: Floats = mean * widths
    return areas
