"""An hour's worth is known: what hours brought, and where they would have brought more."""

from __future__ import annotations

from salesml.scorecard.metric import Base, Metric

EARNED = Base(
    name="earned_by_hours",
    needs=("activities.hours", "margin"),
    sql="""
WITH spent AS (
    SELECT rep, month, coalesce(account, prospect, '') AS unit, sum(hours) AS hours,
        coalesce(sum(hours) FILTER (WHERE aim = 'win'), 0) AS winning
    FROM work WHERE hours > 0 GROUP BY ALL
),
earned AS (SELECT rep, month, account AS unit, sum(margin) AS margin FROM money GROUP BY ALL),
whole AS (SELECT month FROM spent INTERSECT SELECT month FROM earned)
SELECT month, rep, unit, hours, winning, 0 AS margin FROM spent WHERE month IN (SELECT month FROM whole)
UNION ALL
SELECT month, rep, unit, 0, 0, margin FROM earned WHERE month IN (SELECT month FROM whole)
""",
)

PURSUED = Base(
    name="pursued",
    needs=("activities.hours", "activities.prospect", "prospects.won_at", "margin"),
    ripens=365,
    sql="""
-- Each prospect decided at least a year ago: all hours on it, and the margin of its first twelve months.
-- Months are whole, so the first one counts from its first day.
WITH until AS (SELECT max("end") AS day FROM periods WHERE kind = 'month' AND complete),
decided AS (
    SELECT p.id AS prospect, p.account, p.rep, coalesce(p.won_at, p.lost_at) AS day, p.won_at
    FROM prospects AS p, until AS u
    WHERE coalesce(p.won_at, p.lost_at) + INTERVAL 12 MONTH <= u.day
),
spent AS (
    SELECT w.prospect, sum(w.hours) AS hours FROM work AS w
    WHERE w.prospect IS NOT NULL AND w.hours > 0 GROUP BY ALL
),
earned AS (
    SELECT d.prospect, sum(m.margin) AS margin FROM decided AS d JOIN money AS m ON m.account = d.account
        AND m.month >= date_trunc('month', d.won_at)
        AND m.month < date_trunc('month', d.won_at) + INTERVAL 12 MONTH
    WHERE d.won_at IS NOT NULL GROUP BY ALL
)
SELECT date_trunc('month', d.day)::DATE AS month, d.rep, d.prospect AS unit, coalesce(s.hours, 0) AS hours,
    coalesce(e.margin, 0) AS margin
FROM decided AS d LEFT JOIN spent AS s USING (prospect) LEFT JOIN earned AS e USING (prospect)
WHERE d.day >= (SELECT min(start) FROM periods)
""",
)

SERVED = Base(
    name="served",
    needs=("activities.hours", "activities.account", "margin"),
    sql="""
SELECT w.month, w.rep, w.account AS unit, sum(w.hours) AS hours,
    coalesce(sum(w.hours) FILTER (WHERE p.best), 0) AS best
FROM work AS w LEFT JOIN panel AS p ON p.account = w.account AND p.month = w.month
WHERE w.aim = 'keep' AND w.hours > 0 GROUP BY ALL
""",
)

METRICS = (
    Metric(
        name="margin_per_selling_hour",
        check=5,
        title="Margin per selling hour",
        how="Margin of all accounts divided by the hours recorded with activities, over months of which both "
        "are recorded",
        unit="money per hour",
        good="up",
        kind="ratio",
        base=EARNED,
        numerator="margin",
        denominator="hours",
        cases="accounts and prospects",
    ),
    Metric(
        name="share_of_hours_winning",
        check=5,
        title="Share of selling hours spent on prospects",
        how="Hours of activities with prospects divided by all hours of activities",
        unit="share",
        good="",
        kind="ratio",
        base=EARNED,
        numerator="winning",
        denominator="hours",
        cases="accounts and prospects",
    ),
    Metric(
        name="first_year_margin_per_hour",
        check=5,
        title="First-year margin per hour on prospects",
        how="Of prospects won or lost in the period: margin of the first twelve months of those won, divided "
        "by the hours spent on all of them; counted once a year has passed",
        unit="money per hour",
        good="up",
        kind="ratio",
        base=PURSUED,
        numerator="margin",
        denominator="hours",
        cases="prospects decided",
    ),
    Metric(
        name="share_of_hours_on_best",
        check=5,
        title="Share of account hours spent on the best customers",
        how="Hours of activities with customers whose margin of the twelve months before is in the highest "
        "class, divided by all hours of activities with accounts",
        unit="share",
        good="",
        kind="ratio",
        base=SERVED,
        numerator="best",
        denominator="hours",
    ),
)
