"""Customers by the quarter in which they were won: how many are still there later, and with what revenue.

Customers won lately have been seen for a short time only; they count for as long as they were seen (Kaplan,
Meier, *Nonparametric Estimation from Incomplete Observations*, JASA 53 (1958), by months). Intervals are
those of a share among as many customers as Greenwood's variance is worth (Dorey, Korn, *Effective sample
sizes for confidence intervals for survival probabilities*, Statistics in Medicine 6 (1987)).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import duckdb
import numpy as np
import pandas as pd
from scipy import stats

from salesml.scorecard.checks.newly import NEW
from salesml.scorecard.estimate import TAIL, Sums, estimate
from salesml.scorecard.records import records
from salesml.words import numbers

AFTER = (1, 3, 6, 12, 24)
"""Months after which one looks."""

LEAST = 10

COLUMNS = (
    "by", "group", "months", "customers", "at_risk", "kept", "low", "high", "revenue_customers",
    "revenue_kept", "revenue_low", "revenue_high", "words",
)  # fmt: skip

WON = """
CREATE OR REPLACE TEMP TABLE won_cohorts AS
WITH until AS (SELECT max("end") AS day FROM periods WHERE kind = 'month' AND complete), {new},
bars AS (
    SELECT quantile_cont(amount, {best}) AS best, quantile_cont(amount, {middle}) AS middle FROM new
)
SELECT w.account, w.day, year(w.day) || ' Q' || quarter(w.day) AS quarter,
    CASE WHEN w.amount >= b.best THEN 'best' WHEN w.amount >= b.middle THEN 'middle'
        WHEN w.amount IS NOT NULL THEN 'rest' END AS class,
    date_sub('month', w.day, u.day) AS seen, date_sub('month', w.day, w."end") + 1 AS gone
FROM new AS w, until AS u, bars AS b
WHERE w.day < u.day AND w.day >= (SELECT min(start) FROM periods)
"""

WAYS = {"all": "'all'", "quarter won": "quarter", "value hoped for": "class"}

LIVES = """
SELECT '{by}' AS "by", {group} AS "group", seen, CASE WHEN gone <= seen THEN gone END AS gone,
    count(*)::DOUBLE AS customers
FROM won_cohorts WHERE {group} IS NOT NULL GROUP BY ALL
"""

MONEY = """
-- Months after that of the win; the first three full ones are what later ones are held against.
SELECT '{by}' AS "by", {group} AS "group", {months} AS months, count(*)::DOUBLE AS units,
    sum(n) AS n, sum(d) AS d, sum(n * n) AS nn, sum(n * d) AS nd, sum(d * d) AS dd, sum(n * n * n) AS nnn,
    sum(n * n * d) AS nnd, sum(n * d * d) AS ndd, sum(d * d * d) AS ddd
FROM (
    SELECT c.account, c.quarter, c.class,
        coalesce(sum(m.revenue) FILTER (date_diff('month', c.day, m.month) BETWEEN 1 AND 3), 0) AS d,
        coalesce(sum(m.revenue) FILTER (
            date_diff('month', c.day, m.month) BETWEEN {months} + 1 AND {months} + 3), 0) AS n
    FROM won_cohorts AS c LEFT JOIN money AS m ON m.account = c.account AND m.month > c.day
    WHERE c.seen >= {months} + 4 GROUP BY ALL
)
WHERE {group} IS NOT NULL GROUP BY ALL
"""


def cohorts(con: duckdb.DuckDBPyConnection, best: float, revenue: bool) -> pd.DataFrame:
    """Of all customers won, of each quarter's, and of each class of the value hoped for.

    Parameters
    ----------
    best : float
        The share of customers that are called the best.
    revenue : bool
        Whether the tables have any.

    Returns
    -------
    DataFrame
        ``by``, ``group``, ``months`` after the win, ``customers`` won, ``at_risk`` (seen for so long, or lost
        before), ``kept``: the share still there, with ``low`` and ``high``; ``revenue_kept``: revenue of the
        three months from then on over that of the first three full months, of all ``revenue_customers`` seen
        for so long, the lost ones included, with its interval; ``words``. Values are left out below ten
        customers.
    """
    con.execute(WON.format(new=NEW, best=1 - best, middle=(1 - best) / 2))
    lives = con.execute(" UNION ALL ".join(LIVES.format(by=by, group=sql) for by, sql in WAYS.items())).df()
    if lives.empty:
        return pd.DataFrame(columns=list(COLUMNS))
    rows = [
        {"by": by, "group": group, "customers": part["customers"].sum(), **found}
        for (by, group), part in lives.groupby(["by", "group"])
        for found in _kept(part)
    ]
    if not rows:
        return pd.DataFrame(columns=list(COLUMNS))
    table = pd.DataFrame(rows)
    if revenue:
        table = table.merge(_revenue(con), on=["by", "group", "months"], how="left", validate="one_to_one")
    table = table.reindex(columns=list(COLUMNS))
    table["words"] = [_words(row) for row in records(table)]
    return table


def _kept(lives: pd.DataFrame) -> list[dict[str, float]]:
    """Survival after each of the months, from customers by how long they were seen and when they left."""
    seen, gone, customers = (lives[name].to_numpy(float) for name in ("seen", "gone", "customers"))
    gone = np.where(np.isnan(gone), np.inf, gone)
    share, worth, found = 1.0, 0.0, []
    for month in range(1, max(AFTER) + 1):
        here = (seen >= month) & (gone >= month)
        at_risk = float(customers[here].sum())
        lost = float(customers[here & (gone == month)].sum())
        if at_risk < LEAST:
            break
        share *= 1 - lost / at_risk
        worth += lost / (at_risk * (at_risk - lost)) if at_risk > lost else np.inf
        if month in AFTER:
            # As many customers as would give this share with this variance.
            size = (1 - share) / (share * worth) if 0 < share < 1 else at_risk
            low = stats.beta.ppf(TAIL, share * size + 0.5, (1 - share) * size + 0.5) if share > 0 else 0.0
            high = (
                stats.beta.ppf(1 - TAIL, share * size + 0.5, (1 - share) * size + 0.5) if share < 1 else 1.0
            )
            each = {
                "months": month,
                "at_risk": at_risk,
                "kept": share,
                "low": float(low),
                "high": float(high),
            }
            found.append(each)
    return found


def _revenue(con: duckdb.DuckDBPyConnection) -> pd.DataFrame:
    queries = [
        MONEY.format(by=by, group=sql, months=months)
        for by, sql in WAYS.items()
        for months in AFTER
        if months >= 3
    ]
    cells = con.execute(" UNION ALL ".join(queries)).df()
    cells = cells[(cells["units"] >= LEAST) & (cells["d"] > 0)].reset_index(drop=True)
    found = estimate(
        "ratio", Sums(**{name: cells[name].to_numpy(float) for name in Sums.__dataclass_fields__})
    )
    table = cells[["by", "group", "months"]].copy()
    table["revenue_customers"] = cells["units"]
    table["revenue_kept"], table["revenue_low"], table["revenue_high"] = found.value, found.low, found.high
    return table


def _words(row: Mapping[str, Any]) -> str:
    whom = {
        "all": "all customers won",
        "quarter won": f"the customers won in {row['group']}",
        "value hoped for": f"the customers won of whom the {row['group']} value was hoped for",
    }[row["by"]]
    if row["by"] == "value hoped for":
        whom = {"best": "the customers won with the highest value hoped for", "middle": "those in the middle",
                "rest": "those with the lowest value hoped for"}[row["group"]]  # fmt: skip
    months = "1 month" if row["months"] == 1 else f"{row['months']} months"
    said = (
        f"Of {whom}, {numbers.percent(row['kept'])} were still there after {months} "
        f"({numbers.percent(row['low'])} to {numbers.percent(row['high'])})"
    )
    if pd.notna(row["revenue_kept"]):
        said += f", and revenue was {numbers.percent(row['revenue_kept'])} of that of their first months"
    return said
