"""Who leaves: customers by value class, and new customers beside old ones, with the margin that leaves."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import duckdb
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from salesml.scorecard.estimate import Sums, design_effect, estimate
from salesml.scorecard.records import records
from salesml.words import numbers

CLASSES = """
CREATE OR REPLACE TEMP TABLE classes AS
-- Best as everywhere; the middle is the upper half of the others with any margin.
WITH bar AS (
    SELECT month, quantile_cont(margin, 0.5) AS margin FROM panel WHERE NOT best AND margin > 0 GROUP BY month
),
first_day AS (SELECT account, min(start) AS day FROM spells GROUP BY account)
SELECT p.month, p.account, p.rep, p.lost, p.margin,
    CASE WHEN p.best THEN 'best' WHEN p.margin > 0 AND p.margin >= b.margin THEN 'middle' ELSE 'rest'
        END AS class,
    CASE WHEN f.day > p.month - INTERVAL 12 MONTH THEN 'new' ELSE 'old' END AS tenure
FROM panel AS p JOIN first_day AS f ON f.account = p.account LEFT JOIN bar AS b ON b.month = p.month
"""

GROUPS = """
WITH x AS (
    SELECT account, '{by}' AS "by", {by} AS "group", {start} AS start,
        sum(lost)::DOUBLE AS n, count(*)::DOUBLE AS d, sum(lost * margin)::DOUBLE AS margin_n,
        sum(margin)::DOUBLE AS margin_d
    FROM classes GROUP BY ALL
)
SELECT '{kind}' AS kind, "by", "group", start, count(*)::DOUBLE AS units, {sums} FROM x GROUP BY ALL
"""

STARTS = {
    "all": "(SELECT min(month) FROM classes)", "year": "date_trunc('year', month)::DATE",
    "quarter": "date_trunc('quarter', month)::DATE", "month": "month",
}  # fmt: skip

MOMENTS = ("n", "d", "nn", "nd", "dd", "nnn", "nnd", "ndd", "ddd")

COLUMNS = (
    "by", "group", "kind", "start", "customers", "lost", "customer_months", "defection", "low", "high",
    "margin_defection", "margin_low", "margin_high", "words",
)  # fmt: skip

NAMES = {
    "best": "The best customers", "middle": "Customers of the middle", "rest": "All other customers",
    "new": "Customers of less than a year", "old": "Customers of a year and more",
}  # fmt: skip


def make_classes(con: duckdb.DuckDBPyConnection) -> None:
    """Create ``classes(month, account, rep, lost, margin, class, tenure)``: the panel with both groupings."""
    con.execute(CLASSES)


def defection(con: duckdb.DuckDBPyConnection) -> pd.DataFrame:
    """By value class and by tenure, over all of the time and by year, quarter and month; needs ``classes``.

    Returns
    -------
    DataFrame
        ``by`` (``class``: best, middle, rest by the margin of the last twelve months; ``tenure``: new, a
        customer for less than a year, or old), ``group``, ``kind``, ``start``, ``customers``, ``lost``,
        ``customer_months``, ``defection`` per month with ``low`` and ``high``, ``margin_defection`` (of the
        margin of the last twelve months, per month) with its interval, ``words``.
    """
    queries = [
        GROUPS.format(by=by, kind=kind, start=start, sums=_sums())
        for by in ("class", "tenure")
        for kind, start in STARTS.items()
    ]
    # One after the other: each groups the whole panel, and memory has to hold one of them only.
    found_in = [con.execute(query).df() for query in queries]
    cells = pd.concat(found_in, ignore_index=True).sort_values(
        ["by", "group", "kind", "start"], ignore_index=True
    )
    if cells.empty:
        return pd.DataFrame(columns=list(COLUMNS))
    table = cells[["by", "group", "kind", "start"]].copy()
    table["customers"], table["lost"], table["customer_months"] = cells["units"], cells["n"], cells["d"]
    rates, money = (_taken(cells, before) for before in ("", "margin_"))
    found = estimate("rate", rates, _effects(cells))
    table["defection"], table["low"], table["high"] = found.value, found.low, found.high
    found = estimate("ratio", money)
    table["margin_defection"], table["margin_low"], table["margin_high"] = found.value, found.low, found.high
    table["words"] = [_words(row) for row in records(table)]
    return table.reindex(columns=list(COLUMNS))


def _sums() -> str:
    return ", ".join(
        f"sum({' * '.join(before + each for each in moment)}) AS {before}{moment}"
        for before in ("", "margin_")
        for moment in MOMENTS
    )


def _effects(cells: pd.DataFrame) -> NDArray[np.float64]:
    """How far months of one customer go together: further in a year than in a month, which is one."""
    effects = np.ones(len(cells))
    for rows in cells.groupby("kind").indices.values():
        effects[rows] = design_effect("rate", _taken(cells.iloc[rows], ""))
    return effects


def _taken(cells: pd.DataFrame, before: str) -> Sums:
    given = {name: cells[before + name].to_numpy(float) for name in MOMENTS}
    return Sums(units=cells["units"].to_numpy(float), **given)


def _when(row: Mapping[str, Any]) -> str:
    start = row["start"]
    if row["kind"] == "all":
        return ""
    if row["kind"] == "year":
        return f" in {start.year}"
    return f" in {start.year} Q{start.quarter}" if row["kind"] == "quarter" else f" in {start:%B %Y}"


def _words(row: Mapping[str, Any]) -> str:
    said = (
        f"{NAMES[row['group']]}: {numbers.percent(row['defection'])} a month were lost{_when(row)} "
        f"({numbers.percent(row['low'])} to {numbers.percent(row['high'])})"
    )
    if pd.notna(row["margin_defection"]):
        said += f", and with them {numbers.percent(row['margin_defection'])} of the margin"
    return said
