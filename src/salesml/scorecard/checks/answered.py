"""What reps answered to scores: whether those at risk are contacted, what came of it, what they doubt.

These are figures of practice. Reps choose whom they contact, so that what follows a contact is not what the
contact did; and whoever answers most need not be who works best.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import duckdb
import pandas as pd

from salesml.scorecard.metric import Base, Metric
from salesml.scorecard.records import records
from salesml.words import numbers

WEEK = 7
"""Days from a score's date within which somebody at risk is to be contacted."""

MOST = 20

CONTACT = "what IN ('contacted', 'saved') AND withdrawn_at IS NULL"

LISTED = Base(
    name="listed",
    needs=("feedback", "scores.churn"),
    ripens=WEEK,
    sql=f"""
-- The first list of each month that an account stands on, from when the first answer of all was given.
WITH began AS (SELECT min("day") AS day FROM feedback),
until AS (SELECT max("end") AS day FROM periods WHERE kind = 'month' AND complete),
listed AS (
    SELECT DISTINCT ON (entity, month) entity, date_trunc('month', as_of)::DATE AS month, as_of, rep
    FROM scored, began AS b, until AS u
    WHERE task = 'churn' AND band IN ('A', 'B') AND as_of + {WEEK} > b.day AND as_of + {WEEK} <= u.day
    ORDER BY entity, month, as_of
),
contacts AS (SELECT DISTINCT account, "day" FROM feedback WHERE {CONTACT})
SELECT l.month, l.rep, l.entity AS unit, 1 AS listed,
    (count(c.account) > 0)::INTEGER AS contacted
FROM listed AS l LEFT JOIN contacts AS c
    ON c.account = l.entity AND c."day" >= l.as_of AND c."day" < l.as_of + {WEEK} GROUP BY ALL
""",
)

GIVEN = Base(
    name="given",
    needs=("feedback",),
    sql="""
SELECT date_trunc('month', "day")::DATE AS month, rep,
    coalesce('account ' || account, 'prospect ' || prospect) AS unit, 1 AS answers,
    (what = 'reason-is-wrong')::INTEGER AS doubted, (what = 'disagree')::INTEGER AS disagreed
FROM feedback WHERE withdrawn_at IS NULL
""",
)

CONTACTED = f"""
-- The first contact of each month: who is called often is not more cases.
SELECT date_trunc('month', "day")::DATE AS month, rep, account AS unit, label AS gone,
    probability AS expected
FROM feedback WHERE account IS NOT NULL AND {CONTACT} AND label IS NOT NULL AND probability IS NOT NULL
QUALIFY row_number() OVER (PARTITION BY account, date_trunc('month', "day") ORDER BY "day", as_of) = 1
"""


def metrics(ripens: int) -> tuple[Metric, ...]:
    """The figures of answers.

    Parameters
    ----------
    ripens : int
        Days until the outcome of a score is known.
    """
    contacted = Base(name="contacted", needs=("feedback.label",), ripens=ripens, sql=CONTACTED)
    return (
        Metric(
            name="contacted_in_week",
            check=6,
            title="Customers at risk who were contacted within a week",
            how="Accounts in band A or B of a score table, on the first date of each month on which they "
            f"stand there, that a rep answered to have contacted or saved within {WEEK} days, divided by all "
            "such accounts; from the first answer on that was ever given",
            unit="share",
            good="up",
            kind="rate",
            base=LISTED,
            numerator="contacted",
            denominator="listed",
            cases="accounts at risk",
        ),
        Metric(
            name="lost_after_contact",
            check=6,
            title="Customers lost after contact, against what was expected",
            how="Of the accounts that a rep answered to have contacted or saved, the first time in each "
            "month: those that left, divided by how many were to be expected by the chances that the scores "
            "said; 1 is as many as expected. Counted once the outcome is known; whom reps choose to contact "
            "has its part in it",
            unit="times",
            good="down",
            kind="count",
            base=contacted,
            numerator="gone",
            denominator="expected",
            cases="accounts contacted",
        ),
        Metric(
            name="reasons_doubted",
            check=6,
            title="Answers that call a reason wrong",
            how="Answers to scores that say that a reason is wrong, divided by all answers; those withdrawn "
            "do not count",
            unit="share",
            good="",
            kind="rate",
            base=GIVEN,
            numerator="doubted",
            denominator="answers",
            cases="answers",
        ),
        Metric(
            name="scores_disagreed",
            check=6,
            title="Answers that disagree with the score",
            how="Answers to scores that disagree, divided by all answers; those withdrawn do not count",
            unit="share",
            good="",
            kind="rate",
            base=GIVEN,
            numerator="disagreed",
            denominator="answers",
            cases="answers",
        ),
    )


DOUBTED = f"""
WITH wrong AS (
    SELECT reason, reason_words, rep, coalesce(account, prospect) AS entity FROM feedback
    WHERE what = 'reason-is-wrong' AND withdrawn_at IS NULL AND reason IS NOT NULL
)
SELECT reason, coalesce(mode(reason_words ORDER BY reason_words), reason) AS example, count(*) AS answers,
    count(*)::DOUBLE / (SELECT count(*) FROM wrong) AS share, count(DISTINCT rep) AS reps,
    count(DISTINCT entity) AS customers
FROM wrong GROUP BY reason ORDER BY answers DESC, reason LIMIT {MOST}
"""


def doubted_reasons(con: duckdb.DuckDBPyConnection) -> pd.DataFrame:
    """The reasons that were called wrong most often.

    Returns
    -------
    DataFrame
        ``reason`` (its features), ``example`` (as it was read most often), ``answers``, ``share`` (of all
        that call a reason wrong), ``reps``, ``customers``, ``words``.
    """
    table = con.execute(DOUBTED).df()
    table["words"] = [_sentence(row) for row in records(table)]
    return table


def _sentence(row: Mapping[str, Any]) -> str:
    often = "once" if row["answers"] == 1 else f"{int(row['answers']):,} times"
    reps = "1 rep" if row["reps"] == 1 else f"{int(row['reps']):,} reps"
    return (
        f"Reasons such as '{row['example']}' were called wrong {often}, by {reps}: "
        f"{numbers.percent(row['share'])} of all reasons called wrong"
    )
