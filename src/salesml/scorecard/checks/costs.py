"""Selling costs less each year: cost per pound of revenue, per new account and per account kept."""

from __future__ import annotations

from salesml.scorecard.metric import Base, Metric

PER_REVENUE = Base(
    name="cost_of_revenue",
    independent=False,
    needs=("costs", "revenue"),
    sql="""
WITH cost AS (
    SELECT rep, month, sum(amount) AS cost, coalesce(sum(amount) FILTER (WHERE NOT soft), 0) AS hard,
        coalesce(sum(amount) FILTER (WHERE soft), 0) AS soft
    FROM spent GROUP BY ALL
),
-- Shared over the customers of the month, since what they bring is what differs by luck, not the salary.
book AS (SELECT rep, month, account, count(*) OVER (PARTITION BY rep, month) AS size FROM panel),
shared AS (
    SELECT c.month, c.rep, coalesce(b.account, coalesce(c.rep, '') || c.month) AS unit,
        c.cost / coalesce(b.size, 1) AS cost,
        c.hard / coalesce(b.size, 1) AS hard, c.soft / coalesce(b.size, 1) AS soft
    FROM cost AS c LEFT JOIN book AS b ON b.rep = c.rep AND b.month = c.month
),
earned AS (SELECT rep, month, account AS unit, sum(revenue) AS revenue FROM money GROUP BY ALL),
-- A month of which no cost or no revenue was recorded at all would make it look cheap or dear.
whole AS (SELECT month FROM cost INTERSECT SELECT month FROM earned)
SELECT month, rep, unit, cost, hard, soft, 0 AS revenue FROM shared WHERE month IN (SELECT month FROM whole)
UNION ALL
SELECT month, rep, unit, 0, 0, 0, revenue FROM earned WHERE month IN (SELECT month FROM whole)
""",
)

PER_WIN = Base(
    name="cost_of_winning",
    independent=False,
    needs=("costs", "activities.hours"),
    sql="""
WITH cost AS (SELECT rep, month, sum(amount * winning) AS cost FROM spent GROUP BY ALL),
months AS (SELECT DISTINCT month FROM cost)
SELECT month, rep, coalesce(rep, '') || month AS unit, cost, 0 AS won FROM cost
UNION ALL
SELECT month, rep, coalesce(prospect, account) AS unit, 0, 1 FROM wins SEMI JOIN months USING (month)
""",
)

PER_KEPT = Base(
    name="cost_of_keeping",
    independent=False,
    needs=("costs", "activities.hours", "accounts"),
    sql="""
WITH cost AS (SELECT rep, month, sum(amount * (1 - winning)) AS cost FROM spent GROUP BY ALL),
months AS (SELECT DISTINCT month FROM cost)
SELECT month, rep, coalesce(rep, '') || month AS unit, cost, 0 AS kept FROM cost
UNION ALL
-- By account, since which accounts a rep has is chance too, and they stay.
SELECT month, rep, account AS unit, 0, 1 - lost FROM panel SEMI JOIN months USING (month)
""",
)

METRICS = (
    Metric(
        name="cost_of_revenue",
        check=4,
        title="Cost of selling, per unit of revenue",
        how="All hard and soft costs of selling divided by revenue, over months of which both are recorded",
        unit="share",
        good="down",
        kind="ratio",
        base=PER_REVENUE,
        numerator="cost",
        denominator="revenue",
        cases="accounts",
    ),
    Metric(
        name="hard_cost_of_revenue",
        check=4,
        title="Hard cost of selling, per unit of revenue",
        how="Costs of selling whose kind is not soft, divided by revenue",
        unit="share",
        good="down",
        kind="ratio",
        base=PER_REVENUE,
        numerator="hard",
        denominator="revenue",
        cases="accounts",
    ),
    Metric(
        name="soft_cost_of_revenue",
        check=4,
        title="Soft cost of selling, per unit of revenue",
        how="Costs of selling whose kind is soft, divided by revenue",
        unit="share",
        good="down",
        kind="ratio",
        base=PER_REVENUE,
        numerator="soft",
        denominator="revenue",
        cases="accounts",
    ),
    Metric(
        name="cost_per_new_account",
        check=4,
        title="Cost of winning a new account",
        how="The share of all costs that follows the hours spent on prospects, divided by the accounts won",
        unit="money",
        good="down",
        kind="price",
        base=PER_WIN,
        numerator="cost",
        denominator="won",
        cases="accounts won",
        least=3,
    ),
    Metric(
        name="cost_per_account_kept",
        check=4,
        title="Cost of keeping an account for a month",
        how="The share of all costs that follows the hours spent on accounts, divided by the customers of "
        "the first of each month who were not lost in it",
        unit="money",
        good="down",
        kind="price",
        base=PER_KEPT,
        numerator="cost",
        denominator="kept",
        cases="months of customers kept",
    ),
)
