"""How many rows an AUC needs to be known well enough, computed instead of quoted."""

from __future__ import annotations

import math

HALF_WIDTH = 0.05
"""An AUC counts as known when its 95 % interval reaches this far to either side."""


def auc_error(auc: float, positives: int, negatives: int) -> float:
    """Standard error of an AUC.

    References
    ----------
    Hanley and McNeil, "The meaning and use of the area under a receiver operating characteristic (ROC)
    curve", Radiology 143 (1982).
    """
    q1, q2 = auc / (2 - auc), 2 * auc**2 / (1 + auc)
    spread = auc * (1 - auc) + (positives - 1) * (q1 - auc**2) + (negatives - 1) * (q2 - auc**2)
    return math.sqrt(max(spread, 0.0) / (positives * negatives))


def needed_rows(rate: float, auc: float = 0.7, half_width: float = HALF_WIDTH) -> int:
    """Rows that an AUC needs for its 95 % interval to reach no further than ``half_width``.

    Parameters
    ----------
    rate : float
        Share of rows with the outcome; 0 and 1, of which nothing is known, count as 1 % and 99 %.
    auc : float
        The AUC that is expected.
    """
    rate = rate if 0 < rate < 1 else min(max(rate, 0.01), 0.99)
    low, high = 2, 2
    while _half_width(high, rate, auc) > half_width:
        low, high = high, high * 2
    while high - low > max(1, low // 50):
        middle = (low + high) // 2
        low, high = (low, middle) if _half_width(middle, rate, auc) <= half_width else (middle, high)
    return high


def two_digits(rows: float) -> int:
    """A number of rows to two leading digits, upwards: more would pretend to know."""
    size = 10 ** max(0, len(str(int(rows))) - 2)
    return int(-(-rows // size) * size)


def _half_width(rows: int, rate: float, auc: float) -> float:
    positives = max(1, round(rows * rate))
    return 1.96 * auc_error(auc, positives, max(1, rows - positives))
