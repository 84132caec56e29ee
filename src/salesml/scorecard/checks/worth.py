"""What an hour brought by kind of activity, attribute and value class: averages, which are no promise.

An hour's average is not what one more hour would bring: hours went where reps expected most of them, and
those who buy anyway are easily called. Every sentence says so.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import duckdb
import numpy as np
import pandas as pd
from scipy import stats

from salesml.crm.sources import identifier
from salesml.scorecard.checks.hours import PURSUED
from salesml.scorecard.estimate import Sums, estimate
from salesml.scorecard.likelihood import of_ratios
from salesml.scorecard.luck import real
from salesml.scorecard.records import records
from salesml.scorecard.shrink import shrink
from salesml.words import numbers

LEAST = 30
"""Prospects or accounts that a group must have."""

PARTS = 100
"""An attribute of more levels is a name, not a kind."""

COLUMNS = ("aim", "by", "group", "hours", "count", "value", "low", "high", "verdict", "words")

OF_PROSPECTS = """
SELECT {group} AS "group", count(*)::DOUBLE AS units, sum(x.margin) AS n, sum(x.hours) AS d,
    sum(x.margin * x.margin) AS nn, sum(x.margin * x.hours) AS nd, sum(x.hours * x.hours) AS dd
FROM ({pursued}) AS x {joined} WHERE {group} IS NOT NULL AND x.hours > 0 GROUP BY ALL ORDER BY 1
"""

KINDS_USED = """
JOIN (
    SELECT prospect, string_agg(DISTINCT kind, ' and ' ORDER BY kind) AS kinds FROM work
    WHERE prospect IS NOT NULL AND kind IS NOT NULL GROUP BY ALL
) AS k ON k.prospect = x.unit
"""

OF_ACCOUNTS = """
WITH kinds AS (
    SELECT account, month,
        CASE WHEN best THEN 'best' WHEN margin > 0 THEN 'other' ELSE 'without margin yet' END AS "group"
    FROM panel
),
spent AS (
    SELECT p.account, p."group", sum(w.hours) AS hours FROM work AS w JOIN kinds AS p USING (account, month)
    WHERE w.aim = 'keep' AND w.hours > 0 GROUP BY ALL
),
earned AS (
    SELECT p.account, p."group", sum(m.margin) AS margin
    FROM money AS m JOIN kinds AS p USING (account, month) GROUP BY ALL
),
x AS (
    SELECT "group", coalesce(margin, 0) AS margin, coalesce(hours, 0) AS hours
    FROM spent FULL JOIN earned USING (account, "group")
)
SELECT "group", count(*)::DOUBLE AS units, sum(margin) AS n, sum(hours) AS d, sum(margin * margin) AS nn,
    sum(margin * hours) AS nd, sum(hours * hours) AS dd
FROM x GROUP BY ALL HAVING sum(hours) > 0 ORDER BY 1
"""


def worth(con: duckdb.DuckDBPyConnection, have: frozenset[str], currency: str) -> pd.DataFrame:
    """Margin per hour in groups of prospects and of accounts.

    Returns
    -------
    DataFrame
        ``aim`` (win, keep), ``by`` (``kind``, an attribute, ``value class``), ``group``, ``hours``,
        ``count``, ``value`` (drawn towards all groups of the same ``by``), ``low``, ``high``, ``verdict``
        (``more``, ``less``, ``same``, or ``luck`` where groups of this ``by`` differ no more than chance
        would have it), ``words``.
    """
    found: list[tuple[Groups, pd.DataFrame]] = []
    if set(PURSUED.needs) <= have:
        for by, joined, group in _ways(con, have):
            sql = OF_PROSPECTS.format(group=group, pursued=PURSUED.sql, joined=joined)
            found += _groups(con.execute(sql).df(), "win", by)
    if {"activities.hours", "activities.account", "margin"} <= have:
        found += _groups(con.execute(OF_ACCOUNTS).df(), "keep", "value class")
    differ = real(np.array([each.chance for each, _ in found]))
    tables = [
        _told(each, table, bool(more), currency) for (each, table), more in zip(found, differ, strict=True)
    ]
    return pd.concat(tables, ignore_index=True) if tables else pd.DataFrame(columns=list(COLUMNS))


def _ways(con: duckdb.DuckDBPyConnection, have: frozenset[str]) -> Iterator[tuple[str, str, str]]:
    """What prospects are grouped by: the kinds of activities they had, and each attribute with few levels."""
    if "activities.kind" in have:
        yield "kind", KINDS_USED, "k.kinds"
    columns = con.execute("DESCRIBE prospects").fetchall()
    texts = [name for name, kind, *_ in columns if name.startswith("a_") and kind == "VARCHAR"]
    for name in texts:
        column = identifier(name)
        levels = con.execute(f"SELECT count(DISTINCT {column}) FROM prospects").fetchone()
        if levels and 1 < levels[0] <= PARTS:
            yield name.removeprefix("a_"), "JOIN prospects AS a ON a.id = x.unit", f"a.{column}"


@dataclass(frozen=True)
class Groups:
    """What is known of all groups of a kind: their common value, and the chance to differ so by luck."""

    aim: str
    by: str
    centre: float
    chance: float


def _groups(groups: pd.DataFrame, aim: str, by: str) -> list[tuple[Groups, pd.DataFrame]]:
    """One entry, or none where there are not two groups to compare."""
    groups = groups[(groups["units"] >= LEAST) & (groups["n"] > 0)].reset_index(drop=True)
    if len(groups) < 2:
        return []
    sums = Sums(*(groups[name].to_numpy(float) for name in ("n", "d", "nn", "nd", "dd", "units")))
    raw = estimate("ratio", sums)
    # On logarithms: money is skewed, and groups that bring more also vary more.
    point, variance = np.log(raw.value), raw.variance / raw.value**2
    drawn = shrink(of_ratios(point, variance, sums.units))
    centre = float((point / variance).sum() / (1 / variance).sum())
    chance = float(stats.chi2.sf(((point - centre) ** 2 / variance).sum(), len(point) - 1))
    table = pd.DataFrame({"aim": aim, "by": by, "group": groups["group"].astype(str)})
    table["hours"], table["count"] = sums.d, sums.units
    table["value"], table["low"], table["high"] = np.exp(drawn.value), np.exp(drawn.low), np.exp(drawn.high)
    return [(Groups(aim, by, float(np.exp(centre)), chance), table)]


def _told(groups: Groups, table: pd.DataFrame, differ: bool, currency: str) -> pd.DataFrame:
    above, below = table["low"] > groups.centre, table["high"] < groups.centre
    table["verdict"] = np.select([[not differ] * len(table), above, below], ["luck", "more", "less"], "same")
    who = "Prospects" if groups.aim == "win" else "Customers"
    table["words"] = [
        SAID[row["verdict"]].format(
            who=f"{who}, {groups.by}: {row['group']}",
            hour=numbers.money(row["value"], currency),
            usual=numbers.money(groups.centre, currency),
        )
        for row in records(table)
    ]
    return table.reindex(columns=list(COLUMNS))


SAID = {
    "more": "{who}: {hour} of margin an hour, more than the usual {usual}; one more hour may bring less",
    "less": "{who}: {hour} of margin an hour, less than the usual {usual}",
    "same": "{who}: {hour} of margin an hour, no different from the usual {usual} as far as can be told",
    "luck": "{who}: {hour} of margin an hour; groups of this kind differ by no more than luck",
}
