"""Obstacles: why prospects are lost, where their time goes, and what either is worth."""

from __future__ import annotations

import duckdb
import numpy as np
import pandas as pd
from scipy import stats

from salesml.scorecard.estimate import TAIL
from salesml.scorecard.luck import real
from salesml.scorecard.records import records
from salesml.words import numbers

LEAST = 10
"""Prospects that a reason or a stage must have."""

MOST = 30

LOST = """
WITH last AS (SELECT max("end") AS until FROM periods WHERE kind = 'month' AND complete),
lost AS (
    SELECT coalesce(nullif(trim(p.lost_reason), ''), 'no reason given') AS reason, p.amount,
        p.lost_at >= l.until - INTERVAL 12 MONTH AS recent
    FROM prospects AS p, last AS l
    WHERE p.lost_at IS NOT NULL AND p.lost_at >= l.until - INTERVAL 24 MONTH AND p.lost_at < l.until
)
SELECT reason, count(*) FILTER (WHERE recent)::DOUBLE AS now,
    count(*) FILTER (WHERE NOT recent)::DOUBLE AS before,
    coalesce(sum(amount) FILTER (WHERE recent), 0)::DOUBLE AS amount
FROM lost GROUP BY reason ORDER BY now DESC, reason LIMIT {most}
"""

WAITED = """
-- How long prospects stay in a stage: until they enter the next one, are decided, or the recorded time ends.
WITH last AS (SELECT max("end") AS until FROM periods WHERE kind = 'month' AND complete),
entered AS (SELECT prospect, stage, min(day) AS day FROM stages WHERE stage IS NOT NULL GROUP BY ALL),
ways AS (
    SELECT e.prospect, e.stage, e.day, p.amount, p.won_at IS NULL AND p.lost_at IS NULL AS open,
        lead(e.day) OVER (PARTITION BY e.prospect ORDER BY e.day, e.stage) AS next,
        coalesce(p.won_at, p.lost_at) AS decided
    FROM entered AS e JOIN prospects AS p ON p.id = e.prospect
),
stays AS (
    SELECT w.*, greatest(least(coalesce(w.next, w.decided, l.until), coalesce(w.decided, l.until)) - w.day, 0)
        AS days
    FROM ways AS w, last AS l WHERE w.day < l.until
)
SELECT stage, count(*)::DOUBLE AS entered, median(days) AS median_days, sum(days)::DOUBLE AS days,
    count(*) FILTER (WHERE open AND next IS NULL)::DOUBLE AS waiting,
    coalesce(sum(amount) FILTER (WHERE open AND next IS NULL), 0)::DOUBLE AS amount
FROM stays GROUP BY stage ORDER BY sum(stays.days) DESC, stage LIMIT {most}
"""


def reasons_of_loss(con: duckdb.DuckDBPyConnection, currency: str) -> pd.DataFrame:
    """Reasons of the last twelve months and of the twelve before.

    Returns
    -------
    DataFrame
        ``reason, now, before`` (prospects lost), ``share, share_before``, ``change`` with its interval,
        ``amount`` (of those of the last twelve months), ``verdict`` (``more``, ``less``, ``same``, ``too
        few``), ``words``.
    """
    table = con.execute(LOST.format(most=MOST)).df()
    now, before = table["now"].to_numpy(float), table["before"].to_numpy(float)
    total, total_before = now.sum(), before.sum()
    table["share"] = now / total if total else np.nan
    table["share_before"] = before / total_before if total_before else np.nan
    table["change"] = table["share"] - table["share_before"]
    errors = table["share"] * (1 - table["share"]) / max(total, 1)
    errors += table["share_before"] * (1 - table["share_before"]) / max(total_before, 1)
    reach = stats.norm.ppf(1 - TAIL) * np.sqrt(errors)
    table["low"], table["high"] = table["change"] - reach, table["change"] + reach
    chance = 2 * stats.norm.sf(np.abs(table["change"]) / np.sqrt(np.maximum(errors, 1e-300)))
    few = (now + before < LEAST) | (min(total, total_before) < LEAST)
    moved = real(np.where(few, np.nan, chance))
    table["verdict"] = np.select([few, ~moved, table["change"] > 0], ["too few", "same", "more"], "less")
    table["words"] = [
        f"{row['reason'].capitalize()}: the reason given for {numbers.count(row['now'])} prospects lost in "
        f"twelve months, {numbers.percent(row['share'])} of all lost, of whom "
        f"{numbers.money(row['amount'], currency)} was hoped for"
        + CHANGED[row["verdict"]].format(before=numbers.percent(row["share_before"]))
        for row in records(table)
    ]
    return table


CHANGED = {
    "too few": "",
    "same": "; no more and no less than the {before} of the year before, as far as can be told",
    "more": "; more than the {before} of the year before, and not by luck",
    "less": "; less than the {before} of the year before, and not by luck",
}


def time_in_stages(con: duckdb.DuckDBPyConnection, currency: str) -> pd.DataFrame:
    """Where the time of prospects goes.

    Returns
    -------
    DataFrame
        ``stage, entered, median_days, days`` (of all prospects in it), ``share`` of all days, ``waiting``
        (open prospects that are in it now), ``amount`` (of those), ``words``.
    """
    table = con.execute(WAITED.format(most=MOST)).df()
    # Where ways end nobody stays.
    table = table[(table["entered"] >= LEAST) & (table["days"] > 0)].reset_index(drop=True)
    table["share"] = table["days"] / max(float(table["days"].sum()), 1.0)
    table["words"] = [
        f"In the stage {row['stage']} prospects spend {numbers.percent(row['share'])} of all their days; "
        f"half of them stay longer than {numbers.days(row['median_days'])}; {numbers.count(row['waiting'])} "
        f"are in it now, of whom {numbers.money(row['amount'], currency)} is hoped for"
        for row in records(table)
    ]
    return table
