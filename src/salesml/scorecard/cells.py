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

SPANS = """(
    SELECT p.kind, p.start, m.start AS month FROM periods AS p
    JOIN periods AS m ON m.kind = 'month' AND m.start >= p.start AND m.start < p."end"
)"""
"""The months of each period: joined by equality, which costs far less than by range."""

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
    parts = []
    for metric in metrics:
        n, d = columns_of(metric)
        seen = f"WHERE {n} IS NOT NULL AND {d} IS NOT NULL"
        sums = _sums(n, d, once=metric.kind == "count" and not metric.denominator)
        name = f"'{metric.name}' AS metric"
        parts += [
            f"SELECT kind, start, 'company' AS level, 'company' AS id, {name}, {sums} FROM {rows} "
            "GROUP BY kind, start"
            for rows in (f"wholes {seen}", f"units {seen} AND kind = 'month'")
        ]
        parts.append(
            "SELECT kind, start, CASE WHEN grouping(rep) = 0 THEN 'rep' ELSE 'team' END AS level, "
            f"CASE WHEN grouping(rep) = 0 THEN rep ELSE team END AS id, {name}, {sums} "
            f"FROM units {seen} GROUP BY GROUPING SETS ((kind, start, team), (kind, start, rep))"
        )
    found = con.execute(" UNION ALL ".join(parts)).df()
    return found.sort_values(["metric", *KEYS], ignore_index=True)


def sums_of(cells: pd.DataFrame) -> Sums:
    """The sums of cells as arrays."""
    return Sums(**{name: cells[name].to_numpy(float) for name in ("n", "d", "units", *MOMENTS)})


def columns_of(metric: Metric) -> tuple[str, str]:
    """Numerator and denominator in SQL."""
    return f'"{metric.numerator}"', f'"{metric.denominator}"' if metric.denominator else "1.0"


def _sums(n: str, d: str, *, once: bool) -> str:
    """``once``: a number of cases in a period is one exposure, however many units there are."""
    factors = {"n": f"{n}::DOUBLE", "d": f"{d}::DOUBLE"}
    moments = ", ".join(f"sum({' * '.join(factors[each] for each in name)}) AS {name}" for name in MOMENTS)
    whole = "1.0" if once else f"sum({d})"
    return f"sum({n})::DOUBLE AS n, {whole}::DOUBLE AS d, {moments}, count(*)::DOUBLE AS units"


def _units(con: duckdb.DuckDBPyConnection, base: Base, metrics: Sequence[Metric]) -> None:
    names = dict.fromkeys(
        column for metric in metrics for column in (metric.numerator, metric.denominator) if column
    )
    sums = ", ".join(f'sum(b."{name}") AS "{name}"' for name in names)
    con.execute(f"CREATE OR REPLACE TEMP TABLE base AS {base.sql}")
    by_period = "kind" in {name for name, *_ in con.execute("DESCRIBE base").fetchall()}
    spans = "periods" if by_period else SPANS
    on = "b.kind = p.kind AND b.start = p.start" if by_period else "b.month = p.month"
    # A month goes to the team that the rep was in on its first day.
    day = "x.start" if by_period else "x.month"
    con.execute(
        f"CREATE OR REPLACE TEMP TABLE units AS WITH b AS (SELECT x.*, t.team FROM base AS x "
        f"ASOF LEFT JOIN teams AS t ON x.rep = t.rep AND {day} >= t.start) "
        f"SELECT p.kind, p.start, coalesce(b.rep, '{NOBODY}') AS rep, coalesce(b.team, '{NOBODY}') AS team, "
        f"b.unit, {sums} FROM b JOIN {spans} AS p ON {on} GROUP BY ALL"
    )
    con.execute(
        f"CREATE OR REPLACE TEMP TABLE wholes AS SELECT kind, start, unit, {sums} FROM units AS b "
        "WHERE kind <> 'month' GROUP BY kind, start, unit"
    )
