"""Intervals between horizons, and the rows that hazards are learned from: one per row and interval.

References
----------
Singer and Willett, "It's about time: using discrete-time survival analysis to study duration and the timing
of events", Journal of Educational Statistics 18 (1993).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from salesml.model.survival.times import Times

Floats = NDArray[np.float64]

FEWEST = 20
"""Accounts that must have left in an interval, and that must have stayed, for it to stand alone."""


@dataclass(frozen=True)
class Periods:
    """Rows once for each interval that they tell of.

    Parameters
    ----------
    row, interval : ndarray of shape (periods,)
        Whose period it is, and of which interval.
    left : ndarray of shape (periods,)
        1 where the row left in it, else 0.
    weight : ndarray of shape (periods,)
        The row's weight times the part of the interval that it tells of.
    """

    row: NDArray[np.intp]
    interval: NDArray[np.intp]
    left: NDArray[np.int8]
    weight: Floats

    @classmethod
    def of(cls, times: Times, horizons: Sequence[int], weight: Floats) -> Periods:
        """All periods, interval after interval."""
        rows, intervals, left, weights = [], [], [], []
        for place, (start, end) in enumerate(spans(horizons)):
            told = times.exposure(start, end) * weight
            used = np.flatnonzero(told > 0)
            rows.append(used)
            intervals.append(np.full(len(used), place))
            left.append(times.gone(end)[used])
            weights.append(told[used])
        return cls(
            np.concatenate(rows), np.concatenate(intervals),
            np.concatenate(left).astype(np.int8), np.concatenate(weights),
        )  # fmt: skip

    def where(self, mask: NDArray[np.bool_]) -> Periods:
        """The periods where a mask is true."""
        return Periods(self.row[mask], self.interval[mask], self.left[mask], self.weight[mask])


def spans(horizons: Sequence[int]) -> list[tuple[int, int]]:
    """Start and end of each interval, in days."""
    return list(zip((0, *horizons[:-1]), horizons, strict=True))


def reach(times: Times, horizons: Sequence[int], owner: NDArray[np.intp]) -> int:
    """The longest horizon up to which enough accounts were watched; 0 for none."""
    found = 0
    for start, end in spans(horizons):
        if len(np.unique(owner[times.exposure(start, end) >= 1])) < 2 * FEWEST:
            break
        found = end
    return found


def strong_enough(
    times: Times, horizons: Sequence[int], owner: NDArray[np.intp], anchor: int = 0
) -> tuple[tuple[int, ...], dict[int, int]]:
    """The horizons whose intervals can be learned, and those left out with the accounts that left there.

    An interval with too few is joined with the next one, the last one is left out; ``anchor`` always stays.
    """
    kept = list(horizons)
    out: dict[int, int] = {}
    while True:
        counts = [_fewer(times, span, owner) for span in spans(kept)]
        weak = [place for place, count in enumerate(counts) if count < FEWEST and _which(kept, place, anchor)]
        if not weak or len(kept) == 1:
            return tuple(kept), dict(sorted(out.items()))
        dropped = _which(kept, weak[-1], anchor)
        out[dropped] = counts[weak[-1]]
        kept.remove(dropped)


def _fewer(times: Times, span: tuple[int, int], owner: NDArray[np.intp]) -> int:
    """Accounts that left in an interval or, where they are fewer, that stayed."""
    told, gone = times.exposure(*span) > 0, times.gone(span[1])
    return min(len(np.unique(owner[told & gone])), len(np.unique(owner[told & ~gone])))


def _which(horizons: Sequence[int], place: int, anchor: int) -> int:
    """The horizon to leave out so that an interval grows; 0 for none."""
    if horizons[place] != anchor:
        return horizons[place]
    before = horizons[place - 1] if place else 0
    return 0 if before == anchor else before
