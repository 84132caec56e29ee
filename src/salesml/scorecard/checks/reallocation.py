"""Hours spent below the value of the best alternative open at the time, and what the same hours could bring.

Of prospects that were scored: what an hour on each is expected to bring is its expected value divided by
the hours it is expected to take. Where a rep's hours went is held against the plan that fills the same
hours with the rep's own open prospects, the highest value per hour first, none with more hours than it is
expected to take. The value of the last hour of that plan is the worth of an hour: hours below it had a
better alternative.

An hour's average is taken for what one more hour brings, which nobody has observed, and the sentence says so.
A prospect that several reps worked on is shared out between them by their hours, so that it counts once.

Values per hour are drawn towards the rep's mean before they are compared: the highest of many uncertain
values is too high. Source: Smith, Winkler, *The Optimizer's Curse*, Management Science 52 (2006).
"""

from __future__ import annotations

import datetime as dt

import duckdb
import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

from salesml.scorecard.estimate import TAIL
from salesml.words import numbers

Floats = NDArray[np.float64]

COLUMNS = (
    "rep", "as_of", "start", "end", "prospects", "hours", "expected_as_spent", "expected_best", "gain", "low",
    "high", "hours_below", "opportunity_cost", "words",
)  # fmt: skip

NEEDS = ("scores.conversion", "activities.hours", "activities.prospect")

OPEN = """
-- The newest scores after which, or before which, so many days of activities were recorded.
WITH dates AS (SELECT max(as_of) AS as_of FROM scored WHERE task = 'conversion'),
days AS (
    SELECT d.as_of, CASE WHEN d.as_of + {days} <= u.day THEN d.as_of ELSE d.as_of - {days} END AS start
    FROM dates AS d, (SELECT max("end") AS day FROM periods WHERE kind = 'month' AND complete) AS u
),
spent AS (
    SELECT w.prospect, w.rep, sum(w.hours) AS spent FROM work AS w, days AS d
    WHERE w.prospect IS NOT NULL AND w.hours > 0 AND w.day >= d.start AND w.day < d.start + {days}
    GROUP BY ALL
)
SELECT coalesce(w.rep, s.rep) AS rep, d.as_of, d.start, s.entity, coalesce(w.part, 1) AS part,
    s.expected * coalesce(w.part, 1) AS expected, s.hours * coalesce(w.part, 1) AS hours,
    coalesce(w.spent, 0) AS spent, coalesce(s.high - s.low, 0) / 3.92 * coalesce(w.part, 1) AS error
FROM scored AS s JOIN dates AS t ON s.task = 'conversion' AND s.as_of = t.as_of, days AS d
LEFT JOIN (
    SELECT *, spent / sum(spent) OVER (PARTITION BY prospect) AS part FROM spent WHERE rep IS NOT NULL
) AS w ON w.prospect = s.entity
WHERE s.hours > 0 AND s.expected IS NOT NULL AND coalesce(w.rep, s.rep) IS NOT NULL ORDER BY 1, 4
"""


def reallocation(con: duckdb.DuckDBPyConnection, days: int, currency: str) -> pd.DataFrame:
    """For each rep: what the hours spent on open prospects were expected to bring, and the best use of them.

    Parameters
    ----------
    days : int
        The horizon of the scores.

    Returns
    -------
    DataFrame
        ``rep, as_of, start, end`` (whose hours), ``prospects`` that were open (a part of those that others
        worked on, too), ``hours``,
        ``expected_as_spent``, ``expected_best``, their difference ``gain`` with its interval, ``hours_below``
        and ``opportunity_cost`` (of hours that had a better alternative), ``words``.
    """
    found = con.execute(OPEN.format(days=int(days))).df()
    rows = [_of_rep(str(rep), group, days, currency) for rep, group in found.groupby("rep", sort=True)]
    return pd.DataFrame([row for row in rows if row], columns=list(COLUMNS))


def _of_rep(rep: str, group: pd.DataFrame, days: int, currency: str) -> dict[str, object] | None:
    spent = group["spent"].to_numpy(float)
    if spent.sum() <= 0:
        return None
    hours = group["hours"].to_numpy(float)
    per_hour, error = _drawn(
        group["expected"].to_numpy(float) / hours, group["error"].to_numpy(float) / hours
    )
    # What was spent beyond the expected hours may have been needed: the plan may spend it there, too.
    planned, last = plan(per_hour, np.maximum(hours, spent), float(spent.sum()))
    moved = planned - spent
    gain = float(moved @ per_hour)
    reach = float(stats.norm.ppf(1 - TAIL) * np.sqrt((moved**2) @ (error**2)))
    below = np.where(per_hour < last, spent, 0.0)
    start = group["start"].iloc[0]
    row: dict[str, object] = {
        "rep": rep, "as_of": group["as_of"].iloc[0], "start": start, "end": start + dt.timedelta(days=days),
        "prospects": float(group["part"].sum()), "hours": float(spent.sum()),
        "expected_as_spent": float(spent @ per_hour),
        "expected_best": float(planned @ per_hour), "gain": gain, "low": gain - reach, "high": gain + reach,
        "hours_below": float(below.sum()), "opportunity_cost": float(below @ (last - per_hour)),
    }  # fmt: skip
    return row | {"words": _sentence(row, last, currency)}


def plan(per_hour: Floats, most: Floats, hours: float) -> tuple[Floats, float]:
    """Hours for each prospect, the highest value per hour first, and the value of the last hour.

    Parameters
    ----------
    per_hour, most : ndarray of shape (prospects,)
        What an hour is expected to bring, and how many hours it may have.
    hours : float
        To be spent.
    """
    order = np.argsort(-per_hour, kind="stable")
    before = np.cumsum(most[order]) - most[order]
    given = np.clip(hours - before, 0.0, most[order])
    planned = np.zeros(len(most))
    planned[order] = given
    return planned, float(per_hour[order][np.flatnonzero(given > 0)[-1]])


def _drawn(per_hour: Floats, error: Floats) -> tuple[Floats, Floats]:
    """Values per hour drawn towards their mean by their uncertainty, and what is left of that."""
    spread = max(float(per_hour.var() - (error**2).mean()), 0.0)
    noise = error**2
    keep = np.divide(spread, spread + noise, out=np.ones_like(noise), where=spread + noise > 0)
    return per_hour.mean() + keep * (per_hour - per_hour.mean()), error * np.sqrt(keep)


def _sentence(row: dict[str, object], last: float, currency: str) -> str:
    gain, low, high = (numbers.money(float(str(row[name])), currency) for name in ("gain", "low", "high"))
    hours, below = (numbers.count(round(float(str(row[name])))) for name in ("hours", "hours_below"))
    if float(str(row["low"])) <= 0:
        return f"{hours} hours on prospects went about where they were worth most, as far as can be told"
    return (
        f"{below} of {hours} hours on prospects were worth less than {numbers.money(last, currency)} an "
        "hour, what the best alternative open then was expected to bring; the same hours in the best order "
        f"would be expected to bring {gain} more (between {low} and {high}), if one more hour on a prospect "
        "brings what its hours bring on average"
    )
