"""How the figures of two years go together, since many units stand behind both."""

from __future__ import annotations

from collections.abc import Sequence

import duckdb
import numpy as np
import pandas as pd

from salesml.scorecard.cells import columns_of
from salesml.scorecard.metric import Metric

LEVELS = ("company", "team", "rep")

MOST_ROWS = 400_000
"""Above so many units of quarters and years, a sample of them says it as well."""


def correlations(
    con: duckdb.DuckDBPyConnection, metrics: Sequence[Metric]
) -> dict[tuple[str, str, str], float]:
    """The correlation of a figure with that of a year before, by metric, level and kind of period.

    It is that of what units depart by from either figure, of all teams, or reps, together; months take that
    of quarters. An account that moved stands behind one figure of either rep. Reads the tables ``units`` and
    ``wholes`` of :func:`salesml.scorecard.cells.cells_of`.
    """
    kept = [metric for metric in metrics if metric.kind != "count"]
    if not kept:
        return {}
    rows = con.execute("SELECT count(*) FROM wholes WHERE kind IN ('quarter', 'year')").fetchone()
    sample = -(-(rows[0] if rows else 0) // MOST_ROWS) or 1
    found = con.execute(
        " UNION ALL ".join(_departures(metric, level, sample) for metric in kept for level in LEVELS)
    ).df()
    return {
        (str(metric), str(level), kind): _pooled(group)
        for (metric, level, period), group in found.groupby(["metric", "level", "kind"])
        for kind in (("month", "quarter") if period == "quarter" else ("year",))
    }


def _departures(metric: Metric, level: str, sample: int) -> str:
    n, d = columns_of(metric)
    # What chance brings departs from nothing: how much there is of it is itself chance.
    off = {"sum": "n", "price": "d"}.get(metric.kind, "n - f.ratio * d")
    rows, who = ("wholes", "'company'") if level == "company" else ("units", level)
    return f"""
SELECT * FROM (
    WITH seen AS (
        SELECT kind, start, {who} AS id, unit, sum({n}) AS n, sum({d}) AS d FROM {rows}
        WHERE kind IN ('quarter', 'year') AND {n} IS NOT NULL AND {d} IS NOT NULL
            AND hash(unit) % {sample} = 0
        GROUP BY ALL
    ),
    f AS (SELECT kind, start, id, sum(n) / nullif(sum(d), 0) AS ratio FROM seen GROUP BY ALL),
    x AS (
        SELECT s.kind, s.start, s.id, s.unit, ({off})::DOUBLE AS e
        FROM seen AS s JOIN f ON f.kind = s.kind AND f.start = s.start AND f.id = s.id
    ),
    squares AS (SELECT kind, start, id, sum(e * e) AS square FROM x GROUP BY ALL),
    products AS (
        SELECT x.kind, x.start, x.id, sum(x.e * b.e) AS product FROM x JOIN x AS b
            ON b.kind = x.kind AND b.id = x.id AND b.unit = x.unit AND b.start = x.start - INTERVAL 12 MONTH
        GROUP BY ALL
    )
    SELECT '{metric.name}' AS metric, '{level}' AS level, s.kind, s.square AS now, b.square AS before,
        coalesce(p.product, 0) AS both
    FROM squares AS s JOIN squares AS b
        ON b.kind = s.kind AND b.id = s.id AND b.start = s.start - INTERVAL 12 MONTH
    LEFT JOIN products AS p ON p.kind = s.kind AND p.start = s.start AND p.id = s.id
)
"""


def _pooled(table: pd.DataFrame) -> float:
    whole = float(np.sqrt(table["now"] * table["before"]).sum())
    return float(np.clip(table["both"].sum() / whole, -1.0, 1.0)) if whole > 0 else 0.0
