"""Customers are kept: who leaves, what money leaves with them, and who of the new ones leaves early."""

from __future__ import annotations

from salesml.scorecard.checks.newly import NEW
from salesml.scorecard.checks.renewed import MONTHS, renewed
from salesml.scorecard.metric import Base, Metric

CUSTOMERS = Base(
    name="customers",
    needs=("accounts.ended_at",),
    sql="""
SELECT month, rep, account AS unit, lost, 1 AS customers, lost * margin AS margin_lost, margin,
    CASE WHEN best THEN lost END AS best_lost, CASE WHEN best THEN 1 END AS best_customers
FROM panel
""",
)

RETAINED = Base(
    name="retained",
    needs=("revenue",),
    looks_back=MONTHS,
    sql=renewed(("month", "quarter", "year")),
)


def newly_won(months: int) -> Base:
    """Customers won, once the months have passed in which leaving is early; each with the rep who won it."""
    return Base(
        name="newly_won",
        ripens=365 * months // 12,
        needs=("accounts.ended_at",),
        sql=f"""
WITH until AS (SELECT max("end") AS day FROM periods WHERE kind = 'month' AND complete), {NEW}
SELECT w.month, w.rep, w.account AS unit, 1 AS won,
    coalesce(w."end" < w.day + INTERVAL {months} MONTH, false)::INTEGER AS gone
FROM new AS w JOIN until AS u ON w.day + INTERVAL {months} MONTH <= u.day
""",
    )


def metrics(early_months: int) -> tuple[Metric, ...]:
    """The metrics of the check, those of value classes apart."""
    new = newly_won(early_months)
    return (
        Metric(
            name="defection",
            check=1,
            title="Customers lost, per month",
            how="Customers of the first of a month who were lost before its end, divided by the customers of "
            "the first of the month; a longer period is the mean over its months",
            unit="share",
            good="down",
            kind="rate",
            base=CUSTOMERS,
            numerator="lost",
            denominator="customers",
            cases="customer months",
        ),
        Metric(
            name="defection_of_best",
            check=1,
            title="Best customers lost, per month",
            how="As customers lost, among those whose margin of the twelve months before is in the highest "
            "class of all customers with any",
            unit="share",
            good="down",
            kind="rate",
            base=CUSTOMERS,
            numerator="best_lost",
            denominator="best_customers",
            cases="customer months",
        ),
        Metric(
            name="margin_defection",
            check=1,
            title="Margin lost with customers, per month",
            how="Margin of the last twelve months of the customers lost, divided by that of all customers of "
            "the first of the month",
            unit="share",
            good="down",
            kind="share",
            base=CUSTOMERS,
            numerator="margin_lost",
            denominator="margin",
            cases="customers",
        ),
        Metric(
            name="net_revenue_retention",
            check=1,
            title="Net revenue retention",
            how="Of the customers of two years before the end of the period: their revenue of the twelve "
            "months up to its end, divided by that of the twelve months before; what they buy more counts",
            unit="share",
            good="up",
            kind="ratio",
            base=RETAINED,
            numerator="now",
            denominator="earlier",
        ),
        Metric(
            name="gross_revenue_retention",
            check=1,
            title="Gross revenue retention",
            how="As net revenue retention, counting of each customer at most the revenue of the earlier "
            "twelve months",
            unit="share",
            good="up",
            kind="ratio",
            base=RETAINED,
            numerator="still",
            denominator="earlier",
        ),
        Metric(
            name="early_defection",
            check=1,
            title=f"New customers gone within {early_months} months",
            how=f"New customers won in the period who were lost within {early_months} months, divided by "
            "all won in it; counted once these months have passed, for whoever won them, not for who has "
            "them now",
            unit="share",
            good="down",
            kind="rate",
            base=new,
            numerator="gone",
            denominator="won",
            cases="customers won",
        ),
    )
