"""How much hangs on single reps: the share of revenue in each book, and what followed past hand-overs.

An account that changed hands is held against those of the same quarter, value class, tenure and level of risk
that did not, each stratum weighing as many as were handed over (direct standardisation; Rothman, Greenland,
*Modern Epidemiology*, 1998, ch. 15). Accounts are not handed over by lot: this is what followed, not what it
caused.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import duckdb
import numpy as np
import pandas as pd

from salesml.scorecard.cells import NOBODY
from salesml.scorecard.estimate import Z
from salesml.scorecard.records import records
from salesml.words import numbers, texts
from salesml.words.drawing.svg import isolated

MONTHS = 6
"""After a hand-over; as long before."""

LEAST = 10

MOST = 3_000_000
"""Of more months of customers, only every second, third, … account is compared with."""

DEPENDENCY = (
    "id",
    "accounts",
    "revenue",
    "margin",
    "revenue_share",
    "margin_share",
    "place",
    "up_to_here",
    "words",
)

FOLLOWED = (
    "which", "handed_over", "compared_with", "lost_share", "usual_lost_share", "difference", "low", "high",
    "revenue_after", "usual_revenue_after", "revenue_difference", "revenue_low", "revenue_high", "words",
)  # fmt: skip

BOOKS = """
WITH until AS (SELECT max("end") AS day FROM periods WHERE kind = 'month' AND complete),
x AS (
    SELECT coalesce(m.rep, '{nobody}') AS id, count(DISTINCT account) AS accounts, sum(revenue) AS revenue,
        sum(margin) AS margin
    FROM money AS m, until AS u WHERE m.month < u.day AND m.month >= u.day - INTERVAL 12 MONTH GROUP BY ALL
)
SELECT *, revenue / nullif(sum(revenue) OVER (), 0) AS revenue_share,
    margin / nullif(sum(margin) OVER (), 0) AS margin_share,
    row_number() OVER (ORDER BY revenue DESC, id) AS place,
    sum(revenue) OVER (ORDER BY revenue DESC, id) / nullif(sum(revenue) OVER (), 0) AS up_to_here
FROM x ORDER BY place
"""

MOVED = """
CREATE OR REPLACE TEMP TABLE moved AS
WITH x AS (
    SELECT account, rep, start, lag(rep) OVER (PARTITION BY account ORDER BY start) AS before FROM owned
),
-- Who left: none of the accounts is theirs any more, and nothing was done by them in the last three months.
now AS (SELECT DISTINCT rep FROM (
    SELECT rep, "end" FROM owned QUALIFY row_number() OVER (PARTITION BY account ORDER BY start DESC) = 1
) WHERE "end" IS NULL),
busy AS (SELECT DISTINCT rep FROM work, (SELECT max("end") AS until FROM periods)
    WHERE day >= until - INTERVAL 3 MONTH)
SELECT account, date_trunc('month', start + INTERVAL 1 MONTH)::DATE AS month,
    bool_and(before NOT IN (SELECT rep FROM now)
        AND before NOT IN (SELECT rep FROM busy WHERE rep IS NOT NULL)) AS has_left
FROM x WHERE before IS NOT NULL AND before <> rep GROUP BY ALL
"""

STRATA = """
-- Customers of the first of a month: those handed over in the month before, and those who were not within
-- half a year of it, one account in {thin}. Months of which the half year after was recorded.
WITH until AS (SELECT max("end") AS day FROM periods WHERE kind = 'month' AND complete),
cases AS (
    SELECT c.account, c.month, c.class, c.tenure, m.has_left,
        m.account IS NOT NULL AS handed_over, s.gone
    FROM classes AS c JOIN until AS u ON c.month + INTERVAL {months} MONTH <= u.day
    LEFT JOIN moved AS m ON m.account = c.account AND m.month = c.month
    LEFT JOIN moved AS other ON other.account = c.account AND m.account IS NULL
        AND other.month > c.month - INTERVAL {months} MONTH
        AND other.month <= c.month + INTERVAL {months} MONTH
    LEFT JOIN (SELECT account, "end" AS gone FROM spells WHERE "end" IS NOT NULL) AS s
        ON s.account = c.account AND s.gone >= c.month AND s.gone < c.month + INTERVAL {months} MONTH
    WHERE other.account IS NULL AND (m.account IS NOT NULL OR hash(c.account) % {thin} = 0)
),
earned AS (
    SELECT c.account, c.month,
        coalesce(sum(m.revenue) FILTER (WHERE m.month < c.month), 0) AS before,
        coalesce(sum(m.revenue) FILTER (WHERE m.month >= c.month), 0) AS after
    FROM cases AS c LEFT JOIN money AS m ON m.account = c.account
        AND m.month >= c.month - INTERVAL {months} MONTH AND m.month < c.month + INTERVAL {months} MONTH
    GROUP BY ALL
),
x AS (
    SELECT c.*, e.before, e.after, {risk} AS risk FROM cases AS c
    JOIN earned AS e ON e.account = c.account AND e.month = c.month {risked}
)
SELECT handed_over, coalesce(has_left, false) AS has_left, date_trunc('quarter', month)::DATE AS quarter,
    class, tenure, risk, count(*)::DOUBLE AS accounts, sum((gone IS NOT NULL)::INTEGER)::DOUBLE AS lost,
    sum(before) AS b, sum(after) AS a, sum(before * before) AS bb, sum(before * after) AS ab,
    sum(after * after) AS aa
FROM x GROUP BY ALL
"""

RISKED = "ASOF LEFT JOIN losses AS l ON l.account = c.account AND c.month >= l.day"
RISK = "CASE WHEN l.day > c.month - INTERVAL 6 MONTH THEN floor(4 * log2(1 + 15 * l.p)) / 4 END"
"""Of the newest expected loss: finer where risks are small."""


def dependency(
    con: duckdb.DuckDBPyConnection, currency: str, names: Mapping[str, str] | None = None
) -> pd.DataFrame:
    """Whose books the revenue of the last twelve months stands in.

    Parameters
    ----------
    names : mapping of str to str, optional
        Of reps, by id.

    Returns
    -------
    DataFrame
        A row for each rep: ``id``, ``accounts``, ``revenue``, ``margin``, the shares of both, ``place`` by
        revenue, ``up_to_here`` (the share of all books up to this one), ``words``.
    """
    table = con.execute(BOOKS.format(nobody=NOBODY)).df()
    half = int((table["up_to_here"] < 0.5).sum()) + 1
    known = names or {}
    table["words"] = [_share_words(row, known, half, len(table), currency) for row in records(table)]
    return table.reindex(columns=list(DEPENDENCY))


def followed(con: duckdb.DuckDBPyConnection, *, risks: bool) -> pd.DataFrame:
    """What followed hand-overs in the half year after; needs ``classes``.

    Parameters
    ----------
    risks : bool
        Whether ``losses`` says what was expected of accounts.

    Returns
    -------
    DataFrame
        ``which``: ``all`` hand-overs, and those of reps who ``left``; how many were ``handed_over`` and how
        many they are ``compared_with``; the share lost of each and their ``difference`` with its interval;
        revenue of the half year after over that before, its difference with interval; ``words``.
    """
    con.execute(MOVED)
    size = con.execute("SELECT count(*) AS n FROM classes").df()["n"].iloc[0]
    risk, risked = (RISK, RISKED) if risks else ("0", "")
    sql = STRATA.format(months=MONTHS, risk=risk, risked=risked, thin=1 + int(size) // MOST)
    cells = con.execute(sql).df()
    rows = [_followed(cells, which) for which in ("all", "left")]
    table = pd.DataFrame(rows)
    table["words"] = [_followed_words(row) for row in records(table)]
    return table.reindex(columns=list(FOLLOWED))


def _followed(cells: pd.DataFrame, which: str) -> dict[str, Any]:
    keys = ["quarter", "class", "tenure", "risk"]
    sums = ["accounts", "lost", "b", "a", "bb", "ab", "aa"]
    cells = cells.fillna({"risk": -1.0})
    moved = cells[cells["handed_over"] & (cells["has_left"] | (which == "all"))].groupby(keys)[sums].sum()
    stayed = cells[~cells["handed_over"]].groupby(keys)[sums].sum()
    both = moved.join(stayed.add_suffix("_0"), how="inner")
    both = both[both["accounts_0"] >= 2]
    row: dict[str, Any] = {"which": which, "handed_over": int(both["accounts"].sum())}
    row["compared_with"] = int(both["accounts_0"].sum())
    if row["handed_over"] < LEAST:
        return row
    total = both["accounts"].sum()
    usual = both["lost_0"] / both["accounts_0"]
    row["lost_share"] = float(both["lost"].sum() / total)
    row["usual_lost_share"] = float((both["accounts"] * usual).sum() / total)
    # Half a case more on each side, or nothing lost would look sure.
    share = (both["lost"].sum() + 0.5) / (total + 1)
    strata = (both["lost_0"] + 0.5) / (both["accounts_0"] + 1)
    variance = share * (1 - share) / total
    variance += float((both["accounts"] ** 2 * strata * (1 - strata) / both["accounts_0"]).sum()) / total**2
    row["difference"] = row["lost_share"] - row["usual_lost_share"]
    row["low"], row["high"] = (row["difference"] + side * Z * float(np.sqrt(variance)) for side in (-1, 1))
    return row | _revenue(both)


def _revenue(both: pd.DataFrame) -> dict[str, Any]:
    """Revenue after over before: of those handed over, and of the others at the same revenue per stratum."""
    both = both[(both["b"] > 0) & (both["b_0"] > 0)]
    before = float(both["b"].sum())
    if both.empty or before <= 0:
        return {}
    after = float(both["a"].sum() / before)
    ratio = both["a_0"] / both["b_0"]
    usual = float((both["b"] * ratio).sum() / before)
    own = float((both["aa"] - 2 * after * both["ab"] + after**2 * both["bb"]).sum())
    others = (both["aa_0"] - 2 * ratio * both["ab_0"] + ratio**2 * both["bb_0"]) / both["b_0"] ** 2
    reach = Z * float(np.sqrt(own / before**2 + (both["b"] ** 2 * others).sum() / before**2))
    gap = after - usual
    return {
        "revenue_after": after, "usual_revenue_after": usual, "revenue_difference": gap,
        "revenue_low": gap - reach, "revenue_high": gap + reach,
    }  # fmt: skip


def _share_words(
    row: Mapping[str, Any], names: Mapping[str, str], half: int, reps: int, currency: str
) -> str:
    who = "Accounts that nobody is named for"
    if row["id"] != NOBODY:
        who = f"The book of {isolated(texts.one_line(names.get(row['id'], row['id'])))}"
    said = (
        f"{who} brought {numbers.money(row['revenue'], currency)} in the last twelve months, "
        f"{numbers.percent(row['revenue_share'])} of all revenue"
    )
    if row["place"] == 1:
        said += f"; it is the largest, and {half} of {reps} books hold half of all revenue"
    return said


def _followed_words(row: Mapping[str, Any]) -> str:
    whose = "accounts of reps who left" if row["which"] == "left" else "accounts that changed hands"
    if pd.isna(row.get("difference")):
        if not row["handed_over"]:
            return f"No {whose.replace('accounts', 'account', 1)} can be held against one like it"
        return f"{numbers.count(row['handed_over'])} {whose}: too few to say what followed"
    sure = row["low"] > 0 or row["high"] < 0
    lost, usual = (numbers.percent(row[name]) for name in ("lost_share", "usual_lost_share"))
    said = (
        f"Of {numbers.count(row['handed_over'])} {whose}, {lost} were lost within {MONTHS} months, against "
        f"{usual} of like ones that did not"
    )
    return said + (
        ": more than chance explains, though hand-overs may have other causes in common with losses"
        if sure
        else ": no more than chance explains"
    )
