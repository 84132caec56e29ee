"""What a prospect is expected to bring: its chance times the mean amount once won, with an interval.

The interval is one of the expectation, never of the single outcome: most prospects bring nothing, and a few
far more than any interval holds. It is meant to cover, in 95 of 100 cases, the mean that prospects of such
a chance and such an amount bring, on dates like those of training. It counts what both calibrations were
estimated from, differences between tenths of the scores and between dates beyond chance, and, for the
amount, how much models that lack a fifth of the rows disagree. It does not count what no column tells, nor
a change of the market after training.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import expit, logit

from salesml.model.uncertainty import Uncertainty, beyond_chance, of_line, tenths

Floats = NDArray[np.float64]

SURE = 1.959964
"""Standard errors either way that hold 95 %."""


def chance_uncertainty(
    y: NDArray[np.int8],
    p: Floats,
    weight: Floats,
    groups: ArrayLike,
    as_of: ArrayLike | None = None,
) -> Uncertainty:
    """How far calibrated log-odds may be off, from probabilities of rows that the model had not seen.

    Parameters
    ----------
    y : ndarray of shape (rows,)
        1 for the outcome, else 0.
    p : ndarray of shape (rows,)
        Calibrated probabilities.
    groups : array of shape (rows,)
        The account of each row.
    as_of : array of shape (rows,), optional
        The as-of date of each row.
    """
    p = np.clip(p, 1e-9, 1 - 1e-9)
    owner = np.unique(np.asarray(groups), return_inverse=True)[1]
    z = logit(p)
    centre, level, slope, cross = of_line(z, weight * (y - p), weight * p * (1 - p), owner)
    dates = [] if as_of is None else [np.unique(np.asarray(as_of), return_inverse=True)[1]]
    between = beyond_chance(weight * y, weight * p, owner, [tenths(z), *dates])
    return Uncertainty(centre=centre, level=level, slope=slope, cross=cross, between=between)


def interval(
    log_odds: Floats, log_mean: Floats, chance: Uncertainty, log_mean_variance: Floats
) -> tuple[Floats, Floats, Floats]:
    """Chance times mean amount, and its 95 % interval.

    The two are estimated from different sums, the amount from the won alone, and count as independent.

    Parameters
    ----------
    log_odds, log_mean : ndarray of shape (rows,)
        Of the calibrated chance, and of the mean amount once won.
    chance : Uncertainty
        Of the log-odds.
    log_mean_variance : ndarray of shape (rows,)

    Returns
    -------
    expected, low, high : ndarray of shape (rows,)
    """
    p = expit(log_odds)
    # d log p = (1 - p) d log-odds.
    variance = (1 - p) ** 2 * chance.line(log_odds) + chance.between + log_mean_variance
    expected = p * np.exp(log_mean)
    factor = np.exp(SURE * np.sqrt(variance))
    return expected, expected / factor, expected * factor
