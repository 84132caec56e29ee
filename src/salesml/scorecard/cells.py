"""From the rows of a base to sums for the company, each team and each rep, per period: one query a base."""

from __future__ import annotations

from collections.abc import Sequence

import duckdb
import pandas as pd

from salesml.scorecard.estimate import Sums
from salesml.scorecard.metric import Base, Metric

LEVELS = ("company", "team", "rep")

KEYS = ["kind", "start", "level", "id"]

NOBODY = "(nobody)"
"""The id of what no rep, or no team, is named for."""

LADDER = (("quarter", "month"), ("year", "quarter"), ("all", "month"))
"""Kinds of periods, and the shorter kind that each is summed from: of fewer rows than months each time."""

MOMENTS = ("nn", "nd", "dd", "nnn", "nnd", "ndd", "ddd")


def cells_of(con: duckdb.DuckDBPyConnection, base: Base, metrics: Sequence[Metric]) -> pd.DataFrame:
    """Sums of each metric of a base in each cell.

    Leaves the tables ``units``, a row for each unit of each rep in each period, and ``wholes``, a row for
    each unit whoever had it in each period but months, in the connection.

    Returns
    -------
    DataFrame
        ``kind``, ``start``, ``level``, ``id``, ``metric``, ``units`` and the sums of
        :class:`salesml.scorecard.estimate.Sums`.
    """
    _units(con, base, metrics)
    sums = ", ".join(_sums(metric, place) for place, metric in enumerate(metrics))
    given = ", ".join(_given(metric, place) for place, metric in enumerate(metrics))
    company = f"SELECT kind, start, 'company' AS level, 'company' AS id, {sums}"
    wide = con.execute(
        f"{company} FROM (SELECT kind, start, {given} FROM wholes) GROUP BY ALL UNION ALL "
        f"{company} FROM (SELECT kind, start, {given} FROM units WHERE kind = 'month') GROUP BY ALL UNION ALL "
        "SELECT kind, start, CASE WHEN grouping(rep) = 0 THEN 'rep' ELSE 'team' END AS level, "
        f"CASE WHEN grouping(rep) = 0 THEN rep ELSE team END AS id, {sums} "
        f"FROM (SELECT kind, start, rep, team, {given} FROM units) "
        "GROUP BY GROUPING SETS ((kind, start, team), (kind, start, rep))"
    ).df()
    parts = [_of_metric(wide, metric, place) for place, metric in enumerate(metrics)]
    found = pd.concat(parts, ignore_index=True)
    return found.sort_values(["metric", *KEYS], ignore_index=True)


def sums_of(cells: pd.DataFrame) -> Sums:
    """The sums of cells as arrays."""
    return Sums(**{name: cells[name].to_numpy(float) for name in ("n", "d", "units", *MOMENTS)})


def columns_of(metric: Metric) -> tuple[str, str]:
    """Numerator and denominator in SQL."""
    return f'"{metric.numerator}"', f'"{metric.denominator}"' if metric.denominator else "1.0"


def _given(metric: Metric, place: int) -> str:
    """Numerator and denominator of units that have both."""
    n, d = columns_of(metric)
    both = f"CASE WHEN {n} IS NOT NULL AND {d} IS NOT NULL THEN"
    return f"{both} {n}::DOUBLE END AS n{place}, {both} {d}::DOUBLE END AS d{place}"


def _sums(metric: Metric, place: int) -> str:
    moments = [
        f"sum({' * '.join(f'{each}{place}' for each in name)}) AS {name}{place}"
        for name in ("n", "d", *MOMENTS)
    ]
    return ", ".join([*moments, f"count(n{place})::DOUBLE AS units{place}"])


def _of_metric(wide: pd.DataFrame, metric: Metric, place: int) -> pd.DataFrame:
    names = ("n", "d", *MOMENTS, "units")
    table = wide[[*KEYS, *(f"{name}{place}" for name in names)]].set_axis([*KEYS, *names], axis=1)
    table = table[table["units"] > 0]
    if metric.kind == "count" and not metric.denominator:
        # A number of cases in a period is one exposure, however many units there are.
        table = table.assign(d=1.0)
    return table.assign(metric=metric.name)


def _units(con: duckdb.DuckDBPyConnection, base: Base, metrics: Sequence[Metric]) -> None:
    names = dict.fromkeys(
        column for metric in metrics for column in (metric.numerator, metric.denominator) if column
    )
    # Whole numbers would be summed as such into ever wider ones, which is slow.
    sums = ", ".join(f'sum(b."{name}"::DOUBLE) AS "{name}"' for name in names)
    con.execute(f"CREATE OR REPLACE TEMP VIEW base AS {base.sql}")
    by_period = "kind" in {name for name, *_ in con.execute("DESCRIBE base").fetchall()}
    on = "p.kind = b.kind AND p.start = b.start" if by_period else "p.kind = 'month' AND p.start = b.month"
    con.execute(PLACED)
    con.execute(
        f"CREATE OR REPLACE TEMP TABLE units AS SELECT p.kind, p.start, coalesce(b.rep, '{NOBODY}') AS rep, "
        f"coalesce(t.team, '{NOBODY}') AS team, b.unit, {sums} FROM base AS b JOIN periods AS p ON {on} "
        "LEFT JOIN placed AS t ON t.rep = b.rep AND t.start = p.start GROUP BY ALL"
    )
    for kind, shorter in () if by_period else LADDER:
        con.execute(
            f"INSERT INTO units SELECT p.kind, p.start, b.rep, b.team, b.unit, {sums} FROM units AS b "
            f"JOIN periods AS p ON p.kind = '{kind}' AND b.start >= p.start AND b.start < p.\"end\" "
            f"WHERE b.kind = '{shorter}' GROUP BY ALL"
        )
    con.execute(
        f"CREATE OR REPLACE TEMP TABLE wholes AS SELECT kind, start, unit, {sums} FROM units AS b "
        "WHERE kind <> 'month' GROUP BY kind, start, unit"
    )


PLACED = """
-- A month goes to the team that the rep was in on its first day; there are few reps and days, so that rows
-- find theirs by equality.
CREATE OR REPLACE TEMP TABLE placed AS
SELECT r.rep, r.start, t.team FROM (
    SELECT * FROM (SELECT DISTINCT rep FROM teams), (SELECT DISTINCT start FROM periods)
) AS r ASOF JOIN teams AS t ON t.rep = r.rep AND r.start >= t.start
"""
