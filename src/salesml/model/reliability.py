"""What is said against what came true, and where the outcomes stand in the list: the tables behind plots."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from salesml.model.metrics import Floats


@dataclass(frozen=True)
class Bin:
    """One line of the reliability table: rows of like probability, and how often it came true."""

    rows: int
    mean_p: float
    observed: float
    low: float
    high: float


def reliability(y: NDArray[np.int8], p: Floats, weight: Floats, codes: NDArray[np.intp]) -> tuple[Bin, ...]:
    """Ten bins of equal mass, with Wilson's interval for the observed rate, by Kish's effective number of
    rows where they count differently."""
    found = []
    for code in np.unique(codes):
        here = codes == code
        heavy = weight[here]
        rate, mean = float(np.average(y[here], weights=heavy)), float(np.average(p[here], weights=heavy))
        low, high = wilson(rate, float(heavy.sum() ** 2 / (heavy**2).sum()))
        found.append(Bin(int(here.sum()), mean, rate, low, high))
    return tuple(found)


def wilson(rate: float, rows: float) -> tuple[float, float]:
    """Wilson's 95 % interval of a rate that was observed in so many rows."""
    z2 = 1.96**2
    middle = (rate + z2 / (2 * rows)) / (1 + z2 / rows)
    half = np.sqrt(rate * (1 - rate) * z2 / rows + z2**2 / (4 * rows**2)) / (1 + z2 / rows)
    return max(0.0, float(middle - half)), min(1.0, float(middle + half))


def curve(y: NDArray[np.int8], p: Floats, weight: Floats) -> tuple[tuple[float, float], ...]:
    """Share of the list, share of the positives in it, at every hundredth."""
    order = np.argsort(-p, kind="stable")
    reached = np.r_[0.0, np.cumsum(weight[order])]
    found = np.r_[0.0, np.cumsum((weight * y)[order])]
    shares = np.linspace(0, 1, 101)
    gains = np.interp(shares * reached[-1], reached, found) / found[-1]
    return tuple(zip(shares.tolist(), gains.tolist(), strict=True))


def histogram(y: NDArray[np.int8], p: Floats) -> tuple[tuple[float, float, int, int], ...]:
    """Probability from, to, and the rows without and with the outcome."""
    edges = np.linspace(0, 1, 26)
    negative, _ = np.histogram(p[y == 0], edges)
    positive, _ = np.histogram(p[y == 1], edges)
    return tuple(
        (float(low), float(high), int(no), int(yes))
        for low, high, no, yes in zip(edges[:-1], edges[1:], negative, positive, strict=True)
    )
