"""Outcomes, not activity: what comes of prospects and stages, and what it costs the people who sell."""

from __future__ import annotations

from dataclasses import replace

import duckdb

from salesml.crm.sources import quoted
from salesml.scorecard.metric import Base, Metric

WITHIN = 180
"""Days in which a prospect is to be won, or a stage left, to count: those younger are not counted yet."""

CREATED = Base(
    name="created",
    needs=("prospects.won_at",),
    ripens=WITHIN,
    sql=f"""
WITH until AS (SELECT max("end") AS day FROM periods WHERE kind = 'month' AND complete),
first_contact AS (
    SELECT prospect, min(day) AS day FROM work WHERE prospect IS NOT NULL GROUP BY prospect
)
SELECT date_trunc('month', p.created_at)::DATE AS month, p.rep, p.id AS unit, 1 AS created,
    coalesce(p.won_at < p.created_at + {WITHIN}, false)::INTEGER AS won,
    CASE WHEN least(p.won_at, p.lost_at) < p.created_at + {WITHIN} THEN 1 END AS decided,
    CASE WHEN least(p.won_at, p.lost_at) < p.created_at + {WITHIN}
        THEN coalesce(p.won_at < p.created_at + {WITHIN}, false)::INTEGER END AS won_of_decided,
    (coalesce(least(p.won_at, p.lost_at) >= p.created_at + {WITHIN}, true))::INTEGER AS still_open,
    CASE WHEN p.won_at < p.created_at + {WITHIN} THEN p.won_at - p.created_at END AS days,
    CASE WHEN p.won_at < p.created_at + {WITHIN} THEN 1 END AS counted,
    least(coalesce(f.day - p.created_at, {WITHIN}), {WITHIN}) AS response
FROM prospects AS p JOIN until AS u ON p.created_at + {WITHIN} <= u.day
LEFT JOIN first_contact AS f ON f.prospect = p.id AND f.day >= p.created_at
WHERE p.created_at >= (SELECT min(start) FROM periods WHERE complete)
""",
)

DECIDED = Base(
    name="decided", needs=("prospects.won_at", "prospects.lost_at"), ripens=WITHIN, sql=CREATED.sql
)

ANSWERED = Base(name="answered", needs=("prospects", "activities.prospect"), ripens=WITHIN, sql=CREATED.sql)

ACTIVE = Base(
    name="active",
    needs=("activities", "revenue"),
    sql="""
-- By account and prospect: months of a rep are not independent of one another, as its accounts stay.
WITH done AS (
    SELECT rep, month, coalesce('account ' || account, 'prospect ' || prospect, '') AS unit,
        count(*) AS activities
    FROM work GROUP BY ALL
),
earned AS (
    SELECT rep, month, 'account ' || account AS unit, sum(revenue) AS revenue FROM money GROUP BY ALL
),
whole AS (SELECT month FROM done INTERSECT SELECT month FROM earned)
SELECT month, rep, unit, coalesce(activities, 0) AS activities, coalesce(revenue, 0) AS revenue
FROM done FULL JOIN earned USING (rep, month, unit) WHERE month IN (SELECT month FROM whole)
""",
)

EARNED = Base(
    name="earned",
    needs=("revenue", "margin"),
    sql="""
SELECT month, rep, account AS unit, revenue, margin FROM money
WHERE month IN (SELECT start FROM periods WHERE kind = 'month' AND complete)
""",
)

LOADED = Base(
    name="loaded",
    independent=False,
    needs=("workload",),
    sql="""
SELECT date_trunc('month', period)::DATE AS month, rep, rep || date_trunc('month', period) AS unit,
    CASE WHEN hours > 0 THEN hours END AS hours, greatest(overtime_hours, 0) AS overtime,
    greatest(sick_days, 0) AS sick, 1 AS months
FROM workload
WHERE date_trunc('month', period) IN (SELECT start FROM periods WHERE kind = 'month' AND complete)
""",
)

DISCOUNTED = Base(
    name="discounted",
    needs=("contracts.discount",),
    sql="""
SELECT x.month, {owner} AS rep, x.account AS unit, x.discount, x.contracts FROM (
    SELECT date_trunc('month', start)::DATE AS month, account, start AS day, sum(discount) AS discount,
        count(*) AS contracts
    FROM contracts WHERE start IS NOT NULL AND discount IS NOT NULL GROUP BY ALL
) AS x {owned} WHERE x.month IN (SELECT start FROM periods WHERE kind = 'month' AND complete)
""".format(owner='CASE WHEN o."end" IS NULL OR x.day < o."end" THEN o.rep END',
           owned="ASOF LEFT JOIN owned AS o ON x.account = o.account AND x.day >= o.start"),
)  # fmt: skip

METRICS = (
    Metric(
        name="win_rate",
        check=6,
        title="Prospects won, of those decided",
        how=f"Prospects created in the period that were won within {WITHIN} days, divided by those that were "
        "won or lost within them; counted once these days have passed",
        unit="share",
        good="up",
        kind="rate",
        base=DECIDED,
        numerator="won_of_decided",
        denominator="decided",
        cases="prospects decided",
    ),
    Metric(
        name="left_open",
        check=6,
        title=f"Prospects neither won nor lost after {WITHIN} days",
        how=f"Prospects created in the period that were neither won nor lost within {WITHIN} days, divided "
        "by all created in it; counted once these days have passed",
        unit="share",
        good="down",
        kind="rate",
        base=DECIDED,
        numerator="still_open",
        denominator="created",
        cases="prospects",
    ),
    Metric(
        name="won_in_time",
        check=6,
        title=f"Prospects won within {WITHIN} days",
        how=f"Prospects created in the period that were won within {WITHIN} days, divided by all created in "
        "it; counted once these days have passed",
        unit="share",
        good="up",
        kind="rate",
        base=CREATED,
        numerator="won",
        denominator="created",
        cases="prospects",
    ),
    Metric(
        name="days_to_win",
        check=6,
        title="Days from first sight to winning",
        how=f"Days between creation and winning, on average over prospects won within {WITHIN} days",
        unit="days",
        good="down",
        kind="ratio",
        base=CREATED,
        numerator="days",
        denominator="counted",
        cases="prospects won",
    ),
    Metric(
        name="response_days",
        check=6,
        title="Days until a new prospect is first contacted",
        how=f"Days between creation and the first activity, at most {WITHIN}, on average over the prospects "
        "created in the period",
        unit="days",
        good="down",
        kind="ratio",
        base=ANSWERED,
        numerator="response",
        denominator="created",
        cases="prospects",
    ),
    Metric(
        name="revenue_per_activity",
        check=6,
        title="Revenue per activity",
        how="Revenue divided by the number of activities, over months of which both are recorded",
        unit="money",
        good="up",
        kind="ratio",
        base=ACTIVE,
        numerator="revenue",
        denominator="activities",
        cases="accounts and prospects",
    ),
    Metric(
        name="margin_rate",
        check=6,
        title="Margin of revenue",
        how="Margin divided by revenue",
        unit="share",
        good="up",
        kind="ratio",
        base=EARNED,
        numerator="margin",
        denominator="revenue",
    ),
    Metric(
        name="discount",
        check=6,
        title="Discount given",
        how="Discount of the contracts that start in the period, as the company wrote it down, on average",
        unit="number",
        good="down",
        kind="ratio",
        base=DISCOUNTED,
        numerator="discount",
        denominator="contracts",
    ),
    Metric(
        name="overtime",
        check=6,
        title="Overtime",
        how="Overtime hours divided by hours worked",
        unit="share",
        good="down",
        kind="ratio",
        base=LOADED,
        numerator="overtime",
        denominator="hours",
        cases="months of reps",
        least=3,
    ),
    Metric(
        name="sick_days",
        check=6,
        title="Sick days, per rep and month",
        how="Sick days divided by the months of reps of which the workload is recorded",
        unit="number",
        good="down",
        kind="count",
        base=LOADED,
        numerator="sick",
        denominator="months",
        cases="months of reps",
        least=3,
    ),
)

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
