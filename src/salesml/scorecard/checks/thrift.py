"""Did selling become cheaper for the same customers? Year over year, the mix held constant.

Cost divided by revenue changes for four reasons, and the product of their factors is its change: what a
month of a rep costs (**pay**), how many hours are worked in it (**hours**), how many hours the same output
takes (**effort**), and what revenue the output brings (**rest**). Hours are those that were worked, shared
over what they were spent on as the recorded hours of activities are. Output is counted in cells: accounts
won, and months of customers kept by value class, new ones apart. Effort is Fisher's index over the cells,
so that more customers of a cheap kind are not thrift: the geometric mean of what last year's and this
year's output would take by the hours of either year.
Sources: Fisher, *The Making of Index Numbers*, 1922; Diewert, *Exact and superlative index numbers*,
Journal of Econometrics 4 (1976). Intervals by resampling reps: Efron, Tibshirani, *An Introduction to the
Bootstrap*, 1993.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import duckdb
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from salesml.scorecard.estimate import LEVEL
from salesml.words import numbers

Floats = NDArray[np.float64]

DRAWS = 999
LEAST_REPS = 5
"""Fewer cannot be resampled."""

BY_REP = """
-- For each rep, year and cell: recorded hours, and what came of them.
WITH years AS (SELECT start AS year, "end" FROM periods WHERE kind = 'year' AND complete),
customers AS (
    SELECT p.rep, y.year, p.account, p.month, 1 - p.lost AS kept,
        CASE WHEN s.start > p.month - INTERVAL 12 MONTH THEN 'new' WHEN p.best THEN 'best'
            WHEN p.margin > 0 THEN 'other' ELSE 'without margin' END AS cell
    FROM panel AS p JOIN years AS y ON p.month >= y.year AND p.month < y."end"
    LEFT JOIN (SELECT account, min(start) AS start FROM spells GROUP BY account) AS s ON s.account = p.account
),
kept AS (SELECT rep, year, cell, sum(kept) AS output FROM customers GROUP BY ALL),
served AS (
    SELECT w.rep, c.year, c.cell, sum(w.hours) AS hours FROM work AS w
    JOIN customers AS c ON c.account = w.account AND c.month = w.month
    WHERE w.aim = 'keep' AND w.hours > 0 GROUP BY ALL
),
won AS (
    SELECT w.rep, y.year, 'won' AS cell, count(*) AS output FROM wins AS w
    JOIN years AS y ON w.month >= y.year AND w.month < y."end" GROUP BY ALL
),
pursued AS (
    SELECT w.rep, y.year, 'won' AS cell, sum(w.hours) AS hours FROM work AS w
    JOIN years AS y ON w.month >= y.year AND w.month < y."end"
    WHERE w.aim = 'win' AND w.hours > 0 GROUP BY ALL
),
output AS (SELECT * FROM kept UNION ALL SELECT * FROM won),
hours AS (SELECT * FROM served UNION ALL SELECT * FROM pursued)
SELECT rep, year, cell, coalesce(hours, 0) AS hours, coalesce(output, 0)::DOUBLE AS output
FROM output FULL JOIN hours USING (rep, year, cell) WHERE rep IS NOT NULL ORDER BY rep, year, cell
"""

TOTALS = """
WITH years AS (SELECT start AS year, "end" FROM periods WHERE kind = 'year' AND complete),
cost AS (
    SELECT s.rep, y.year, sum(s.amount) AS cost, count(DISTINCT s.month) AS months FROM spent AS s
    JOIN years AS y ON s.month >= y.year AND s.month < y."end" GROUP BY ALL
),
worked AS (
    SELECT w.rep, y.year, sum(w.hours) AS worked FROM {worked} AS w
    JOIN years AS y ON w.period >= y.year AND w.period < y."end" WHERE w.hours > 0 GROUP BY ALL
),
earned AS (
    SELECT m.rep, y.year, sum(m.revenue) AS revenue FROM money AS m
    JOIN years AS y ON m.month >= y.year AND m.month < y."end" GROUP BY ALL
)
SELECT rep, year, coalesce(cost, 0) AS cost, coalesce(months, 0) AS months, coalesce(worked, 0) AS worked,
    coalesce(revenue, 0) AS revenue
FROM cost FULL JOIN worked USING (rep, year) FULL JOIN earned USING (rep, year)
WHERE rep IS NOT NULL ORDER BY rep, year
"""


@dataclass(frozen=True)
class Years:
    """Sums of two years for each rep: ``cost``, ``months`` of cost, hours ``worked`` and ``revenue`` of shape
    (2, reps), ``hours`` and ``output`` of shape (2, reps, cells)."""

    cost: Floats
    months: Floats
    worked: Floats
    revenue: Floats
    hours: Floats
    output: Floats


FACTORS = ("total", "like for like", "pay", "hours", "effort", "rest")
"""``like for like`` is pay times hours times effort, and ``total`` is that times the rest."""


def factors(years: Years, weight: Floats) -> Floats:
    """The factors of the change, for reps of the given weights.

    Parameters
    ----------
    weight : ndarray of shape (draws, reps)

    Returns
    -------
    ndarray of shape (draws, 6)
        In the order of ``FACTORS``; NaN where nothing can be divided by.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        cost, months, worked, revenue = (
            weight @ each.T for each in (years.cost, years.months, years.worked, years.revenue)
        )
        hours, output = (np.einsum("dr,yrc->ydc", weight, each) for each in (years.hours, years.output))
        # What came of nothing, or took no hours, in one of the years cannot be compared.
        both = ((hours > 0) & (output > 0)).all(axis=0)
        each_took = np.where(both, hours / output, 0.0)
        made = np.where(both, output, 0.0)
        then = (each_took[1] * made[0]).sum(axis=1) / (each_took[0] * made[0]).sum(axis=1)
        now = (each_took[1] * made[1]).sum(axis=1) / (each_took[0] * made[1]).sum(axis=1)
        effort = np.sqrt(then * now)
        pay = (cost[:, 1] / months[:, 1]) / (cost[:, 0] / months[:, 0])
        per_month = (months[:, 1] / worked[:, 1]) / (months[:, 0] / worked[:, 0])
        total = (cost[:, 1] / revenue[:, 1]) / (cost[:, 0] / revenue[:, 0])
        like = pay * per_month * effort
        return np.column_stack([total, like, pay, per_month, effort, total / like])


def thrift(con: duckdb.DuckDBPyConnection, have: frozenset[str], *, seed: int = 0) -> pd.DataFrame:
    """The change of cost per revenue from each complete year to the next, in its factors.

    Returns
    -------
    DataFrame
        ``start`` (of the later year), ``factor``, ``value``, ``low``, ``high``, ``reps``, ``words``. A value
        of 1.04 is 4 % dearer. Without an interval where there are fewer than five reps.
    """
    worked = "workload" if "workload.hours" in have else WORKED_ON
    totals = con.execute(TOTALS.format(worked=worked)).df()
    cells = con.execute(BY_REP).df()
    found = []
    known = sorted(set(totals["year"]))
    for before, year in pairwise(known):
        years = _years(totals, cells, before, year)
        reps = years.cost.shape[1]
        value = factors(years, np.ones((1, reps)))[0]
        low = high = np.full(len(FACTORS), np.nan)
        if reps >= LEAST_REPS:
            dealt = (
                np.random.default_rng(seed).multinomial(reps, np.full(reps, 1 / reps), DRAWS).astype(float)
            )
            drawn = factors(years, dealt)
            low, high = np.nanquantile(drawn, [(1 - LEVEL) / 2, (1 + LEVEL) / 2], axis=0)
        for place, factor in enumerate(FACTORS):
            row = {
                "start": year,
                "factor": factor,
                "value": value[place],
                "low": low[place],
                "high": high[place],
            }
            found.append(row | {"reps": reps, "words": _sentence(year, *(row[name] for name in KEPT))})
    return pd.DataFrame(found, columns=["start", "factor", "value", "low", "high", "reps", "words"])


WORKED_ON = "(SELECT rep, month AS period, hours FROM work)"
"""Where no workload is recorded, the hours of activities stand for what was worked."""

KEPT = ("factor", "value", "low", "high")

SAID = {
    "total": "Selling cost per unit of revenue",
    "like for like": "The cost of the same output, the mix held constant,",
    "pay": "The cost of a rep for a month",
    "hours": "What longer or shorter hours change of that cost",
    "effort": "Hours for the same output, the mix held constant,",
    "rest": "What output, its mix and prices make of cost per revenue",
}


def _sentence(year: pd.Timestamp, factor: str, value: float, low: float, high: float) -> str:
    subject = SAID[factor]
    if not np.isfinite(value):
        return f"{subject} cannot be compared in {year.year}: cost, hours or revenue of a year are missing"
    moved = "rose" if value >= 1 else "fell"
    text = f"{subject} {moved} by {numbers.percent(abs(value - 1))} in {year.year}"
    if not np.isfinite(low):
        return f"{text}; too few reps to say how sure that is"
    if low > 1 or high < 1:
        ends = sorted((abs(low - 1), abs(high - 1)))
        return f"{text} (between {numbers.percent(ends[0])} and {numbers.percent(ends[1])})"
    return f"{text} (between {_signed(low)} and {_signed(high)}): no more than chance explains"


def _signed(value: float) -> str:
    return ("+" if value >= 1 else "-") + numbers.percent(abs(value - 1))


def _years(totals: pd.DataFrame, cells: pd.DataFrame, before: pd.Timestamp, year: pd.Timestamp) -> Years:
    both = [before, year]
    wide = {
        name: totals.pivot_table(index="rep", columns="year", values=name, aggfunc="sum").reindex(
            columns=both
        )
        for name in ("cost", "months", "worked", "revenue")
    }
    reps = wide["cost"].index[wide["cost"].notna().any(axis=1)]
    sums = {name: np.nan_to_num(table.reindex(reps).to_numpy(float)).T for name, table in wide.items()}
    names = sorted(set(cells["cell"]))
    hours, output = (
        np.stack([_by_cell(cells[cells["year"] == day], name, list(reps), names) for day in both])
        for name in ("hours", "output")
    )
    return Years(**sums, hours=_shared(hours, sums["worked"]), output=output)


def _by_cell(cells: pd.DataFrame, name: str, reps: list[str], names: list[str]) -> Floats:
    table = cells.pivot_table(index="rep", columns="cell", values=name, aggfunc="sum")
    found: Floats = np.nan_to_num(table.reindex(index=reps, columns=names).to_numpy(float))
    return found


def _shared(recorded: Floats, worked: Floats) -> Floats:
    """Worked hours over cells as the recorded ones are; of reps who recorded none, as those of all."""
    total = recorded.sum(axis=2, keepdims=True)
    everyone = recorded.sum(axis=1, keepdims=True)
    with np.errstate(divide="ignore", invalid="ignore"):
        share = np.where(total > 0, recorded / total, everyone / everyone.sum(axis=2, keepdims=True))
    found: Floats = np.nan_to_num(share) * worked[:, :, None]
    return found
