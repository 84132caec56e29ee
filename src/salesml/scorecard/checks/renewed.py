"""Revenue retention: what the customers of two years ago brought last year, against the year before it.

Customers of the first day of the earlier twelve months alone: who came during them brought less than a
year's revenue then, and would look like growth. Twelve months on both sides, whatever the period, since a
customer who buys now and then would look like a loss in one month and like a gain in the next. As usual, net
counts what is bought more, gross at most the earlier revenue of each customer.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import duckdb
import numpy as np
import pandas as pd

from salesml.scorecard.estimate import Sums, estimate
from salesml.scorecard.facts import owned, owner
from salesml.scorecard.records import records
from salesml.words import numbers

MONTHS = 24
"""Behind the end of a period that are looked at."""

LEAST = 10
"""Customers that a group must have."""

KINDS = ("quarter", "year")
"""Periods of the table: classes and cohorts of single months are too small."""

RENEWED = """
WITH ends AS (SELECT DISTINCT "end" AS day FROM periods WHERE complete AND kind IN ({kinds})),
cohort AS (
    SELECT e.day, p.account FROM ends AS e
    JOIN panel AS p ON p.month = (e.day - INTERVAL {months} MONTH)::DATE
),
spans AS (
    SELECT e.day, m.start AS month, m.start >= e.day - INTERVAL 12 MONTH AS late FROM ends AS e
    JOIN periods AS m ON m.kind = 'month' AND m.start >= e.day - INTERVAL {months} MONTH AND m.start < e.day
),
x AS (
    SELECT c.day, c.account, (c.day - INTERVAL 12 MONTH)::DATE AS middle,
        coalesce(sum(m.revenue) FILTER (WHERE NOT s.late), 0) AS earlier,
        coalesce(sum(m.revenue) FILTER (WHERE s.late), 0) AS now
    FROM money AS m JOIN spans AS s ON s.month = m.month
    JOIN cohort AS c ON c.account = m.account AND c.day = s.day GROUP BY ALL
)
SELECT p.kind, p.start, {owner} AS rep, x.account AS unit, x.earlier, x.now,
    greatest(least(x.now, x.earlier), 0) AS still
FROM x JOIN periods AS p ON p."end" = x.day AND p.complete AND p.kind IN ({kinds}) {owned}
"""

GROUPS = """
WITH renewed AS ({renewed}),
-- Classes by what was known on the first day: the revenue that is compared would say who left during it.
since AS (SELECT account AS unit, year(min(start)) AS year FROM spells GROUP BY account),
known AS (SELECT month FROM classes WHERE class = 'best' GROUP BY month),
placed AS (
    SELECT r.*, c.class, s.year::VARCHAR AS cohort
    FROM renewed AS r JOIN periods AS p ON p.kind = r.kind AND p.start = r.start
    JOIN since AS s ON s.unit = r.unit
    LEFT JOIN classes AS c ON c.account = r.unit AND c.month = (p."end" - INTERVAL {months} MONTH)::DATE
        AND c.month IN (SELECT month FROM known)
),
grouped AS (
    SELECT 'all' AS "by", 'all' AS "group", * FROM placed
    UNION ALL SELECT 'class', class, * FROM placed WHERE class IS NOT NULL
    UNION ALL SELECT 'cohort', cohort, * FROM placed
)
SELECT "by", "group", kind, start, count(*)::DOUBLE AS units, {sums} FROM grouped GROUP BY ALL
HAVING count(*) >= {least} AND sum(earlier) > 0 ORDER BY "by", "group", kind, start
"""

MOMENTS = ("n", "d", "nn", "nd", "dd", "nnn", "nnd", "ndd", "ddd")

RATES = {"net": "now", "gross": "still"}

COLUMNS = (
    "by", "group", "kind", "start", "customers", "earlier", "net", "net_low", "net_high", "gross",
    "gross_low", "gross_high", "words",
)  # fmt: skip

NAMES = {
    "all": "All customers", "best": "The best customers", "middle": "Customers of the middle",
    "rest": "All other customers",
}  # fmt: skip


def renewed(kinds: tuple[str, ...]) -> str:
    """A SELECT of customers with their revenue of twelve months and of the twelve before, by period."""
    listed = ", ".join(f"'{kind}'" for kind in kinds)
    return RENEWED.format(kinds=listed, months=MONTHS, owner=owner("x.middle"), owned=owned("x.middle"))


def revenue_retention(con: duckdb.DuckDBPyConnection) -> pd.DataFrame:
    """Net and gross revenue retention by value class and by the year in which customers came.

    Needs ``classes``.

    Returns
    -------
    DataFrame
        ``by`` (``all``; ``class``: best, middle, rest, as on the day before both years;
        ``cohort``: the year), ``group``, ``kind``, ``start``,
        ``customers``, ``earlier`` (their revenue of the earlier twelve months), ``net`` and ``gross`` with
        their intervals, ``words``.
    """
    sums = ", ".join(
        f"sum({_product(moment, column)})::DOUBLE AS {name}_{moment}"
        for name, column in RATES.items()
        for moment in MOMENTS
    )
    sql = GROUPS.format(renewed=renewed(KINDS), months=MONTHS, sums=sums, least=LEAST)
    cells = con.execute(sql).df()
    if cells.empty:
        return pd.DataFrame(columns=list(COLUMNS))
    table = cells[["by", "group", "kind", "start"]].copy()
    table["customers"], table["earlier"] = cells["units"], cells["net_d"]
    for name in RATES:
        given = {each: cells[f"{name}_{each}"].to_numpy(float) for each in MOMENTS}
        found = estimate("ratio", Sums(units=cells["units"].to_numpy(float), **given))
        high = np.minimum(found.high, 1.0) if name == "gross" else found.high
        table[name], table[f"{name}_low"], table[f"{name}_high"] = found.value, found.low, high
    table["words"] = [_words(row) for row in records(table)]
    return table.reindex(columns=list(COLUMNS))


def _product(moment: str, column: str) -> str:
    return " * ".join({"n": column, "d": "earlier"}[each] for each in moment)


def _words(row: Mapping[str, Any]) -> str:
    who = NAMES.get(row["group"], f"Customers since {row['group']}")
    net, gross = (
        f"{numbers.percent(row[name])} ({numbers.percent(row[f'{name}_low'])} to "
        f"{numbers.percent(row[f'{name}_high'])})"
        for name in RATES
    )
    start = row["start"]
    when = str(start.year) if row["kind"] == "year" else f"the twelve months to the end of {_quarter(start)}"
    return (
        f"{who}: of their revenue of the year before, {gross} came again in {when}, and {net} with what they "
        "bought more"
    )


def _quarter(start: pd.Timestamp) -> str:
    return f"{start.year} Q{start.quarter}"
