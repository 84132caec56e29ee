"""What makes revenue cost more than it seems: figures of a rep worse than those of all, not by luck."""

from __future__ import annotations

import pandas as pd

WATCHED = {
    "early_defection": "new customers leave early",
    "discount": "high discounts",
    "margin_rate": "a low margin of revenue",
    "overtime": "much overtime",
    "sick_days": "many sick days",
}
"""Metrics, and what a reader calls them where they are worse."""

HANGS = 2.0
"""Times the even share of all reps' revenue from which on revenue hangs on one person."""


def weak_points(figures: pd.DataFrame, revenue: pd.Series) -> list[str]:
    """In words, for each rep of ``revenue``; empty where there is none.

    Parameters
    ----------
    figures : DataFrame
        Of :func:`salesml.scorecard.figures.figures`; only verdicts over all of the time count.
    revenue : Series
        Of each rep, by id.
    """
    worse = figures[
        (figures["verdict"] == "worse") & (figures["kind"] == "all") & (figures["level"] == "rep")
    ]
    by_rep = worse.groupby("id")["metric"].agg(set).to_dict()
    even = float(revenue.sum()) / max(len(revenue), 1)
    found = []
    for rep, amount in revenue.items():
        mine = by_rep.get(rep, set())
        named = [words for metric, words in WATCHED.items() if metric in mine]
        if amount >= HANGS * even:
            named.append("revenue that hangs on this one person")
        found.append(", ".join(named))
    return found
