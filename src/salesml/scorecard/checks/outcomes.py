"""Outcomes, not activity: what comes of prospects and stages, and what it costs the people who sell."""

from __future__ import annotations

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
