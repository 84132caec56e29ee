"""New customers come steadily: how many, how much, against target, and in balance with keeping."""

from __future__ import annotations

from salesml.scorecard.checks.newly import NEW
from salesml.scorecard.metric import Base, Metric

WON = Base(
    name="won",
    needs=("accounts",),
    sql="""
-- Months in which a rep won nothing count with nothing, from the rep's first win or activity to the last.
WITH active AS (
    SELECT rep, min(month) AS first, max(month) AS last
    FROM (SELECT rep, month FROM wins UNION ALL SELECT rep, month FROM work)
    WHERE rep IS NOT NULL GROUP BY rep
),
won AS (SELECT rep, month, count(*) AS won, sum(amount) AS amount FROM wins GROUP BY ALL),
months AS (SELECT start AS month FROM periods WHERE kind = 'month' AND complete)
SELECT m.month, a.rep, a.rep || m.month AS unit, coalesce(w.won, 0) AS won, w.amount, 1 AS months
FROM active AS a JOIN months AS m ON m.month >= a.first AND m.month <= a.last
LEFT JOIN won AS w ON w.rep = a.rep AND w.month = m.month
UNION ALL
SELECT w.month, NULL, '' || w.month, w.won, w.amount, NULL
FROM won AS w WHERE w.rep IS NULL AND w.month IN (SELECT month FROM months)
""",
)

VALUE = Base(
    name="value_won",
    needs=("prospects.amount", "prospects.won_at"),
    sql="""
SELECT month, rep, prospect AS unit, amount, 1 AS won FROM wins WHERE amount IS NOT NULL
    AND month IN (SELECT start FROM periods WHERE kind = 'month' AND complete)
""",
)

TARGETED = Base(
    name="attainment",
    needs=("targets", "prospects.amount", "prospects.won_at"),
    sql="""
-- A target holds from its period to the rep's next one, at most a year, and is shared evenly over its months.
WITH given AS (
    SELECT rep, date_trunc('month', period)::DATE AS month, sum(amount)::DOUBLE AS amount
    FROM targets GROUP BY ALL
),
lengths AS (
    SELECT *, date_diff('month', month, lead(month) OVER (PARTITION BY rep ORDER BY month)) AS months
    FROM given
),
usual AS (SELECT rep, median(months)::INTEGER AS months FROM lengths GROUP BY rep),
shared AS (
    SELECT l.rep, l.month, l.amount, least(coalesce(l.months, u.months, 1), 12) AS months
    FROM lengths AS l JOIN usual AS u USING (rep)
),
monthly AS (
    SELECT s.rep, p.start AS month, s.amount / s.months AS target FROM shared AS s JOIN periods AS p
        ON p.kind = 'month' AND p.complete AND p.start >= s.month
        AND p.start < s.month + to_months(s.months::INTEGER)
),
won AS (SELECT rep, month, sum(amount) AS amount FROM wins GROUP BY ALL)
SELECT m.month, m.rep, m.rep || m.month AS unit, m.target, coalesce(w.amount, 0) AS amount
FROM monthly AS m LEFT JOIN won AS w USING (rep, month)
""",
)

FROM_NEW = Base(
    name="from_new",
    needs=("margin",),
    sql="""
SELECT m.month, m.rep, m.account AS unit, m.margin,
    CASE WHEN s.start > m.month - INTERVAL 12 MONTH THEN m.margin ELSE 0 END AS new
FROM money AS m JOIN (SELECT account, min(start) AS start FROM spells GROUP BY account) AS s USING (account)
WHERE m.month IN (SELECT start FROM periods WHERE kind = 'month' AND complete)
""",
)


def first_revenue(months: int) -> Base:
    """What new customers brought in their first months, or nothing, by who won them."""
    return Base(
        name="first_revenue",
        ripens=365 * months // 12,
        needs=("revenue",),
        sql=f"""
WITH until AS (SELECT max("end") AS day FROM periods WHERE kind = 'month' AND complete), {NEW}
SELECT w.month, w.rep, w.account AS unit, 1 AS won, coalesce(sum(m.revenue), 0) AS revenue
FROM new AS w JOIN until AS u ON w.day + INTERVAL {months} MONTH <= u.day
LEFT JOIN money AS m ON m.account = w.account AND m.month >= w.month
    AND m.month < w.month + INTERVAL {months} MONTH
GROUP BY ALL
""",
    )


def metrics(early_months: int) -> tuple[Metric, ...]:
    """The metrics of the check; new customers are looked at for so many months."""
    first = Metric(
        name="first_revenue",
        check=3,
        title=f"Revenue of a new customer in its first {early_months} months",
        how=f"Revenue of the new customers won in the period over {early_months} months from the month of "
        "winning on, divided by their number, those who brought nothing included; counted once these months "
        "have passed, for whoever won them",
        unit="money",
        good="up",
        kind="ratio",
        base=first_revenue(early_months),
        numerator="revenue",
        denominator="won",
        cases="customers won",
    )
    return (*METRICS, first)


METRICS = (
    Metric(
        name="new_accounts",
        check=3,
        title="New accounts per rep and month",
        how="Accounts won, divided by the months in which a rep was at work: from the first win or activity "
        "to the last, months without a win included",
        unit="number",
        good="up",
        kind="count",
        base=WON,
        numerator="won",
        denominator="months",
        cases="months of reps",
        least=3,
    ),
    Metric(
        name="value_won",
        check=3,
        title="Value of new accounts",
        how="Amounts of the prospects won in the period, as the company wrote them down, added up",
        unit="money",
        good="up",
        kind="sum",
        base=VALUE,
        numerator="amount",
        cases="prospects won",
        least=3,
    ),
    Metric(
        name="value_of_a_win",
        check=3,
        title="Value of a new account",
        how="Amounts of the prospects won in the period, divided by their number",
        unit="money",
        good="up",
        kind="ratio",
        base=VALUE,
        numerator="amount",
        denominator="won",
        cases="prospects won",
    ),
    Metric(
        name="attainment",
        check=3,
        title="Attainment of target",
        how="Amounts of the prospects won divided by the targets, a target shared evenly over the months it "
        "holds for",
        unit="share",
        good="up",
        kind="count",
        base=TARGETED,
        numerator="amount",
        denominator="target",
        cases="months of reps",
        least=3,
    ),
    Metric(
        name="margin_from_new",
        check=3,
        title="Share of margin that comes from new customers",
        how="Margin of customers in their first twelve months divided by all margin",
        unit="share",
        good="",
        kind="ratio",
        base=FROM_NEW,
        numerator="new",
        denominator="margin",
    ),
)
