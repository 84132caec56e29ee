"""From the rows of a base to sums for the company, each team and each rep, per period: one query a base."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import duckdb
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from salesml.scorecard.estimate import Sums
from salesml.scorecard.metric import Base, Metric

LEVELS = ("company", "team", "rep")

KEYS = ["kind", "start", "level", "id"]

NOBODY = "(nobody)"
"""The id of what no rep, or no team, is named for."""


def cells_of(con: duckdb.DuckDBPyConnection, base: Base, metrics: Sequence[Metric]) -> pd.DataFrame:
    """Sums of each metric of a base in each cell.

    Returns
    -------
    DataFrame
        ``kind``, ``start``, ``level``, ``id``, ``metric``, ``units`` and the sums of
        :class:`salesml.scorecard.estimate.Sums`.
    """
    _units(con, base, metrics)
    parts = []
    for metric in metrics:
        n, d = _columns(metric)
        seen = f"{n} IS NOT NULL AND {d} IS NOT NULL"
        squares = f"sum({n} * {n}) AS nn, sum({n} * {d}) AS nd, sum({d} * {d}) AS dd"
        sums = f"sum({n}) AS n, sum({d}) AS d, {squares}, count(*)::DOUBLE AS units"
        parts.append(
            "SELECT kind, start, CASE WHEN grouping(rep) = 0 THEN 'rep' WHEN grouping(team) = 0 THEN 'team' "
            "ELSE 'company' END AS level, CASE WHEN grouping(rep) = 0 THEN rep WHEN grouping(team) = 0 "
            f"THEN team ELSE 'company' END AS id, '{metric.name}' AS metric, {sums} FROM units WHERE {seen} "
            "GROUP BY GROUPING SETS ((kind, start), (kind, start, team), (kind, start, rep))"
        )
    found = con.execute(" UNION ALL ".join(parts)).df()
    return found.sort_values(["metric", *KEYS], ignore_index=True)


@dataclass(frozen=True)
class UnitsOf:
    """The units of a metric over all of the time, each with the rep it belongs to.

    Parameters
    ----------
    reps : list of str
    rep : ndarray of shape (units,)
        Index into ``reps``.
    n, d : ndarray of shape (units,)
    """

    reps: list[str]
    rep: NDArray[np.intp]
    n: NDArray[np.float64]
    d: NDArray[np.float64]


def units_of(con: duckdb.DuckDBPyConnection, metric: Metric) -> UnitsOf:
    """Units with a rep, for the base that :func:`cells_of` was last called with."""
    n, d = _columns(metric)
    found = con.execute(
        f"SELECT rep, {n}::DOUBLE AS n, {d}::DOUBLE AS d FROM units WHERE kind = 'all' AND rep <> '{NOBODY}' "
        f"AND {n} IS NOT NULL AND {d} IS NOT NULL ORDER BY rep, unit"
    ).df()
    codes, reps = pd.factorize(found["rep"], sort=True)
    return UnitsOf(list(reps), codes, found["n"].to_numpy(float), found["d"].to_numpy(float))


def sums_of(cells: pd.DataFrame) -> Sums:
    """The sums of cells as arrays."""
    return Sums(*(cells[name].to_numpy(float) for name in ("n", "d", "nn", "nd", "dd", "units")))


def _columns(metric: Metric) -> tuple[str, str]:
    return f'"{metric.numerator}"', f'"{metric.denominator}"' if metric.denominator else "1.0"


def _units(con: duckdb.DuckDBPyConnection, base: Base, metrics: Sequence[Metric]) -> None:
    """The table ``units``: a row for each unit of each rep in each period."""
    columns = dict.fromkeys(
        column for metric in metrics for column in (metric.numerator, metric.denominator) if column
    )
    sums = ", ".join(f'sum(b."{name}") AS "{name}"' for name in columns)
    con.execute(f"CREATE OR REPLACE TEMP TABLE base AS {base.sql}")
    by_period = "kind" in {name for name, *_ in con.execute("DESCRIBE base").fetchall()}
    on = "b.kind = p.kind AND b.start = p.start" if by_period else 'b.month >= p.start AND b.month < p."end"'
    # A month goes to the team that the rep was in on its first day.
    day = "x.start" if by_period else "x.month"
    con.execute(
        f"CREATE OR REPLACE TEMP TABLE units AS WITH b AS (SELECT x.*, t.team FROM base AS x "
        f"ASOF LEFT JOIN teams AS t ON x.rep = t.rep AND {day} >= t.start) "
        f"SELECT p.kind, p.start, coalesce(b.rep, '{NOBODY}') AS rep, coalesce(b.team, '{NOBODY}') AS team, "
        f"b.unit, {sums} FROM b JOIN periods AS p ON {on} GROUP BY ALL"
    )
