"""How large a part of the best customers a list holds, read off the top of a ranking."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from salesml.model.bootstrap import Estimate

Floats = NDArray[np.float64]

CUTS = 40
"""Places at which the ranking may be cut, at equal numbers of seeds."""
FEWEST = 10
"""Seeds above a cut, at least, where there are as many."""
BOUND = 3.0
"""Standard errors of the interval: more than 1.96, because the cut with the best bound is chosen on the same
rows among many, and because learned scores gather lucky rows at the top more than made ones do. Bootstrap
percentiles are far too narrow: resampling favours lucky cuts once more."""


@dataclass(frozen=True)
class Region:
    """The top of a ranking in which seeds are densest.

    Parameters
    ----------
    rows, seeds : int
    share : Estimate
        Seeds among its rows: the label frequency, if all of them are positive; else less than it.
    threshold : float
        Its least score.
    """

    rows: int
    seeds: int
    share: Estimate
    threshold: float


def densest_region(seed: NDArray[np.int8], score: Floats) -> Region:
    """The top of the ranking whose share of seeds is largest even when taken low.

    A row is a seed with probability P(seed | positive) · P(positive | row), so the share of seeds in any
    region is at most the label frequency P(seed | positive), and reaches it where all are positive.

    Parameters
    ----------
    seed : ndarray of shape (rows,)
        1 for a seed, else 0.
    score : ndarray of shape (rows,)
        Scores by models that have not seen the row: on rows that were learned from, seeds stand at the top
        because the model remembers them.

    References
    ----------
    Elkan and Noto, "Learning classifiers from only positive and unlabeled data", KDD (2008), for the
    frequency; Garg et al., "Mixture proportion estimation and PU learning: a modern approach", NeurIPS
    (2021), for choosing the cut by a confidence bound (best bin estimation); Wilson, Journal of the American
    Statistical Association 22 (1927), for the bound.
    """
    order = np.argsort(-score, kind="stable")
    ranked, found = score[order], np.cumsum(seed[order])
    total = int(found[-1])
    wanted = np.unique(np.linspace(min(FEWEST, total), total, CUTS).round().astype(np.intp))
    reached = np.searchsorted(found, wanted)
    rows = np.searchsorted(-ranked, -ranked[reached], side="right")  # equal scores stay together
    shares = found[rows - 1] / rows
    low, high = wilson(shares, rows, BOUND)
    best = int(np.argmax(low))
    size = int(rows[best])
    return Region(
        rows=size,
        seeds=int(found[size - 1]),
        share=Estimate(float(shares[best]), float(low[best]), float(high[best])),
        threshold=float(ranked[size - 1]),
    )


def wilson(share: Floats, rows: NDArray[np.intp], z: float) -> tuple[Floats, Floats]:
    """Wilson's interval of shares, ``z`` standard errors to either side."""
    middle = (share + z**2 / (2 * rows)) / (1 + z**2 / rows)
    half = z * np.sqrt(share * (1 - share) / rows + (z / (2 * rows)) ** 2) / (1 + z**2 / rows)
    low, high = np.maximum(middle - half, 0.0), np.minimum(middle + half, 1.0)
    return np.where(share == 0, 0.0, low), np.where(share == 1, 1.0, high)
