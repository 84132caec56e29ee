"""Success beside productivity: what reps turned over, and how well by the outcomes that last.

The outcome index of a rep is the mean of several outcomes, each as drawn towards all reps, less the mean of
the reps, by the spread of their true values, with the sign of its good direction. The spread is that of the
drawn values and of what remains unknown of each, so that an outcome in which reps hardly differ moves
nothing. Outcomes that rest on the same rows have errors that may go together, and count as if they did;
others are taken to be independent. A high turnover may come of a large book that the rep was given: the
picture says who turns over much, not who earned it.
Sources: Morris, JASA 78 (1983), for drawn values; OECD, *Handbook on Constructing Composite Indicators*,
2008, for equal weights of standardised parts.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from salesml.scorecard.cells import NOBODY
from salesml.scorecard.checks.weak import weak_points
from salesml.scorecard.estimate import Z
from salesml.scorecard.likelihood import of_ratios
from salesml.scorecard.records import records
from salesml.scorecard.shrink import shrink
from salesml.words import numbers, texts
from salesml.words.drawing.svg import isolated

Floats = NDArray[np.float64]

LEAST_REPS = 5

REVENUE = (
    ("margin_rate", "denominator"),
    ("cost_of_revenue", "denominator"),
    ("revenue_per_activity", "numerator"),
)
"""Metrics that hold the revenue of a rep, and in which sum; the first that is there counts."""

COLUMNS = (
    "id", "name", "revenue", "year", "x", "y", "low", "high", "made_of", "parts", "middle", "verdict",
    "weak_points", "words",
)  # fmt: skip


@dataclass(frozen=True)
class Part:
    """An outcome of the index.

    Parameters
    ----------
    metric : str
        Of the table of figures, or ``steadiness``.
    name : str
    sign : int
        1 where more is better, -1 where less is.
    rows : str
        What it rests on; errors of parts that rest on the same go together.
    """

    metric: str
    name: str
    sign: int
    rows: str


PARTS = (
    Part("defection", "customers kept", -1, "customers"),
    Part("early_defection", "new customers kept", -1, "customers"),
    Part("cost_of_revenue", "cost of revenue", -1, "money"),
    Part("margin_per_selling_hour", "margin per hour", 1, "money"),
    Part("win_rate", "win rate", 1, "prospects"),
    Part("fit_of_wins", "fit of wins", 1, "fit"),
    Part("steadiness", "steadiness", -1, "wins"),
)
"""Of steadiness, the dispersion: how many times what an even pace would give."""


def success(
    figures: pd.DataFrame,
    steadiness: pd.DataFrame,
    year: dt.date | None,
    currency: str,
    names: Mapping[str, str] | None = None,
) -> pd.DataFrame:
    """A point for each rep: revenue of a year beside the outcome index over all of the time.

    Parameters
    ----------
    figures : DataFrame
        Of :func:`salesml.scorecard.figures.figures`.
    steadiness : DataFrame
        Of :func:`salesml.scorecard.checks.steadiness.steadiness`.
    year : datetime.date, optional
        First day of the last full year; without one, revenue of all of the time counts.
    currency : str
    names : mapping of str to str, optional
        Of reps, by id.

    Returns
    -------
    DataFrame
        ``id, name, revenue, year`` (missing where it is of all of the time), ``x`` (the revenue), ``y`` (the
        index), ``low, high`` (its 90 % interval), ``made_of`` (its parts), ``parts`` (how many), ``middle``
        (the median revenue), ``verdict`` (``both``, ``rich but unproductive``, ``modest but productive``,
        ``neither``, ``cannot be told``), ``weak_points``, ``words``. Empty below five reps.
    """
    revenue = _revenue(figures, year)
    standing = _standing(figures, steadiness, set(revenue.index))
    if standing.empty:
        return pd.DataFrame(columns=list(COLUMNS))
    table = standing.join(revenue.rename("revenue"), how="inner").rename_axis("id").reset_index()
    if len(table) < LEAST_REPS:
        return pd.DataFrame(columns=list(COLUMNS))
    table["name"] = [(names or {}).get(each, each) for each in table["id"]]
    table["year"] = pd.Timestamp(year) if year else pd.NaT
    table["x"], table["middle"] = table["revenue"], float(table["revenue"].median())
    rich = table["revenue"] >= table["middle"]
    table["verdict"] = np.select(
        [
            (table["low"] <= 0) & (table["high"] >= 0),
            rich & (table["low"] > 0),
            rich,
            table["low"] > 0,
        ],
        ["cannot be told", "both", "rich but unproductive", "modest but productive"],
        default="neither",
    )
    table["weak_points"] = weak_points(figures, table.set_index("id")["revenue"])
    table["words"] = [_sentence(row, currency) for row in records(table)]
    order = table.assign(unsure=table["verdict"] == "cannot be told")
    order = order.sort_values(["unsure", "revenue"], ascending=[True, False], ignore_index=True)
    return order.reindex(columns=list(COLUMNS))


def _revenue(figures: pd.DataFrame, year: dt.date | None) -> pd.Series:
    """Of each rep, in the year or over all of the time."""
    when = figures["kind"] == "all"
    if year is not None:
        when = (figures["kind"] == "year") & (figures["start"] == pd.Timestamp(year))
    reps = figures[when & (figures["level"] == "rep") & (figures["id"] != NOBODY)]
    for metric, column in REVENUE:
        found = reps[reps["metric"] == metric].set_index("id")[column].dropna()
        if len(found):
            return found[found > 0]
    return pd.Series(dtype=float)


def _standing(figures: pd.DataFrame, steadiness: pd.DataFrame, reps: set[str]) -> pd.DataFrame:
    """The index of each rep with its interval, and what it is made of."""
    values, errors, parts = {}, {}, []
    for part in PARTS:
        found = _drawn(figures, steadiness, part.metric)
        found = found[found.index.isin(reps)]
        if len(found) < LEAST_REPS:
            continue
        error = (found["high"] - found["low"]) / (2 * Z)
        spread = float(np.sqrt(found["value"].var(ddof=0) + (error**2).mean()))
        if spread > 0:
            values[part.metric] = part.sign * (found["value"] - found["value"].mean()) / spread
            errors[part.metric] = error / spread
            parts.append(part)
    if not parts:
        return pd.DataFrame()
    wide, unsure = pd.DataFrame(values), pd.DataFrame(errors)
    count = wide.notna().sum(axis=1)
    # Of who has hardly any of the outcomes, no index can be compared with that of others.
    kept = count >= max(2, (len(parts) + 1) // 2)
    wide, unsure, count = wide[kept], unsure[kept], count[kept]
    together = unsure.fillna(0.0).T.groupby([part.rows for part in parts]).sum().T
    reach = Z * np.sqrt((together**2).sum(axis=1)) / count
    y = wide.mean(axis=1)
    names = {part.metric: part.name for part in parts}
    made_of = [
        ", ".join(names[name] for name, known in there.items() if known) for there in records(wide.notna())
    ]
    return pd.DataFrame({"y": y, "low": y - reach, "high": y + reach, "made_of": made_of, "parts": count})


def _drawn(figures: pd.DataFrame, steadiness: pd.DataFrame, metric: str) -> pd.DataFrame:
    """``value, low, high`` of reps over all of the time, drawn towards all."""
    if metric == "steadiness":
        return _steadiness(steadiness)
    found = figures[
        (figures["metric"] == metric)
        & (figures["kind"] == "all")
        & (figures["level"] == "rep")
        & (figures["id"] != NOBODY)
        & (figures["verdict"] != "too few")
    ].set_index("id")[["shrunk", "shrunk_low", "shrunk_high"]]
    return found.set_axis(["value", "low", "high"], axis=1).dropna()


def _steadiness(table: pd.DataFrame) -> pd.DataFrame:
    """The logarithm of the dispersion, drawn towards all."""
    reps = table[(table["level"] == "rep") & (table["verdict"] != "too few") & (table["dispersion"] > 0)]
    if reps.empty:
        return pd.DataFrame(columns=["value", "low", "high"])
    ends = np.log(reps[["dispersion", "dispersion_low", "dispersion_high"]].to_numpy(float)).T
    months = reps["months"].to_numpy(float)
    found = shrink(of_ratios(ends[0], ((ends[2] - ends[1]) / (2 * Z)) ** 2, months))
    return pd.DataFrame(
        {"value": found.value, "low": found.low, "high": found.high}, index=pd.Index(reps["id"])
    ).dropna()


def _sentence(row: Mapping[str, Any], currency: str) -> str:
    when = f"in {row['year'].year}" if not pd.isna(row["year"]) else "over all of the time"
    side = "no less" if row["x"] >= row["middle"] else "less"
    who = isolated(texts.one_line(str(row["name"])))
    low, high = _signed(row["low"]), _signed(row["high"])
    text = (
        f"{who}: {numbers.money(row['x'], currency)} of revenue {when}, {side} than the middle of the reps, "
        f"and an outcome index of {_signed(row['y'])} (between {low} and {high}; 0 is the mean of the reps): "
    )
    if row["verdict"] != "rich but unproductive":
        return text + TOLD[row["verdict"]]
    why = (
        f"; what stands out: {row['weak_points']}" if row["weak_points"] else "; no single figure stands out"
    )
    return text + TOLD[row["verdict"]] + why


TOLD = {
    "both": "much revenue, and outcomes above the mean by more than luck",
    "rich but unproductive": "much revenue, but outcomes below the mean by more than luck",
    "modest but productive": "less revenue, but outcomes above the mean by more than luck",
    "neither": "less revenue, and outcomes below the mean by more than luck",
    "cannot be told": "too little is known to say on which side of the mean the outcomes lie",
}


def _signed(value: float) -> str:
    return f"{'+' if value >= 0 else '-'}{numbers.number(abs(value), 2)}"
