"""How the figures of two years go together, since many units stand behind both."""

from __future__ import annotations

from collections.abc import Sequence

import duckdb
import numpy as np
import pandas as pd

from salesml.scorecard.cells import columns_of
from salesml.scorecard.metric import Metric

PERIODS = ("quarter", "year")


def correlations(con: duckdb.DuckDBPyConnection, metrics: Sequence[Metric]) -> dict[tuple[str, str], float]:
    """The correlation of the company's figure with that of a year before, by metric and kind of period.

    It is that of what units depart by from either figure; months take that of quarters. Reads the table
    ``wholes`` of :func:`salesml.scorecard.cells.cells_of`.
    """
    kept = [metric for metric in metrics if metric.kind != "count"]
    if not kept:
        return {}
    found = con.execute(" UNION ALL ".join(_departures(metric) for metric in kept)).df()
    return {
        (str(metric), kind): _pooled(group)
        for (metric, period), group in found.groupby(["metric", "kind"])
        for kind in (("month", "quarter") if period == "quarter" else ("year",))
    }


def _departures(metric: Metric) -> str:
    n, d = columns_of(metric)
    # A sum departs from nothing: what units bring is itself chance.
    off = f"{n} - f.ratio * {d}" if metric.kind != "sum" else n
    return f"""
SELECT * FROM (
    WITH seen AS (
        SELECT * FROM wholes
        WHERE kind IN {PERIODS} AND {n} IS NOT NULL AND {d} IS NOT NULL
    ),
    f AS (SELECT kind, start, sum({n}) / nullif(sum({d}), 0) AS ratio FROM seen GROUP BY ALL),
    x AS (
        SELECT s.kind, s.start, s.unit, ({off})::DOUBLE AS e
        FROM seen AS s JOIN f ON f.kind = s.kind AND f.start = s.start
    )
    SELECT '{metric.name}' AS metric, x.kind, x.start, sum(x.e * coalesce(b.e, 0)) AS both,
        sum(x.e * x.e) AS now,
        (SELECT sum(y.e * y.e) FROM x AS y WHERE y.kind = x.kind AND y.start = x.start - INTERVAL 12 MONTH)
            AS before
    FROM x LEFT JOIN x AS b ON b.kind = x.kind AND b.unit = x.unit AND b.start = x.start - INTERVAL 12 MONTH
    GROUP BY x.kind, x.start
)
"""


def _pooled(table: pd.DataFrame) -> float:
    known = table[table["before"].notna()]
    whole = float(np.sqrt(known["now"] * known["before"]).sum())
    return float(np.clip(known["both"].sum() / whole, -1.0, 1.0)) if whole > 0 else 0.0
