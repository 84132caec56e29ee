"""From the raw score of a model of an amount to the logarithm of the mean: rising, and nearly straight."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from salesml.model.tweedie import deviance, slope

Floats = NDArray[np.float64]

KNOTS = (0.0, 0.1, 0.35, 0.65, 0.9, 1.0)
"""Shares of the rows, by raw score, between which the line may have slopes of its own."""
PULL = 10.0
"""How strongly the slopes are drawn to that of one straight line: as much as some rows per slope."""
LEAST = 0.1
"""No slope is less than this share of the straight line's: ranks survive."""


@dataclass(frozen=True)
class Curve:
    """A rising line through a few points, level beyond the first and the last.

    Parameters
    ----------
    raw, log_mean : tuple of float
        The points, rising; one point for one mean.
    """

    raw: tuple[float, ...]
    log_mean: tuple[float, ...]

    def __call__(self, raw: Floats) -> Floats:
        """Logarithm of the mean of each row."""
        return np.asarray(np.interp(raw, self.raw, self.log_mean))

    def moved(self, by: float) -> Curve:
        """The same in another unit."""
        return Curve(self.raw, tuple(each + by for each in self.log_mean))

    @property
    def sound(self) -> bool:
        """Whether it is one that a model can have."""
        points = len(self.raw) == len(self.log_mean) > 0
        finite = bool(np.isfinite([*self.raw, *self.log_mean]).all())
        return points and finite and _rises(self.raw) and _rises(self.log_mean)


def _rises(values: tuple[float, ...]) -> bool:
    return all(left < right for left, right in pairwise(values))


def straight(raw: Floats, amount: Floats, weight: Floats) -> float:
    """The slope of the line of least deviance; at most 0 where the scores say nothing."""
    x = raw - float(np.average(raw, weights=weight))
    a, b = 1.0, float(np.log(np.average(amount, weights=weight)))
    for _ in range(100):
        z = np.clip(a * x + b, -30.0, 30.0)
        said = weight * np.exp(z / 2)
        miss = -weight * slope(amount, z)
        across = float(said @ x)
        curvature = np.array([[float(said @ x**2) + 1e-9, across], [across, float(said.sum())]])
        step = np.linalg.solve(curvature, np.array([float(miss @ x), float(miss.sum())]))
        step *= min(1.0, 1.0 / max(float(np.abs(step).max()), 1e-12))
        a, b = a + float(step[0]), b + float(step[1])
        if np.abs(step).max() < 1e-10:
            break
    return a


def calibrate(raw: Floats, amount: Floats, weight: Floats) -> Curve | None:
    """The curve of least deviance, drawn to a straight line, that gives the total.

    Returns None where higher scores do not go with greater amounts.

    Parameters
    ----------
    raw : ndarray of shape (rows,)
        Scores of rows that the model had not seen.
    amount, weight : ndarray of shape (rows,)
        Amounts are scaled to a mean of about 1.
    """
    a = straight(raw, amount, weight)
    knots = np.unique(np.quantile(raw, KNOTS))
    if a <= 0 or len(knots) < 2:
        return None
    widths = np.diff(knots)
    parts = np.clip(raw[:, None] - knots[:-1], 0.0, widths)
    level = float(np.log(np.average(amount, weights=weight)))
    noise = float(np.average(deviance(amount, np.exp(np.full(len(raw), level))), weights=weight))

    def cost(at: Floats) -> tuple[float, Floats]:
        z = np.clip(a * (parts @ at[:-1]) + at[-1], -30.0, 30.0)
        miss = weight * slope(amount, z)
        loss = float(weight @ (2 * np.exp(z / 2) + 2 * amount * np.exp(-z / 2)))
        away = at[:-1] - 1.0
        pull = 0.5 * PULL * noise * float(away @ away)
        return loss + pull, np.append(a * (miss @ parts) + PULL * noise * away, miss.sum())

    start = np.append(np.ones(len(widths)), level - a * float(np.average(parts.sum(axis=1), weights=weight)))
    bounds = [(LEAST, None)] * len(widths) + [(None, None)]
    found = minimize(cost, start, jac=True, method="L-BFGS-B", bounds=bounds).x
    rising = np.append(0.0, np.cumsum(a * found[:-1] * widths))
    unscaled = Curve(tuple(knots.tolist()), tuple(rising.tolist()))
    said = float(weight @ np.exp(unscaled(raw)))
    return unscaled.moved(float(np.log(weight @ amount / said)))
