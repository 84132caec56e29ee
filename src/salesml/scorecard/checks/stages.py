"""From stage to stage: the conversion ratio of each, in the order that the company's own prospects show."""

from __future__ import annotations

from dataclasses import replace

import duckdb

from salesml.crm.sources import quoted
from salesml.scorecard.checks.outcomes import WITHIN
from salesml.scorecard.metric import Base, Metric

STAGES = """
-- For each pair of stages how many prospects entered one before the other; and where ways end.
WITH firsts AS (SELECT prospect, stage, min(day) AS day FROM stages WHERE stage IS NOT NULL GROUP BY ALL),
known AS (SELECT stage FROM firsts GROUP BY stage HAVING count(*) >= {least}),
pairs AS (
    SELECT a.stage, b.stage AS other, count(*) FILTER (WHERE a.day < b.day) AS before,
        count(*) FILTER (WHERE a.day > b.day) AS after
    FROM firsts AS a JOIN firsts AS b ON a.prospect = b.prospect AND a.stage <> b.stage
    WHERE a.stage IN (SELECT stage FROM known) AND b.stage IN (SELECT stage FROM known) GROUP BY ALL
),
won AS (
    SELECT f.stage, avg((p.won_at IS NOT NULL)::INTEGER) AS won FROM firsts AS f
    JOIN prospects AS p ON p.id = f.prospect WHERE p.won_at IS NOT NULL OR p.lost_at IS NOT NULL GROUP BY ALL
)
SELECT k.stage, coalesce(w.won, 0) AS won,
    list(p.other ORDER BY p.other) FILTER (WHERE p.before > p.after) AS later
FROM known AS k LEFT JOIN won AS w USING (stage) LEFT JOIN pairs AS p ON p.stage = k.stage
GROUP BY ALL ORDER BY len(coalesce(later, [])) DESC, k.stage
"""

OF_STAGES = (
    "Prospects that entered a stage in the period and a later one soon after, divided by all that entered it"
)

MOST_STAGES, LEAST_ENTERED = 12, 30

LOSING = 0.01
"""A stage of whose prospects so few are won is one that is lost in."""

ENTERED = """
WITH until AS (SELECT max("end") AS day FROM periods WHERE kind = 'month' AND complete),
entered AS (SELECT prospect, min(day) AS day FROM stages WHERE stage = {stage} GROUP BY prospect),
onward AS (
    SELECT e.prospect, min(s.day) AS day FROM entered AS e JOIN stages AS s ON s.prospect = e.prospect
        AND s.day >= e.day AND s.stage IN ({later}) GROUP BY ALL
)
SELECT date_trunc('month', e.day)::DATE AS month, p.rep, e.prospect AS unit, 1 AS entered,
    coalesce(n.day < e.day + {within}, false)::INTEGER AS moved
FROM entered AS e JOIN prospects AS p ON p.id = e.prospect JOIN until AS u ON e.day + {within} <= u.day
LEFT JOIN onward AS n ON n.prospect = e.prospect
WHERE e.day >= (SELECT min(start) FROM periods WHERE complete)
"""


def stage_metrics(con: duckdb.DuckDBPyConnection, have: frozenset[str]) -> tuple[Metric, ...]:
    """The conversion ratio of each stage that prospects go on from, as the company's table has them.

    Later is a stage that more prospects enter after this one than before it. A stage that loses is no stage
    to go on to, and one that nothing follows is no stage to go on from. Without the table one metric stands
    for all of them, so that it is named as missing.
    """
    if not {"stages", "prospects.won_at"} <= have:
        return (replace(_stage(1, "", [""]), title="From each stage onward", how=OF_STAGES),)
    stages = con.execute(STAGES.format(least=LEAST_ENTERED)).fetchall()
    losing = {name for name, won, _ in stages if won < LOSING}
    ways = [
        (name, [each for each in later or [] if each not in losing])
        for name, _, later in stages
        if name not in losing
    ]
    onward = [(name, later) for name, later in ways if later][:MOST_STAGES]
    return tuple(_stage(number, name, later) for number, (name, later) in enumerate(onward, start=1))


def _stage(number: int, name: str, later: list[str]) -> Metric:
    sql = ENTERED.format(stage=quoted(name), later=", ".join(map(quoted, later)), within=WITHIN)
    return Metric(
        name=f"stage_{number}",
        check=6,
        title=f"From stage {name} onward",
        how=f"Prospects that entered the stage {name} in the period and a later one within {WITHIN} days, "
        "divided by all that entered it; counted once these days have passed",
        unit="share",
        good="up",
        kind="rate",
        base=Base(name=f"stage_{number}", needs=("stages", "prospects.won_at"), ripens=WITHIN, sql=sql),
        numerator="moved",
        denominator="entered",
        cases="prospects",
    )
