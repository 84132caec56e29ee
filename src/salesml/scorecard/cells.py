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

SUMS = ("n", "d", *MOMENTS, "units")


def cells_of(con: duckdb.DuckDBPyConnection, base: Base, metrics: Sequence[Metric]) -> pd.DataFrame:
    """Sums of each metric of a base in each cell.

    Leaves the views ``units``, a row for each unit of each rep in each period, and ``wholes``, a row for
    each unit whoever had it in each period but months, in the connection.

    Returns
    -------
    DataFrame
        ``kind``, ``start``, ``level``, ``id``, ``metric``, ``units`` and the sums of
        :class:`salesml.scorecard.estimate.Sums`.
    """
    _units(con, base, metrics)
    sums = ", ".join(_sums(metric, place) for place, metric in enumerate(metrics))
    again = ", ".join(
        f"sum({name}{place}) AS {name}{place}" for place in range(len(metrics)) for name in SUMS
    )
    given = ", ".join(_given(metric, place) for place, metric in enumerate(metrics))
    con.execute(
        "CREATE OR REPLACE TEMP TABLE summed AS SELECT p.kind, p.start, w.rep, w.team, x.* FROM ("
        f"SELECT period, who, {sums} FROM (SELECT period, who, {given} FROM by_unit) GROUP BY ALL"
        ") AS x JOIN numbered AS p USING (period) JOIN whos AS w USING (who)"
    )
    company = "SELECT kind, start, 'company' AS level, 'company' AS id"
    wide = con.execute(
        f"{company}, {sums} FROM (SELECT kind, start, {given} FROM wholes) GROUP BY ALL "
        f"UNION ALL {company}, {again} FROM summed WHERE kind = 'month' GROUP BY ALL "
        f"UNION ALL SELECT kind, start, 'team', team, {again} FROM summed GROUP BY ALL "
        f"UNION ALL SELECT kind, start, 'rep', rep, {again} FROM summed GROUP BY ALL"
    ).df()
    parts = [_of_metric(wide, metric, place) for place, metric in enumerate(metrics)]
    return pd.concat(parts, ignore_index=True).sort_values(["metric", *KEYS], ignore_index=True)


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
    table = wide[[*KEYS, *(f"{name}{place}" for name in SUMS)]].set_axis([*KEYS, *SUMS], axis=1)
    table = table[table["units"] > 0]
    if not metric.denominator:
        # What has no denominator has one exposure in a period, however many units there are.
        table = table.assign(d=1.0)
    return table.assign(metric=metric.name)


def _units(con: duckdb.DuckDBPyConnection, base: Base, metrics: Sequence[Metric]) -> None:
    names = dict.fromkeys(
        column for metric in metrics for column in (metric.numerator, metric.denominator) if column
    )
    listed = ", ".join(f'b."{name}"' for name in names)
    # Whole numbers would be summed as such into ever wider ones, which is slow.
    sums = ", ".join(f'sum(b."{name}"::DOUBLE) AS "{name}"' for name in names)
    con.execute(f"CREATE OR REPLACE TEMP TABLE base AS {base.sql}")
    by_period = "kind" in {name for name, *_ in con.execute("DESCRIBE base").fetchall()}
    on = "p.kind = b.kind AND p.start = b.start" if by_period else "p.kind = 'month' AND p.start = b.month"
    con.execute(NUMBERED)
    con.execute(PLACED.format(nobody=NOBODY))
    con.execute(
        f"CREATE OR REPLACE TEMP TABLE by_unit AS SELECT p.period, t.who, b.unit, {sums} "
        f"FROM base AS b JOIN numbered AS p ON {on} "
        "JOIN placed AS t ON t.rep IS NOT DISTINCT FROM b.rep AND t.period = p.period GROUP BY ALL"
    )
    con.execute("DROP TABLE base")
    for kind, shorter in () if by_period else LADDER:
        con.execute(
            f"INSERT INTO by_unit SELECT p.period, b.who, b.unit, {sums} FROM by_unit AS b "
            f"JOIN numbered AS s ON s.period = b.period AND s.kind = '{shorter}' "
            f"JOIN numbered AS p ON p.kind = '{kind}' AND s.start >= p.start AND s.start < p.\"end\" "
            "GROUP BY ALL"
        )
    con.execute(
        f"CREATE OR REPLACE TEMP TABLE by_whole AS SELECT period, unit, {sums} FROM by_unit AS b "
        "WHERE period IN (SELECT period FROM numbered WHERE kind <> 'month') GROUP BY ALL"
    )
    for name, rows, who, joined in VIEWS:
        con.execute(
            f"CREATE OR REPLACE TEMP VIEW {name} AS SELECT p.kind, p.start, {who} b.unit, {listed} "
            f"FROM {rows} AS b JOIN numbered AS p USING (period) {joined}"
        )


NUMBERED = """
CREATE OR REPLACE TEMP TABLE numbered AS
SELECT (row_number() OVER (ORDER BY kind, start))::INTEGER AS period, * FROM periods
"""

PLACED = """
-- A month goes to the team that the rep was in on its first day. There are few reps and days: rows find
-- theirs by equality, and hold a number for both rep and team.
CREATE OR REPLACE TEMP TABLE placed AS
WITH x AS (SELECT r.rep, p.period, p.start FROM (SELECT DISTINCT rep FROM base) AS r, numbered AS p)
SELECT x.rep, x.period, coalesce(t.team, '{nobody}') AS team,
    (dense_rank() OVER (ORDER BY coalesce(x.rep, '{nobody}'), coalesce(t.team, '{nobody}')))::INTEGER AS who
FROM x ASOF LEFT JOIN teams AS t ON x.rep = t.rep AND x.start >= t.start;
CREATE OR REPLACE TEMP TABLE whos AS
SELECT DISTINCT who, coalesce(rep, '{nobody}') AS rep, team FROM placed
"""

VIEWS = (
    ("units", "by_unit", "w.rep, w.team,", "JOIN whos AS w USING (who)"),
    ("wholes", "by_whole", "", ""),
)
"""Rows by number as they are read: name, table, columns of whom, and where these come from."""
