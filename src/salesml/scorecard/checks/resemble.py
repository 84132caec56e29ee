"""New customers resemble the ideal one: the fit of accounts won, of the open pipeline and of the hours spent.

Fit is what a model said before: of a win or an hour on a prospect, the newest score of that prospect up to
the day. A score of later would know what came of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import duckdb
import numpy as np
import pandas as pd

from salesml.scorecard.checks.newly import NEW
from salesml.scorecard.estimate import Estimates, Sums, estimate
from salesml.scorecard.metric import Base, Metric
from salesml.scorecard.records import records
from salesml.words import numbers

HIGH = ("A", "B")
"""Bands of a high fit."""

BANDS = ("A", "B", "C", "D")

LEAST = 20
"""Accounts won that a class must have before anything is said of it."""

OF_WINS = Base(
    name="fit_of_wins",
    needs=("scores.fit", "prospects.won_at"),
    sql="""
SELECT w.month, w.rep, w.prospect AS unit, s.probability AS fit, 1 AS won,
    (s.band IN ('A', 'B'))::INTEGER AS high
FROM wins AS w ASOF JOIN (SELECT * FROM scored WHERE task = 'fit') AS s
    ON s.entity = w.prospect AND w.day >= s.as_of
""",
)

OF_HOURS = Base(
    name="fit_of_hours",
    needs=("scores.fit", "activities.hours", "activities.prospect"),
    sql="""
SELECT w.month, w.rep, w.prospect AS unit, sum(w.hours * s.probability) AS fit, sum(w.hours) AS hours,
    coalesce(sum(w.hours) FILTER (WHERE s.band IN ('A', 'B')), 0) AS high
FROM work AS w ASOF JOIN (SELECT * FROM scored WHERE task = 'fit') AS s
    ON s.entity = w.prospect AND w.day >= s.as_of
WHERE w.hours > 0 GROUP BY ALL
""",
)

METRICS = (
    Metric(
        name="fit_of_wins",
        check=2,
        title="Fit of accounts won",
        how="The chance to become an ideal customer that the fit model gave the prospects before they were "
        "won, on average over those won in the period",
        unit="share",
        good="up",
        kind="ratio",
        base=OF_WINS,
        numerator="fit",
        denominator="won",
        cases="prospects won",
    ),
    Metric(
        name="wins_of_high_fit",
        check=2,
        title="Share of accounts won that are of high fit",
        how="Prospects won whose newest fit score before was in band A or B, divided by all won that had one",
        unit="share",
        good="up",
        kind="rate",
        base=OF_WINS,
        numerator="high",
        denominator="won",
        cases="prospects won",
    ),
    Metric(
        name="fit_of_hours",
        check=2,
        title="Fit of the prospects that hours went to",
        how="The newest fit score of each prospect before the hour, on average over the hours on prospects",
        unit="share",
        good="up",
        kind="ratio",
        base=OF_HOURS,
        numerator="fit",
        denominator="hours",
        cases="prospects",
    ),
    Metric(
        name="hours_of_high_fit",
        check=2,
        title="Share of prospect hours spent on high fit",
        how="Hours on prospects whose newest fit score before was in band A or B, divided by the hours on "
        "all that had one",
        unit="share",
        good="up",
        kind="ratio",
        base=OF_HOURS,
        numerator="high",
        denominator="hours",
        cases="prospects",
    ),
)

CLASSES = """
WITH fit AS (SELECT * FROM scored WHERE task = 'fit'),
newest AS (
    SELECT entity, arg_max(band, as_of) AS band, arg_max(probability, as_of) AS fit FROM fit GROUP BY entity
),
pipeline AS (
    SELECT n.band, count(*) AS open, avg(n.fit) AS fit FROM newest AS n JOIN prospects AS p ON p.id = n.entity
    WHERE p.won_at IS NULL AND p.lost_at IS NULL GROUP BY ALL
),
won AS (
    SELECT s.band, count(*) AS won FROM wins AS w ASOF JOIN fit AS s
        ON s.entity = w.prospect AND w.day >= s.as_of GROUP BY ALL
),
spent AS (
    SELECT s.band, sum(w.hours) AS hours FROM work AS w ASOF JOIN fit AS s
        ON s.entity = w.prospect AND w.day >= s.as_of WHERE w.hours > 0 GROUP BY ALL
)
SELECT band, coalesce(open, 0) AS open, fit, coalesce(won, 0) AS won, coalesce(hours, 0) AS hours
FROM pipeline FULL JOIN won USING (band) FULL JOIN spent USING (band) WHERE band IS NOT NULL ORDER BY band
"""

LOOP = """
-- Accounts won at least a year ago: what was said of them, and the year that followed. Months are whole.
WITH until AS (SELECT max("end") AS day FROM periods WHERE kind = 'month' AND complete), {new},
fitted AS (
    SELECT w.account, w.day, w."end", s.band, s.probability AS fit FROM new AS w
    ASOF JOIN (SELECT * FROM scored WHERE task = 'fit') AS s ON s.entity = w.prospect AND w.day >= s.as_of
    WHERE w.day + INTERVAL 12 MONTH <= (SELECT day FROM until)
),
earned AS (
    SELECT w.account, sum(m.margin) AS margin FROM fitted AS w JOIN money AS m ON m.account = w.account
        AND m.month >= date_trunc('month', w.day) AND m.month < date_trunc('month', w.day) + INTERVAL 12 MONTH
    GROUP BY ALL
),
x AS (
    SELECT w.band, w.fit, coalesce(e.margin, 0) AS margin,
        coalesce(w."end" >= w.day + INTERVAL 12 MONTH, true)::INTEGER AS kept
    FROM fitted AS w LEFT JOIN earned AS e USING (account)
)
SELECT band, count(*)::DOUBLE AS won, avg(fit) AS fit, sum(kept)::DOUBLE AS kept, sum(margin) AS margin,
    sum(margin * margin) AS squares
FROM x GROUP BY band ORDER BY band
"""


def fit_classes(con: duckdb.DuckDBPyConnection) -> pd.DataFrame:
    """Where the pipeline, the wins and the hours lie.

    Returns
    -------
    DataFrame
        ``band, open`` (prospects), ``fit`` (their mean), ``won, hours``, ``share_of_open``, ``share_of_won``,
        ``share_of_hours``, ``words``.
    """
    table = con.execute(CLASSES).df()
    for name in ("open", "won", "hours"):
        total = float(table[name].sum())
        table[f"share_of_{name}"] = table[name] / total if total else np.nan
    table["words"] = [_shares(row) for row in records(table)]
    return table


def _shares(row: Mapping[str, Any]) -> str:
    shares = {"open": "of open prospects", "won": "of those won", "hours": "of the hours"}
    known = [name for name in shares if pd.notna(row[f"share_of_{name}"])]
    told = [f"{numbers.percent(row[f'share_of_{name}'])} {shares[name]}" for name in known]
    text = f"Band {row['band']}: {', '.join(told)}"
    nothing = {"won": "no win", "hours": "no hour"}
    late = [words for name, words in nothing.items() if name not in known]
    if not late:
        return text
    return f"{text}; {' and '.join(late)} came after a score: keep the scores of each date, and give them all"


def fit_loop(con: duckdb.DuckDBPyConnection, currency: str) -> pd.DataFrame:
    """Did accounts won at a high fit stay and pay: the year after winning, by what was said before.

    Returns
    -------
    DataFrame
        ``band`` (``high``: A and B together; ``low``: C and D; and each band), ``won, fit, kept, kept_low,
        kept_high, margin, margin_low, margin_high`` (of the first year, per account), ``verdict`` (of
        ``high`` against ``low``: ``better``, ``worse``, ``same``, ``too few``), ``words``.
    """
    bands = con.execute(LOOP.format(new=NEW)).df().set_index("band").reindex(list(BANDS)).fillna(0.0)
    rows = {name: bands.loc[name] for name in BANDS}
    rows["high"], rows["low"] = (_together(bands.loc[list(part)]) for part in (HIGH, ("C", "D")))
    table = pd.DataFrame(rows).T.rename_axis("band").reset_index()
    sums, units = table[["won", "kept", "margin", "squares"]].to_numpy(float).T, table["won"].to_numpy(float)
    nothing = np.zeros_like(units)
    kept = estimate("rate", Sums(sums[1], units, nothing, nothing, nothing, units))
    paid = estimate("ratio", Sums(sums[2], units, sums[3], sums[2], units, units))
    for name, found in (("kept", kept), ("margin", paid)):
        table[name], table[f"{name}_low"], table[f"{name}_high"] = found.value, found.low, found.high
    stays, pays = _against(kept), _against(paid)
    verdict = "too few" if (units[-2:] < LEAST).any() else max((stays, pays), key=lambda each: each != "same")
    table["verdict"] = ["", "", "", "", verdict, ""]
    table["words"] = [_told(row, stays, pays, currency) for row in records(table)]
    return table.drop(columns=["squares"])


def _together(bands: pd.DataFrame) -> pd.Series:
    """Sums of several bands, and their fit on average."""
    found = bands[["won", "kept", "margin", "squares"]].sum()
    found["fit"] = float((bands["fit"] * bands["won"]).sum() / max(float(found["won"]), 1.0))
    return found


def _against(found: Estimates) -> str:
    """High against low, the last two rows, by the interval of their difference (Zou, Donner 2008)."""
    (high, low), (high_low, low_low), (high_high, low_high) = (
        found.value[-2:],
        found.low[-2:],
        found.high[-2:],
    )
    difference = high - low
    if difference - np.hypot(high - high_low, low_high - low) > 0:
        return "better"
    return "worse" if difference + np.hypot(high_high - high, low - low_low) < 0 else "same"


def _told(row: Mapping[str, Any], stays: str, pays: str, currency: str) -> str:
    won, name = float(row["won"]), str(row["band"])
    who = f"Accounts won at {name} fit" if name in ("high", "low") else f"Accounts won in band {name}"
    if won < LEAST:
        return f"{who}: {numbers.count(won)}, too few to say anything"
    kept, margin = (
        numbers.percent(float(row["kept"])),
        numbers.money(float(row["margin"]), currency),
    )
    text = f"{who}: {kept} were still customers a year later, and brought {margin} each in it"
    if name != "high":
        return text
    said = {"better": "more than", "worse": "less than", "same": "no differently from"}
    return f"{text}; they stay {said[stays]} and pay {said[pays]} those of low fit, as far as can be told"
