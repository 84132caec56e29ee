"""Early defection by who won the customers: a row for each winner, from the figures of the metric."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from salesml.scorecard.cells import NOBODY
from salesml.scorecard.records import records
from salesml.words import numbers, texts
from salesml.words.drawing.svg import isolated

METRIC = "early_defection"

SAME = (
    "level", "id", "kind", "start", "low", "high", "shrunk", "shrunk_low", "shrunk_high", "verdict",
)  # fmt: skip

COLUMNS = (
    "level", "id", "kind", "start", "won", "gone", "early_defection", *SAME[4:], "words",
)  # fmt: skip

KINDS = ("all", "year")
"""A winner's customers of a quarter are too few to say anything of."""

UNNAMED = "; no table says who won a prospect, so whoever had the customer on that day counts as the winner"


def early_by_winner(
    figures: pd.DataFrame, months: int, names: Mapping[str, str], have: frozenset[str]
) -> pd.DataFrame:
    """Of the customers that each rep won, and each team, how many were gone soon after.

    Parameters
    ----------
    figures : DataFrame
        With their words.
    months : int
        Within which leaving is early.
    names : mapping of str to str
        Of reps, by id.
    have : frozenset of str
        What the tables have.

    Returns
    -------
    DataFrame
        ``level``, ``id`` (of who won them, whoever has them now), ``kind``, ``start``, ``won``, ``gone``,
        ``early_defection`` with ``low`` and ``high``, ``shrunk`` with its interval, ``verdict``, ``words``.
    """
    if figures.empty:
        return pd.DataFrame(columns=list(COLUMNS))
    found = figures[(figures["metric"] == METRIC) & figures["kind"].isin(KINDS)]
    table = found.reindex(columns=list(SAME)).assign(
        won=found["denominator"], gone=found["numerator"], early_defection=found["value"]
    )
    table["words"] = [_told(row, months, names, have) for row in records(found)]
    order = table.assign(place=table["level"].map({"company": 0, "team": 1, "rep": 2}))
    order = order.sort_values(["kind", "start", "place", "id"], kind="stable")
    return order.reindex(columns=list(COLUMNS)).reset_index(drop=True)


def _told(row: Mapping[str, Any], months: int, names: Mapping[str, str], have: frozenset[str]) -> str:
    won, gone = (numbers.count(row[name]) for name in ("denominator", "numerator"))
    text = f"Of {won} customers{_winner(row, names)}, {gone} were gone within {months} months"
    if row["level"] == "company" and "prospects.rep" not in have:
        text += UNNAMED
    return f"{text}. {row['words']}"


def _winner(row: Mapping[str, Any], names: Mapping[str, str]) -> str:
    who = str(row["id"])
    if row["level"] == "company":
        return " won"
    if who == NOBODY:
        return " won by nobody who is named"
    return f" that {isolated(texts.one_line(names.get(who, who)))} won"
