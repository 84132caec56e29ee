"""Which figures have led outcomes: association of a rep's months with the same rep's months after.

What all reps have in common in a month (season, market, a campaign), what a rep always has (a large book, a
good patch) and how that grows or shrinks steadily leads nothing, and is taken out: from each figure and
each outcome the mean of its month and the straight line of its rep. Figures of customers are counted for
each customer of the book, those of prospects for each open prospect, so that a larger book or pipeline does
not seem to lead. What is left of the figure is compared with what is left of the outcome of the month
after, of the second and third, and of the fourth to sixth, standard errors by rep. All figures, outcomes
and times are corrected together for being many. Association is no cause: a figure that leads may share a
cause with the outcome.
Sources: Cameron, Miller,
*A Practitioner's Guide to Cluster-Robust Inference*, Journal of Human Resources 50 (2015).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import duckdb
import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

from salesml.crm.sources import identifier, quoted
from salesml.scorecard.estimate import TAIL
from salesml.scorecard.luck import real
from salesml.scorecard.records import records
from salesml.words import numbers

Floats = NDArray[np.float64]

AFTER = ((1, 1), (2, 3), (4, 6))
"""Months after, from and to: outcomes are means over these."""

LEAST_REPS, LEAST_MONTHS = 5, 12
"""Fewer reps, or months at a lag, say nothing."""

MOST_KINDS = 6

COLUMNS = (
    "figure", "outcome", "from_month", "to_month", "effect", "low", "high", "share", "chance", "reps",
    "months", "verdict", "words",
)  # fmt: skip


def leading(con: duckdb.DuckDBPyConnection, have: frozenset[str]) -> pd.DataFrame:
    """Every figure against every outcome of the months after.

    Returns
    -------
    DataFrame
        ``figure, outcome, from_month, to_month`` (after the figure), ``effect`` (on the outcome of one rep
        and month, of a figure higher by one standard deviation), ``low, high, share`` (the effect by the
        outcome's mean), ``chance`` (to see as much where nothing leads), ``reps, months, verdict`` (``led``,
        ``not``), ``words``; the figures that led first, those that did not after them, once for each outcome.
    """
    per = {"": np.ones(1), "customer": _panel(con, CUSTOMERS)}
    if {"prospects.won_at", "prospects.lost_at"} <= have:
        per["prospect"] = _panel(con, PIPELINE)
    outcomes = {name: _panel(con, sql) / _whole(per[by]) for name, by, sql in _outcomes(have) if by in per}
    figures = {name: _panel(con, sql) / _whole(per[by]) for name, by, sql in _figures(con, have) if by in per}
    rows = []
    for figure, of_figure in figures.items():
        for outcome, of_outcome in outcomes.items():
            for start, end in AFTER:
                found = associate(of_figure, _after(of_outcome, start, end))
                if found:
                    named = {"figure": figure, "outcome": outcome, "from_month": start, "to_month": end}
                    rows.append(named | found)
    table = pd.DataFrame(rows, columns=list(COLUMNS))
    if table.empty:
        return table
    led = real(table["chance"].to_numpy(float))
    table["verdict"] = np.where(led, "led", "not")
    table["words"] = [_sentence(row) for row in records(table)]
    best = table.sort_values("chance", kind="stable").drop_duplicates(["figure", "outcome"]).index
    kept = table[led | table.index.isin(best)]
    return kept.sort_values(["verdict", "chance", "figure", "outcome", "from_month"], ignore_index=True)


def _after(outcome: Floats, start: int, end: int) -> Floats:
    """The mean of the months so long after each; NaN where one of them was not recorded."""
    later = np.full(outcome.shape, np.nan)
    months = outcome.shape[1]
    later[:, : months - end] = np.mean(
        [outcome[:, lag : months - end + lag] for lag in range(start, end + 1)], axis=0
    )
    return later


def associate(x: Floats, y: Floats) -> dict[str, object] | None:
    """The slope of ``y`` on ``x`` within reps and months, with an interval by rep.

    Parameters
    ----------
    x, y : ndarray of shape (reps, months)
        NaN where a rep was not there.

    Returns
    -------
    dict or None
        ``effect, low, high`` for one standard deviation of what is left of ``x``, ``share`` of the mean of
        ``y``, ``chance``, ``reps``, ``months``; None where there is too little to say anything.
    """
    known = np.isfinite(x) & np.isfinite(y)
    known &= (known.sum(axis=1) >= LEAST_MONTHS)[:, None]
    reps, months = int(known.any(axis=1).sum()), int(known.any(axis=0).sum())
    if reps < LEAST_REPS or months < LEAST_MONTHS:
        return None
    left, right = _left(x, known), _left(y, known)
    squares = float((left**2).sum())
    if squares <= 1e-12 * float((np.where(known, x, 0.0) ** 2).sum() + 1):
        return None
    slope = float((left * right).sum()) / squares
    scores = (left * (right - slope * left)).sum(axis=1)[known.any(axis=1)]
    error = float(np.sqrt(reps / (reps - 1) * (scores**2).sum())) / squares
    if error <= 0:
        return None
    step = float(np.sqrt(squares / known.sum()))
    reach = float(stats.t.ppf(1 - TAIL, reps - 1)) * error
    mean = float(y[known].mean())
    return {
        "effect": slope * step, "low": (slope - reach) * step, "high": (slope + reach) * step,
        "share": slope * step / mean if mean else np.nan,
        "chance": float(2 * stats.t.sf(abs(slope) / error, reps - 1)), "reps": reps, "months": months,
    }  # fmt: skip


def _left(values: Floats, known: NDArray[np.bool_]) -> Floats:
    """What is left when the line of each rep and the mean of each month are taken out, in turn."""
    left = np.where(known, values, 0.0)
    size = np.maximum(known.sum(axis=1, keepdims=True), 1)
    place = np.where(known, np.arange(values.shape[1], dtype=float), 0.0)
    place = np.where(known, place - place.sum(axis=1, keepdims=True) / size, 0.0)
    squares = np.maximum((place**2).sum(axis=1, keepdims=True), 1e-12)
    for _ in range(50):
        line = left.sum(axis=1, keepdims=True) / size + place * (
            (left * place).sum(axis=1, keepdims=True) / squares
        )
        left = np.where(known, left - line, 0.0)
        by_month = left.sum(axis=0, keepdims=True) / np.maximum(known.sum(axis=0, keepdims=True), 1)
        left = np.where(known, left - by_month, 0.0)
        if float(np.abs(by_month).max()) < 1e-9:
            break
    return left


CUSTOMERS = "SELECT rep, month, count(*) AS value FROM panel GROUP BY ALL"

PIPELINE = """
SELECT p.rep, m.start AS month, count(*) AS value FROM prospects AS p JOIN periods AS m
    ON m.kind = 'month' AND m.complete AND p.created_at < m."end"
    AND (p.won_at IS NULL OR p.won_at >= m.start) AND (p.lost_at IS NULL OR p.lost_at >= m.start) GROUP BY ALL
"""

EVERY_MONTH = """
WITH active AS (
    SELECT rep, min(month) AS first, max(month) AS last FROM (
        SELECT rep, month FROM wins UNION ALL SELECT rep, month FROM work
        UNION ALL SELECT rep, month FROM panel
    ) WHERE rep IS NOT NULL GROUP BY rep
),
months AS (SELECT start AS month FROM periods WHERE kind = 'month' AND complete),
x AS ({sql})
SELECT a.rep, m.month,
    CASE WHEN m.month BETWEEN a.first AND a.last THEN coalesce(x.value, 0)::DOUBLE END AS value
FROM active AS a CROSS JOIN months AS m LEFT JOIN x ON x.rep = a.rep AND x.month = m.month ORDER BY 1, 2
"""


def _panel(con: duckdb.DuckDBPyConnection, sql: str) -> Floats:
    """A query of ``rep, month, value`` as an array of all reps and months: nothing where it has no row, NaN
    where the rep was not there."""
    found = con.execute(EVERY_MONTH.format(sql=sql)).df()
    wide: Floats = found.pivot(index="rep", columns="month", values="value").to_numpy(float)
    return wide


def _whole(sizes: Floats) -> Floats:
    """What to divide by: months of no customer, or no prospect, say nothing."""
    return np.where(sizes > 0, sizes, np.nan)


def _outcomes(have: frozenset[str]) -> Iterator[tuple[str, str, str]]:
    """Name, what it is divided by, and query."""
    yield "new accounts", "", "SELECT rep, month, count(*) AS value FROM wins GROUP BY ALL"
    yield "customers lost", "customer", "SELECT rep, month, sum(lost) AS value FROM panel GROUP BY ALL"
    if "revenue" in have:
        yield "revenue", "customer", "SELECT rep, month, sum(revenue) AS value FROM money GROUP BY ALL"


def _figures(con: duckdb.DuckDBPyConnection, have: frozenset[str]) -> Iterator[tuple[str, str, str]]:
    """What may lead: activities by kind and aim, prospects, the load of reps, and events of each log."""
    pursued = {"prospects", "activities.prospect"} <= have
    sides = (("win", "prospect", "with prospects"), ("keep", "customer", "with customers"))
    if "activities" in have:
        for aim, by, of in sides:
            if aim == "win" and not pursued:
                continue
            yield f"activities {of}", by, _counted(f"aim = {quoted(aim)}")
            kinds = con.execute(
                "SELECT kind FROM work WHERE aim = ? AND kind IS NOT NULL GROUP BY kind "
                f"ORDER BY count(*) DESC, kind LIMIT {MOST_KINDS}",
                [aim],
            ).fetchall()
            for (kind,) in kinds:
                yield (
                    f"activities {of} ({kind})",
                    by,
                    _counted(f"aim = {quoted(aim)} AND kind = {quoted(kind)}"),
                )
    if "feedback" in have:
        yield "answers that customers were contacted", "customer", CONTACTS
    if "prospects" in have:
        yield "new prospects", "", CREATED
        yield "open prospects", "", PIPELINE
    for column, name in (("overtime_hours", "overtime"), ("sick_days", "sick days")):
        if f"workload.{column}" in have:
            yield name, "", LOAD.format(column=column)
    logs = sorted(name.split(".")[1] for name in have if name.startswith("events.") and name.count(".") == 1)
    for log in logs:
        if f"events.{log}.account" in have:
            yield f"{log} of customers", "customer", OF_CUSTOMERS.format(events=identifier(f"events_{log}"))
        elif "prospects" in have:
            yield f"{log} of prospects", "prospect", OF_PROSPECTS.format(events=identifier(f"events_{log}"))


CREATED = """
SELECT rep, date_trunc('month', created_at)::DATE AS month, count(*) AS value FROM prospects GROUP BY ALL
"""

CONTACTS = """
SELECT rep, date_trunc('month', "day")::DATE AS month, count(*) AS value FROM feedback
WHERE account IS NOT NULL AND what IN ('contacted', 'saved') AND withdrawn_at IS NULL GROUP BY ALL
"""

LOAD = """
SELECT rep, date_trunc('month', period)::DATE AS month, sum({column}) AS value FROM workload GROUP BY ALL
"""

OF_PROSPECTS = """
SELECT p.rep, date_trunc('month', e.day)::DATE AS month, count(*) AS value FROM {events} AS e
JOIN prospects AS p ON p.id = e.prospect WHERE NOT e.is_return GROUP BY ALL
"""

OF_CUSTOMERS = """
SELECT x.rep, e.month, sum(e.n) AS value FROM (
    SELECT account, date_trunc('month', day)::DATE AS month, count(*) AS n
    FROM {events} WHERE NOT is_return GROUP BY ALL
) AS e JOIN panel AS x ON x.account = e.account AND x.month = e.month GROUP BY ALL
"""


def _counted(condition: str) -> str:
    return f"SELECT rep, month, count(*) AS value FROM work WHERE {condition} GROUP BY ALL"


def _sentence(row: Mapping[str, Any]) -> str:
    figure, outcome = row["figure"], row["outcome"]
    if row["verdict"] == "not":
        less = "less" if outcome == "revenue" else "fewer"
        return (
            f"{figure.capitalize()}: months of a rep with more than usual were followed by no more {outcome} "
            f"and no {less}, as far as can be told"
        )
    way = "more" if row["share"] > 0 else "less" if outcome == "revenue" else "fewer"
    when = TIMES[row["from_month"]]
    return (
        f"{figure.capitalize()}: months of a rep with more of them than usual were followed by "
        f"{numbers.percent(abs(row['share']))} {way} {outcome} {when}; both may have a common cause"
    )


TIMES = {1: "in the month after", 2: "two to three months later", 4: "four to six months later"}
