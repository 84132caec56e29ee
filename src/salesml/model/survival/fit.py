"""Learning when accounts leave: the house's learner over one row per account, date and interval."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from salesml.model.calibration import Calibration
from salesml.model.coding import Coding
from salesml.model.column import Column
from salesml.model.defaults import recipe_for
from salesml.model.ensemble import train
from salesml.model.folds import number_of_folds
from salesml.model.part import Rows
from salesml.model.survival.hazard import HazardModel
from salesml.model.survival.intervals import Periods
from salesml.model.survival.times import Times

Floats = NDArray[np.float64]

INTERVAL = "interval"

MOST_CELLS = 250_000_000
"""Numbers of all rows of all intervals at most, 2 GB of them; of more, some accounts are learned from."""


def fit_hazards(
    coded: Floats,
    coding: Coding,
    times: Times,
    owner: NDArray[np.intp],
    horizons: Sequence[int],
    *,
    anchor: int = 0,
    weight: Floats | None = None,
    folds: int = 5,
    seed: int = 0,
    threads: int = 1,
) -> HazardModel:
    """A model of the hazards of the intervals between horizons.

    All intervals are learned together, with the interval as one more category: what holds for all of them
    is learned from all. Accounts are never split between folds, and each interval is calibrated on what was
    said of rows by trees that had not seen their account.

    Parameters
    ----------
    coded : ndarray of shape (rows, features)
        As ``coding`` makes it.
    times : Times
    owner : ndarray of shape (rows,)
        The account of each row, numbered from 0.
    horizons : sequence of int
        Days at which intervals end, rising; each interval with leavers and stayers.
    anchor : int
        See :class:`HazardModel`.
    weight : ndarray of shape (rows,), optional
    folds, seed, threads : int
        As of the classifier.

    Raises
    ------
    InputError
        ``too-few`` when fewer than two accounts left, or fewer than two stayed.
    """
    weight = np.ones(len(times)) if weight is None else weight
    periods = _drawn(Periods.of(times, horizons, weight), owner, coded.shape[1] + 1, seed)
    rows = _rows(coded, periods, owner)
    column = Column(INTERVAL, "category", tuple(map(str, horizons)))
    positives = int(rows.y.sum())
    recipe = recipe_for(len(rows.y), min(positives, len(rows.y) - positives))
    recipe = replace(recipe, folds=number_of_folds(rows.y, rows.owner, folds))
    trained = train(
        rows, replace(coding, columns=(*coding.columns, column)), recipe, seed=seed, threads=threads
    )
    calibrations = [
        Calibration.fit(trained.held_out[of_it], rows.y[of_it], rows.weight[of_it])
        for of_it in (periods.interval == place for place in range(len(horizons)))
    ]
    return HazardModel(
        booster=trained.text, features=coded.shape[1], horizons=tuple(horizons), anchor=anchor,
        calibrations=tuple(calibrations), rows=len(times),
    )  # fmt: skip


def _drawn(periods: Periods, owner: NDArray[np.intp], width: int, seed: int) -> Periods:
    """The periods of so many accounts, drawn by chance, that their rows fit."""
    share = MOST_CELLS / (len(periods.row) * width)
    if share >= 1:
        return periods
    accounts = int(owner.max()) + 1
    kept = np.random.default_rng(seed).permutation(accounts)[: max(2, int(share * accounts))]
    return periods.where(np.isin(owner[periods.row], kept))


def _rows(coded: Floats, periods: Periods, owner: NDArray[np.intp]) -> Rows:
    wide = np.empty((len(periods.row), coded.shape[1] + 1))
    wide[:, :-1] = coded[periods.row]
    wide[:, -1] = periods.interval
    return Rows(
        coded=wide,
        y=periods.left,
        weight=periods.weight,
        owner=np.unique(owner[periods.row], return_inverse=True)[1],
        watched=np.ones(len(periods.row), dtype=bool),
    )
