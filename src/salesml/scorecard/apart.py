"""Do reps, or teams, differ by more than luck in a metric: the test over the units of its base.

Each unit is held against all units of the same quarter, so that a rep who was there in bad times only
does not look bad.
"""

from __future__ import annotations

import duckdb
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from salesml.scorecard.cells import NOBODY, columns_of
from salesml.scorecard.luck import MOST_UNITS, counted, difference
from salesml.scorecard.metric import Metric

Floats = NDArray[np.float64]


def apart(con: duckdb.DuckDBPyConnection, metric: Metric, level: str, effect: float) -> float:
    """The chance that reps or teams who are alike would differ as much: a p-value.

    Reads the table ``units`` of :func:`salesml.scorecard.cells.cells_of`.

    Parameters
    ----------
    level : str
        ``rep`` or ``team``.
    effect : float
        The design effect of rates and counts.

    Returns
    -------
    float
        NaN of a sum, which is large where a book is, of units that are not independent, and where there is
        nothing to compare.
    """
    if metric.kind == "sum" or not metric.base.independent:
        return float("nan")
    if metric.kind in ("rate", "count"):
        return _counted(con, metric, level, effect)
    n, d = columns_of(metric)
    rows = con.execute("SELECT count(*), count(DISTINCT start) FROM units WHERE kind = 'quarter'").fetchone()
    # Only where units are dealt anew does their order matter: sorting millions of them is for nothing.
    order = "ORDER BY id, unit" if rows and rows[0] <= MOST_UNITS * rows[1] else ""
    found = con.execute(f"""
WITH seen AS (
    SELECT start, {level} AS id, unit, {n}::DOUBLE AS n, {d}::DOUBLE AS d
    FROM units WHERE kind = 'quarter' AND {n} IS NOT NULL AND {d} IS NOT NULL
),
f AS (SELECT start, sum(n) / nullif(sum(d), 0) AS ratio FROM seen GROUP BY start)
SELECT id, sum(s.n - f.ratio * s.d) AS departed, sum(s.d) AS size
FROM seen AS s JOIN f ON f.start = s.start
WHERE id <> '{NOBODY}' AND f.ratio IS NOT NULL GROUP BY id, unit {order}
""").df()
    codes = pd.factorize(found["id"])[0]
    return difference(codes, found["departed"].to_numpy(float), found["size"].to_numpy(float))


def _counted(con: duckdb.DuckDBPyConnection, metric: Metric, level: str, effect: float) -> float:
    n, d = columns_of(metric)
    found = con.execute(f"""
SELECT start, {level} AS id, sum({n})::DOUBLE AS n, sum({d})::DOUBLE AS d FROM units
WHERE kind = 'quarter' AND {level} <> '{NOBODY}' AND {n} IS NOT NULL AND {d} IS NOT NULL GROUP BY ALL
""").df()
    if found.empty:
        return float("nan")
    cases, exposure = (
        found.pivot(index="id", columns="start", values=name).sort_index(axis=1).fillna(0.0).to_numpy()
        for name in ("n", "d")
    )
    share = exposure if metric.denominator else _present(cases)
    return counted(cases / effect, share / effect, trials=metric.kind == "rate")


def _present(cases: Floats) -> Floats:
    """Ones from the first to the last period in which each had a case."""
    seen = cases > 0
    begun = np.maximum.accumulate(seen, axis=1)
    over = np.maximum.accumulate(seen[:, ::-1], axis=1)[:, ::-1]
    return (begun & over).astype(float)
