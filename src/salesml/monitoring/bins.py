"""A column as shares of bins, and how far two of them are apart: the population stability index.

Bins are tenths of the reference rows; what is missing has one of its own, as has each level.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

TENTHS = 10
LEVELS = 15
"""Levels that have a bin of their own; the others share one."""
HALF_A_ROW = 0.5
"""Is added to each bin, so that an empty one leaves the index finite."""


@dataclass(frozen=True)
class Bins:
    """Where the bins of one column lie.

    Parameters
    ----------
    edges : ndarray
        Of a number: where its bins end. Of a category: empty.
    codes : tuple of int
        Of a category: codes of the levels with a bin of their own.
    """

    edges: Floats
    codes: tuple[int, ...] = ()

    @classmethod
    def of_numbers(cls, column: Floats) -> Bins:
        """Tenths of a reference; a value that many share stands alone."""
        known = column[~np.isnan(column)]
        if not len(known):
            return cls(np.empty(0))
        cuts = np.unique(np.quantile(known, np.arange(1, TENTHS) / TENTHS, method="inverted_cdf"))
        least = known.min()
        return cls(np.unique(np.concatenate([cuts[cuts > least], [np.nextafter(least, np.inf)]])))

    @classmethod
    def of_codes(cls, column: Floats, levels: int) -> Bins:
        """The most frequent levels of a reference."""
        counts = np.bincount(column[~np.isnan(column)].astype(np.intp), minlength=levels)
        most = np.argsort(-counts, kind="stable")[:LEVELS]
        return cls(np.empty(0), tuple(sorted(int(code) for code in most)))

    def shares(self, column: Floats, *, category: bool) -> Floats:
        """The share of each bin, what is missing last."""
        missing = np.isnan(column)
        known = column[~missing]
        if category:
            place = np.full(int(max([*self.codes, *known], default=0)) + 1, len(self.codes))
            place[list(self.codes)] = np.arange(len(self.codes))
            counts = np.bincount(place[known.astype(np.intp)], minlength=len(self.codes) + 1)
        else:
            at = np.searchsorted(self.edges, known, side="right")
            counts = np.bincount(at, minlength=len(self.edges) + 1)
        counted = np.append(counts.astype(np.float64), float(missing.sum()))
        result: Floats = counted / max(len(column), 1)
        return result


def stability(
    then: Floats, now: Floats, rows_then: int, rows_now: int, starts: NDArray[np.intp] | None = None
) -> Floats:
    """The population stability index of shares ``now`` against ``then``, of one column or of many.

    Parameters
    ----------
    then, now : ndarray of shape (bins,)
        Shares of the bins of all columns, one after the other; those of a column add up to 1.
    starts : ndarray, optional
        Where the bins of each column begin; one column when left out.

    Returns
    -------
    ndarray of shape (columns,)

    References
    ----------
    Siddiqi, "Credit Risk Scorecards" (2006); bins are smoothed by half a row.
    """
    starts = np.zeros(1, dtype=np.intp) if starts is None else starts
    widths = np.diff(np.append(starts, len(then)))
    bins = np.repeat(widths, widths)
    was = (then * rows_then + HALF_A_ROW) / (rows_then + HALF_A_ROW * bins)
    is_ = (now * rows_now + HALF_A_ROW) / (rows_now + HALF_A_ROW * bins)
    found: Floats = np.add.reduceat((is_ - was) * np.log(is_ / was), starts)
    return found
