"""Which features moved more from one date to the next than they ever did in the company's own past."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from salesml.monitoring.dated import Dated, first_since
from salesml.monitoring.family import holm, of_a_look
from salesml.monitoring.finding import Finding
from salesml.monitoring.moved import WHEN, moved
from salesml.monitoring.profile import LAGS, Profile, Ruler, steps
from salesml.monitoring.usual import Usual, usual_of

MATTERS = 0.1
"""An index below this raises no alarm however unusual it is: the field's limit of a moderate shift."""

SEVERE = 0.25
"""With a past too short to say what is usual, only an index above this does: the field's limit of a severe
shift."""

TWICE = 2.0
"""And twice as large as any before it."""

EMPTIED = 0.05
"""With such a change of the share of missing values it is rather the table than the customers."""

Judged = tuple[int, float, Usual | None, float | None]
"""Lag, index, what is usual of its root, p-value."""


def watch_features(
    grid: Sequence[Dated], profiles: Sequence[Profile], ruler: Ruler, looks: int
) -> list[Finding]:
    """One finding for each watched feature, of the comparison that is least usual.

    Parameters
    ----------
    grid : sequence of Dated
        One date a month without a gap, the newest last.
    profiles : sequence of Profile
        Of the same dates.
    """
    judged = judge(profiles, [first_since(grid, column.since) for column in ruler.columns])
    places = [place for place, column in enumerate(ruler.columns) if column.watched]
    alpha = of_a_look("features", looks) / len(LAGS)
    beyond = holm([one[3] if (one := judged[place]) else None for place in places], alpha)
    return [
        _finding(grid, ruler, place, one, unusual, alpha / len(places))
        for place, unusual in zip(places, beyond, strict=True)
        if (one := judged[place])
    ]


def judge(profiles: Sequence[Profile], first: Sequence[int] = ()) -> list[Judged | None]:
    """The least usual comparison of each column, and at the end of the probabilities.

    Parameters
    ----------
    profiles : sequence of Profile
        One a month, the newest last.
    first : sequence of int, optional
        For each column the place of the first date that counts.

    Returns
    -------
    list
        None for a column with nothing to be compared with.
    """
    found: list[Judged | None] = [None] * len(profiles[-1].starts)
    begins = [*first, *[0] * (len(found) - len(first))]
    for lag in LAGS:
        if len(profiles) <= lag:
            continue
        indices = steps(profiles, lag)
        for place, column in enumerate(indices.T):
            column = column[begins[place] :]
            if not len(column):
                continue
            least = 0.5 / np.sqrt(min(each.rows for each in profiles))
            # The root of an index is as a distance: its spread does not grow with it.
            usual = usual_of(np.sqrt(column[:-1]), least)
            p = usual.p_above(float(np.sqrt(column[-1]))) if usual else None
            if usual is None and column[-1] < TWICE * max(column[:-1], default=0.0):
                p = 1.0  # it moved so before, as the time since the first order always does
            each = (lag, float(column[-1]), usual, p)
            found[place] = min((one for one in (found[place], each) if one), key=_unlikely)
    return found


def _unlikely(judged: Judged) -> tuple[float, float]:
    _, index, _, p = judged
    return (1.0 if p is None else p, -index)


def alarming(judged: Judged, unusual: bool) -> bool:
    """Whether an index is unusual and matters, or, where nobody knows what is usual, severe."""
    _, index, usual, p = judged
    return unusual and index >= MATTERS if usual else p is None and index >= SEVERE


def limits(judged: Judged, alpha: float) -> tuple[float | None, float | None, float]:
    """Of an index: where 95 of 100 usual ones lie, and from where on it raises an alarm."""
    usual = judged[2]
    if usual is None:
        return None, None, SEVERE
    low, high = (max(root, 0.0) ** 2 for root in usual.interval)
    return low, high, max(MATTERS, max(usual.above(alpha), 0.0) ** 2)


def _finding(
    grid: Sequence[Dated], ruler: Ruler, place: int, judged: Judged, unusual: bool, alpha: float
) -> Finding:
    lag, index, usual, p = judged
    before, now = grid[-1 - lag], grid[-1]
    low, high, threshold = limits(judged, alpha)
    beside = f"usual up to {high:.2f}" if high is not None else "what is usual is not known yet"
    column = ruler.columns[place]
    emptied = abs(_missing(now, place) - _missing(before, place)) >= EMPTIED
    return Finding(
        as_of=now.as_of, check="missing" if emptied else "feature", feature=column.name,
        since=before.as_of, rows=len(now),
        value=index, usual_low=low, usual_high=high, threshold=threshold, p_value=p if usual else None,
        alarm=alarming(judged, unusual),
        sentence=f"{moved(column, place, before, now)} {WHEN[lag]} (stability index {index:.2f}, {beside})",
    )  # fmt: skip


def _missing(date: Dated, place: int) -> float:
    return float(np.isnan(date.coded[:, place]).mean())
