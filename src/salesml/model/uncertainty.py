"""How far a calibrated score may be off, as plain data: what an interval of an expectation is made of.

Three things are counted: what the calibration's line was estimated from (a sandwich covariance by account),
what is left of the differences between observed and said after that line, in excess of chance, from one
tenth of the scores to the next and from one as-of date to the next, and how much models trained on
different folds disagree about a row.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

TENTHS = 10
FEWEST_CELLS = 3
"""Cells between which differences beyond chance can be told from chance."""


@dataclass(frozen=True, kw_only=True)
class Uncertainty:
    """The variance of a calibrated score ``z``: the logarithm of a mean, or log-odds.

    Parameters
    ----------
    centre : float
        The score at which level and slope are uncorrelated but for ``cross``.
    level, slope, cross : float
        Variances of the line's level and slope at the centre, and their covariance.
    between : float
        Variance of the logarithm of what is observed over what is said, between tenths and dates.
    folds : float
        Variance of the score of a row by models trained on other rows.
    """

    centre: float = 0.0
    level: float = 0.0
    slope: float = 0.0
    cross: float = 0.0
    between: float = 0.0
    folds: float = 0.0

    def line(self, z: Floats) -> Floats:
        """Variance of the score itself: of the line, and between folds."""
        away = z - self.centre
        line = self.level + 2 * away * self.cross + away**2 * self.slope
        return np.asarray(np.maximum(line, 0.0) + self.folds)

    def as_dict(self) -> dict[str, float]:
        """As plain data."""
        return asdict(self)

    @classmethod
    def from_dict(cls, data: Mapping[str, float]) -> Uncertainty:
        """From what ``as_dict`` gave."""
        return cls(**{name: float(value) for name, value in data.items()})


def of_line(
    z: Floats, miss: Floats, curvature: Floats, owner: NDArray[np.intp]
) -> tuple[float, float, float, float]:
    """Centre, and variances of level and slope with their covariance, robust to accounts with several rows.

    Parameters
    ----------
    z : ndarray of shape (rows,)
        Calibrated scores of rows not seen.
    miss : ndarray of shape (rows,)
        Weighted difference of observed and said.
    curvature : ndarray of shape (rows,)
        Weighted derivative of what is said by z.
    owner : ndarray of shape (rows,)

    References
    ----------
    Liang and Zeger, "Longitudinal data analysis using generalized linear models", Biometrika 73 (1986).
    """
    centre = float(np.average(z, weights=curvature))
    pulls = np.column_stack([np.bincount(owner, miss), np.bincount(owner, miss * (z - centre))])
    spread = float(curvature @ (z - centre) ** 2)
    level = float(curvature.sum())
    meat = pulls.T @ pulls
    if np.ptp(z) < 1e-9:
        return centre, float(meat[0, 0]) / level**2, 0.0, 0.0
    return (
        centre,
        float(meat[0, 0]) / level**2,
        float(meat[1, 1]) / spread**2,
        float(meat[0, 1]) / (level * spread),
    )


def beyond_chance(
    observed: Floats, said: Floats, owner: NDArray[np.intp], cells: Sequence[NDArray[np.intp]]
) -> float:
    """Variance of observed over said between cells, less what chance makes of it; not below zero.

    Parameters
    ----------
    observed, said : ndarray of shape (rows,)
        Weighted.
    owner : ndarray of shape (rows,)
        The account of each row: rows of one account are not independent.
    cells : sequence of ndarray of shape (rows,)
        Ways to put rows into cells, whose variances are added.

    References
    ----------
    DerSimonian and Laird, "Meta-analysis in clinical trials", Controlled Clinical Trials 7 (1986).
    """
    return sum(_excess(observed, said, owner, cell) for cell in cells)


def tenths(z: Floats) -> NDArray[np.intp]:
    """Cells of equal numbers of rows by score; equal scores share one."""
    edges = np.unique(np.quantile(z, np.arange(1, TENTHS) / TENTHS))
    return np.searchsorted(edges, z, side="right").astype(np.intp)


def _excess(observed: Floats, said: Floats, owner: NDArray[np.intp], cell: NDArray[np.intp]) -> float:
    _, cell = np.unique(cell, return_inverse=True)
    expected = np.bincount(cell, said)
    if len(expected) < FEWEST_CELLS:
        return 0.0
    pairs, place = np.unique(np.column_stack([owner, cell]), axis=0, return_inverse=True)
    sums = np.bincount(place.ravel(), observed - said)
    noise = np.bincount(pairs[:, 1], sums**2, minlength=len(expected)) / expected**2
    ratio = (np.bincount(cell, observed) - expected) / expected
    # A cell in which nothing happened by chance would else look certain.
    precision = 1 / np.maximum(noise, np.median(noise) / 4 + 1e-12)
    mean = float(precision @ ratio / precision.sum())
    q = float(precision @ (ratio - mean) ** 2)
    scale = float(precision.sum() - (precision**2).sum() / precision.sum())
    return max(0.0, (q - (len(expected) - 1)) / scale)
