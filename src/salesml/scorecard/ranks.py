"""Ranks of reps with intervals, only where reps differ by more than luck; otherwise a sentence that says so.

Source: Goldstein and Spiegelhalter, *League Tables and Their Limitations*, JRSS A 159 (1996).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from salesml.scorecard.cells import NOBODY
from salesml.scorecard.estimate import TAIL, Z
from salesml.scorecard.metric import Metric
from salesml.scorecard.records import records
from salesml.words import numbers

Floats = NDArray[np.float64]

DRAWS = 2000

COLUMNS = ("metric", "level", "kind", "start", "id", "rank", "rank_low", "rank_high", "ranked", "words")

NONE = {
    "luck": "{peers} differ in this by no more than luck: the data bear no ranking",
    "not compared": "Nothing says how much of the differences between {peers} is luck: they are not ranked",
}


def drawn_ranks(value: Floats, low: Floats, high: Floats) -> Floats:
    """Median rank of each, 1 for the lowest value, with its 90 % interval: shape (reps, 3).

    Parameters
    ----------
    value, low, high : ndarray of shape (reps,)
        What is believed of each, and its 90 % interval.
    """
    # Two halves of normal curves: beliefs about rare cases lean to one side.
    draws = np.random.default_rng(0).standard_normal((DRAWS, len(value)))
    believed = value + draws / Z * np.where(draws > 0, high - value, value - low)
    ranks = believed.argsort(axis=1).argsort(axis=1) + 1
    found: Floats = np.quantile(ranks, [0.5, TAIL, 1 - TAIL], axis=0, method="nearest").T.astype(float)
    return found


def ranks(figures: pd.DataFrame, metrics: Iterable[Metric]) -> pd.DataFrame:
    """Of each metric with a good direction, over the longest time for which there are figures of reps.

    Parameters
    ----------
    figures : DataFrame
        Of :func:`salesml.scorecard.figures.figures`.

    Returns
    -------
    DataFrame
        ``metric, level, kind, start, id, rank`` (the median; 1 is best), ``rank_low``, ``rank_high``,
        ``ranked`` (how many), ``words``. Where reps, or teams, differ by no more than luck, one row without
        ``id`` says so.
    """
    good = {metric.name: metric.good for metric in metrics if metric.good}
    peers = figures[figures["level"].isin(["rep", "team"]) & (figures["id"] != NOBODY)]
    peers = peers[
        peers["metric"].isin(list(good)) & peers["shrunk"].notna() & (peers["verdict"] != "too few")
    ]
    parts = [
        _ranked(_longest(group), good[str(name)])
        for (name, _), group in peers.groupby(["metric", "level"], sort=False)
    ]
    if not parts:
        return pd.DataFrame(columns=list(COLUMNS))
    return pd.concat(parts, ignore_index=True)


def _longest(group: pd.DataFrame) -> pd.DataFrame:
    """All of the time where there is such a figure, otherwise the newest whole year, quarter or month."""
    found: pd.DataFrame = group.iloc[:0]
    for kind in ("month", "quarter", "year", "all"):
        here = group[(group["kind"] == kind) & group["complete"]]
        if len(here):
            found = here[here["start"] == here["start"].max()]
    return found.reset_index(drop=True)


def _ranked(group: pd.DataFrame, good: str) -> pd.DataFrame:
    verdicts = set(group["verdict"])
    table = group[["metric", "level", "kind", "start", "id"]].copy()
    why = next((word for word in NONE if word in verdicts), "")
    if why or len(group) < 2:
        table = table.iloc[:1].assign(id=None, rank=np.nan, rank_low=np.nan, rank_high=np.nan, ranked=0)
        table["words"] = [_none(row, why or "not compared") for row in records(table)]
        return table[list(COLUMNS)]
    value, low, high = (group[name].to_numpy(float) for name in ("shrunk", "shrunk_low", "shrunk_high"))
    found = drawn_ranks(-value, -high, -low) if good == "up" else drawn_ranks(value, low, high)
    table[["rank", "rank_low", "rank_high"]] = found
    table["ranked"] = len(group)
    table = table.sort_values(["rank", "rank_low", "rank_high", "id"], ignore_index=True)
    table["words"] = [_words(row) for row in records(table)]
    return table[list(COLUMNS)]


def _none(row: Mapping[str, Any], why: str) -> str:
    said = NONE[why].format(peers="teams" if row["level"] == "team" else "reps")
    return said[0].upper() + said[1:]


def _words(row: Mapping[str, Any]) -> str:
    place, low, high = (numbers.count(row[name]) for name in ("rank", "rank_low", "rank_high"))
    said = f"Place {place} of {numbers.count(row['ranked'])}"
    return said if low == high else f"{said}, somewhere between {low} and {high}"
