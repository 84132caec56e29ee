"""How much each part of the model counts, from what the parts said of rows they had not seen."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.special import expit, logit

Floats = NDArray[np.float64]

PULL = 5.0
"""How strongly the weights are drawn to being equal: as much as some twenty rows would."""
LEAST = 0.15
"""A part that counts less than this is left out: its trees would cost more than they bring."""


def blend(scores: Floats, y: NDArray[np.int8], weight: Floats) -> Floats:
    """Weights of the parts that sum to one; zero for parts that bring nothing.

    The log loss of ``Σ wᵢ scoreᵢ + b`` is minimised over w ≥ 0, drawn to equal weights.

    Parameters
    ----------
    scores : ndarray of shape (parts, rows)
        Raw scores of rows that the parts had not seen.
    y, weight : ndarray of shape (rows,)

    Returns
    -------
    ndarray of shape (parts,)

    References
    ----------
    Wolpert, "Stacked generalization", Neural Networks 5 (1992); Breiman, "Stacked regressions", Machine
    Learning 24 (1996), for weights that are not negative.
    """
    used = list(range(len(scores)))
    while True:
        found = _weights(scores[used], y, weight * (len(weight) / weight.sum()))
        if len(used) == 1 or found.min() >= LEAST:
            break
        used.pop(int(np.argmin(found)))
    result = np.zeros(len(scores))
    result[used] = found
    return result


def _weights(scores: Floats, y: NDArray[np.int8], weight: Floats) -> Floats:
    parts = len(scores)
    equal = np.full(parts, 1 / parts)
    if parts == 1:
        return equal
    moved = scores - np.average(scores, axis=1, weights=weight)[:, None]

    def cost(at: Floats) -> tuple[float, Floats]:
        away = at[:parts] - equal
        z = at[:parts] @ moved + at[parts]
        miss = weight * (expit(z) - y)
        loss = float(weight @ (np.logaddexp(0.0, z) - y * z)) + 0.5 * PULL * float(away @ away)
        return loss, np.append(moved @ miss + PULL * away, miss.sum())

    start = np.append(equal, logit(np.average(y, weights=weight)))
    bounds = [(0.0, None)] * parts + [(None, None)]
    found = minimize(cost, start, jac=True, method="L-BFGS-B", bounds=bounds).x[:parts]
    total = float(found.sum())
    return found / total if total > 0 else equal
