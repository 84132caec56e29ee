"""Which period of a metric is looked at first: the newest whole one."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from salesml.scorecard.periods import PeriodKind

FIRST: tuple[PeriodKind, ...] = ("quarter", "year", "month", "all")
"""Of the company: short enough to be of now, long enough to hold cases."""

PEERS: tuple[PeriodKind, ...] = ("year", "all", "quarter", "month")
"""Of teams and reps, who have fewer cases each."""


def newest(figures: pd.DataFrame, kinds: Sequence[PeriodKind]) -> tuple[str, pd.Timestamp] | None:
    """Kind and start of the newest whole period with a value, of the first kind that has one.

    Parameters
    ----------
    figures : DataFrame
        Of one metric and level.
    """
    there = figures[figures["complete"] & figures["value"].notna()]
    for some in (there[(there["lacks"] == "") & (there["verdict"] != "too few")], there):
        for kind in kinds:
            starts = some.loc[some["kind"] == kind, "start"]
            if len(starts):
                return kind, starts.max()
    return None


def at(figures: pd.DataFrame, period: tuple[str, pd.Timestamp] | None) -> pd.DataFrame:
    """The rows of a period."""
    if period is None:
        return figures.iloc[:0]
    return figures[(figures["kind"] == period[0]) & (figures["start"] == period[1])]
