"""The Tweedie deviance: a proper score for the mean of an amount that is skewed and often zero.

Any deviance of this family is least in expectation at the true mean, whatever the distribution; the power
of 1.5, between counts and sums of log-normal size, only decides how much large amounts weigh.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

Floats = NDArray[np.float64]

POWER = 1.5
"""Between 1, where zeros and counts fit, and 2, where a mean of zero is impossible."""
PULL = 5.0
"""How strongly the weights of parts are drawn to being equal: as much as some twenty rows would."""
LEAST = 0.15
"""A part that counts less than this is left out."""


def deviance(amount: Floats, mean: Floats) -> Floats:
    """The unit deviance of each amount; 0 where the mean says it exactly.

    Parameters
    ----------
    amount : ndarray of shape (rows,)
        Not below zero.
    mean : ndarray of shape (rows,)
        Above zero.

    References
    ----------
    Jørgensen, "Exponential dispersion models", Journal of the Royal Statistical Society B 49 (1987).
    """
    return 4.0 * (np.sqrt(mean) + amount / np.sqrt(mean) - 2.0 * np.sqrt(amount))


def slope(amount: Floats, score: Floats) -> Floats:
    """The derivative of half the deviance by the logarithm of the mean."""
    return np.asarray(np.exp(score / 2) - amount * np.exp(-score / 2))


def blend(scores: Floats, amount: Floats, weight: Floats) -> Floats:
    """Weights of the parts of a model that sum to one: those of the least deviance, drawn to equal ones.

    Parameters
    ----------
    scores : ndarray of shape (parts, rows)
        Logarithms of means, of rows that the parts had not seen.
    amount, weight : ndarray of shape (rows,)
        Amounts are scaled to a mean of about 1.
    """
    used = list(range(len(scores)))
    while True:
        found = _weights(scores[used], amount, weight * (len(weight) / weight.sum()))
        if len(used) == 1 or found.min() >= LEAST:
            break
        used.pop(int(np.argmin(found)))
    result = np.zeros(len(scores))
    result[used] = found
    return result


def _weights(scores: Floats, amount: Floats, weight: Floats) -> Floats:
    parts = len(scores)
    equal = np.full(parts, 1 / parts)
    if parts == 1:
        return equal
    moved = scores - np.average(scores, axis=1, weights=weight)[:, None]

    def cost(at: Floats) -> tuple[float, Floats]:
        away = at[:parts] - equal
        z = np.clip(at[:parts] @ moved + at[parts], -30.0, 30.0)
        miss = weight * slope(amount, z)
        loss = float(weight @ (2 * np.exp(z / 2) + 2 * amount * np.exp(-z / 2)))
        return loss + 0.5 * PULL * float(away @ away), np.append(moved @ miss + PULL * away, miss.sum())

    bounds = [(0.0, None)] * parts + [(None, None)]
    found = minimize(cost, np.append(equal, 0.0), jac=True, method="L-BFGS-B", bounds=bounds).x[:parts]
    total = float(found.sum())
    return found / total if total > 0 else equal
