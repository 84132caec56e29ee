"""What happened, as tables that every metric reads: who was a customer and whose, what was won and spent.

Each fact is made once, in the order below, out of the contract's relations. Days are half-open; rows of today
and later do not count.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

import duckdb

from salesml.config import Spec
from salesml.config.scorecard import ScorecardSpec
from salesml.crm import CRM
from salesml.crm.sources import identifier, quoted
from salesml.scorecard.periods import Period, periods


@dataclass(frozen=True)
class Money:
    """Where money stands: a log and its measures; empty names where there is none."""

    log: str = ""
    revenue: str = ""
    margin: str = ""


@dataclass(frozen=True)
class Asked:
    """What the facts are made for.

    Parameters
    ----------
    spec : ScorecardSpec
    churn : Spec
        The model that says when a customer is lost.
    money : Money
    first, until : datetime.date
        The recorded days.
    have : frozenset of str
        What the tables have: ``table`` and ``table.key``.
    """

    spec: ScorecardSpec
    churn: Spec
    money: Money
    first: dt.date
    until: dt.date
    have: frozenset[str]

    @property
    def periods(self) -> tuple[Period, ...]:
        """Every period of the recorded time."""
        return periods(self.first, self.until)


def tables_had(crm: CRM) -> frozenset[str]:
    """``table`` and ``table.key`` of all that crm.yaml maps."""
    found: set[str] = set()
    for table, bound in crm.bounds.items():
        found.add(table)
        found |= {f"{table}.{'at' if field.name == 'day' else field.name}" for field in bound.fields}
    return frozenset(found)


def make_facts(con: duckdb.DuckDBPyConnection, asked: Asked) -> None:
    """Create the tables of facts in a connection with the contract's relations.

    Tables: ``periods(kind, start, end, complete)``, ``teams(rep, start, team)``,
    ``owned(account, start, rep, end)``, ``spells(account, start, end)`` (each time an account was a
    customer), ``money(account, month, rep, revenue, margin)``, ``panel(account, month, rep, lost, margin,
    best)`` (customers at the first of each month), ``wins(prospect, account, rep, day, month, amount,
    created)``, ``work(rep, day, month, account, prospect, kind, hours, cost, aim)``, ``spent(rep, month,
    soft, amount, winning)`` (costs, and the share that went into winning).
    """
    con.execute('CREATE TEMP TABLE periods (kind VARCHAR, start DATE, "end" DATE, complete BOOLEAN)')
    rows = [[each.kind, each.start, each.end, each.complete] for each in asked.periods]
    con.executemany("INSERT INTO periods VALUES (?, ?, ?, ?)", rows)
    for name, sql in facts(asked).items():
        hold(con, name, sql)


def hold(con: duckdb.DuckDBPyConnection, name: str, sql: str) -> None:
    """Create a view of rows that are held compressed: of a large company they are tens of millions.

    Dates, reps and kinds of activities repeat, so that they take less than half the room, and spill less.

    Parameters
    ----------
    name : str
        Of the view; what was called so is replaced.
    sql : str
        A SELECT.
    """
    con.execute("ATTACH IF NOT EXISTS ':memory:' AS facts (COMPRESS)")
    con.execute(f"CREATE OR REPLACE TABLE facts.{name} AS {sql}")
    con.execute("CHECKPOINT facts")
    con.execute(f"CREATE OR REPLACE TEMP VIEW {name} AS SELECT * FROM facts.{name}")


TEAMS = """
SELECT id AS rep, DATE '0001-01-01' AS start, team FROM reps
"""

TEAMS_MOVED = """
-- Where moves between teams are recorded, the first known value holds for all before it.
WITH moved AS (
    SELECT id AS rep, value AS team,
        CASE WHEN row_number() OVER (PARTITION BY id ORDER BY day) = 1
            THEN DATE '0001-01-01' ELSE day END AS start
    FROM history WHERE "table" = 'reps' AND "column" = 'team'
)
SELECT rep, start, team FROM moved
UNION ALL
SELECT id AS rep, DATE '0001-01-01' AS start, team FROM reps WHERE id NOT IN (SELECT rep FROM moved)
"""

NO_TEAMS = "SELECT NULL::VARCHAR AS rep, NULL::DATE AS start, NULL::VARCHAR AS team WHERE false"

OWNED = """
SELECT account, coalesce("start", DATE '0001-01-01') AS start, min(rep) AS rep, max("end") AS "end"
FROM assignments WHERE account IS NOT NULL AND rep IS NOT NULL GROUP BY 1, 2
"""

OWNED_NOW = """
-- Nobody says who had it before: whoever has it now stands for all the time.
SELECT id AS account, DATE '0001-01-01' AS start, rep, NULL::DATE AS "end" FROM accounts WHERE rep IS NOT NULL
"""

SPELLS_ACTIVE = """
WITH days AS (
    SELECT DISTINCT account, day FROM {log} WHERE NOT is_return AND account IS NOT NULL AND day < {until}
),
gaps AS (SELECT *, day - lag(day) OVER (PARTITION BY account ORDER BY day) AS gap FROM days),
runs AS (
    SELECT *, count(*) FILTER (WHERE gap > {quiet}) OVER (PARTITION BY account ORDER BY day) AS run FROM gaps
)
SELECT account, min(day) AS start, CASE WHEN max(day) + {quiet} < {until} THEN max(day) + {quiet} END AS "end"
FROM runs GROUP BY account, run
"""

SPELLS_CONTRACT = """
SELECT id AS account, acquired_at AS start, CASE WHEN ended_at < {until} THEN ended_at END AS "end"
FROM accounts WHERE acquired_at < {until} AND (ended_at IS NULL OR ended_at >= acquired_at)
"""

MONEY = """
WITH x AS (
    SELECT account, day, {revenue} AS revenue, {margin} AS margin
    FROM {log} WHERE account IS NOT NULL AND day < {until} GROUP BY ALL
)
SELECT x.account, date_trunc('month', x.day)::DATE AS month, {owner} AS rep,
    sum(x.revenue) AS revenue, sum(x.margin) AS margin
FROM x {owned} GROUP BY ALL
"""

NO_MONEY = """
SELECT NULL::VARCHAR AS account, NULL::DATE AS month, NULL::VARCHAR AS rep, NULL::DOUBLE AS revenue,
    NULL::DOUBLE AS margin WHERE false
"""

PANEL = """
WITH months AS (SELECT start AS month, "end" FROM periods WHERE kind = 'month' AND complete),
-- Customers of each month beside what each month brought, so that one pass sums the year before.
seen AS (
    SELECT s.account, m.month, (s."end" IS NOT NULL AND s."end" < m."end")::INTEGER AS lost,
        NULL::DOUBLE AS margin
    FROM spells AS s JOIN months AS m ON s.start < m.month AND (s."end" IS NULL OR s."end" >= m.month)
    UNION ALL
    SELECT account, month, NULL, sum(margin) FROM money GROUP BY ALL
),
summed AS (
    SELECT account, month, lost, sum(margin) OVER (
        PARTITION BY account ORDER BY 12 * year(month) + month(month)
        RANGE BETWEEN 12 PRECEDING AND 1 PRECEDING
    ) AS margin FROM seen
),
x AS (SELECT account, month, lost, coalesce(margin, 0) AS margin FROM summed WHERE lost IS NOT NULL),
bar AS (SELECT month, quantile_cont(margin, {quantile}) AS margin FROM x WHERE margin > 0 GROUP BY month)
SELECT x.account, x.month, {owner} AS rep, x.lost, x.margin,
    coalesce(x.margin > 0 AND x.margin >= b.margin, false) AS best
FROM x LEFT JOIN bar AS b ON b.month = x.month {owned}
"""

WINS = """
WITH x AS ({won})
SELECT x.prospect, x.account, coalesce(x.own, {owner}) AS rep, x.day,
    date_trunc('month', x.day)::DATE AS month, x.amount, x.created
FROM x {owned}
"""

WON = """
SELECT id AS prospect, account, rep AS own, won_at AS day, amount::DOUBLE AS amount, created_at AS created
FROM prospects WHERE won_at < {until}
"""

APPEARED = """
-- Without prospects, who became a customer in the recorded time was won.
SELECT NULL::VARCHAR AS prospect, account, NULL::VARCHAR AS own, start AS day, NULL::DOUBLE AS amount,
    NULL::DATE AS created
FROM spells WHERE start >= {first}
"""

WORK = """
SELECT rep, day, date_trunc('month', day)::DATE AS month, account, prospect, kind,
    CASE WHEN hours > 0 THEN hours END AS hours, cost::DOUBLE AS cost,
    CASE WHEN prospect IS NOT NULL THEN 'win' WHEN account IS NOT NULL THEN 'keep' END AS aim
FROM activities WHERE day < {until}
"""

NO_WORK = """
SELECT NULL::VARCHAR AS rep, NULL::DATE AS day, NULL::DATE AS month, NULL::VARCHAR AS account,
    NULL::VARCHAR AS prospect, NULL::VARCHAR AS kind, NULL::DOUBLE AS hours, NULL::DOUBLE AS cost,
    NULL::VARCHAR AS aim WHERE false
"""


LISTED = """
SELECT rep, date_trunc('month', period)::DATE AS month, lower(trim(kind)) = 'soft' AS soft,
    sum(amount)::DOUBLE AS amount
FROM costs, (SELECT max("end") AS until FROM periods) WHERE amount IS NOT NULL AND period < until GROUP BY ALL
"""

NOT_LISTED = "SELECT rep, month, false AS soft, 0.0 AS amount FROM work WHERE false"

SPENT = """
-- Costs of the table; of months of which it holds none, those of the activities. Never both: the table's
-- travel and the visits' cost may be the same money.
WITH listed AS ({listed}),
worked AS (
    SELECT w.rep, w.month, false AS soft, sum(w.cost) AS amount FROM work AS w
    WHERE w.cost > 0 AND w.month NOT IN (SELECT month FROM listed) GROUP BY ALL
),
spent AS (SELECT * FROM listed UNION ALL SELECT * FROM worked),
-- What it was for, by the rep's hours of the month; without hours, by all hours of the rep, then of all.
hours AS (
    SELECT rep, month, sum(hours) AS hours, coalesce(sum(hours) FILTER (WHERE aim = 'win'), 0) AS winning
    FROM work WHERE hours > 0 AND aim IS NOT NULL GROUP BY ALL
),
by_rep AS (SELECT rep, sum(winning) / sum(hours) AS winning FROM hours GROUP BY rep),
by_all AS (SELECT sum(winning) / sum(hours) AS winning FROM hours)
SELECT s.rep, s.month, s.soft, s.amount, coalesce(m.winning / m.hours, r.winning, a.winning) AS winning
FROM spent AS s LEFT JOIN hours AS m ON m.rep = s.rep AND m.month = s.month
    LEFT JOIN by_rep AS r ON r.rep = s.rep CROSS JOIN by_all AS a
"""
"""``spent(rep, month, soft, amount, winning)``; ``winning`` is the share that went into winning."""


HELD = """
SELECT *, lead(start, 1, DATE '9999-12-31') OVER (PARTITION BY account ORDER BY start) AS next FROM owned
"""
"""Who had an account from ``start`` until the ``next`` one did."""


def owned(day: str) -> str:
    """The join that gives ``o``, who had the account of ``x`` on a day."""
    # Accounts change hands rarely, so that a join by account and a range costs less than sorting all rows.
    return f"LEFT JOIN ({HELD}) AS o ON x.account = o.account AND {day} >= o.start AND {day} < o.next"


def owner(day: str) -> str:
    """The rep that the account was with on a day, after the join of :func:`owned`."""
    return f'CASE WHEN o."end" IS NULL OR {day} < o."end" THEN o.rep END'


def facts(asked: Asked) -> Mapping[str, str]:
    """The SQL of each fact, in the order in which they are made."""
    until, first = (f"DATE {quoted(day.isoformat())}" for day in (asked.until, asked.first))
    label, money = asked.churn.label, asked.money
    by_day = {"owner": owner("x.day"), "owned": owned("x.day")}
    won = WON if "prospects.won_at" in asked.have else APPEARED
    moved = TEAMS_MOVED if "history" in asked.have else TEAMS
    spells = SPELLS_ACTIVE if label.kind == "inactivity" else SPELLS_CONTRACT
    earned = {
        name: _summed(measure) for name, measure in (("revenue", money.revenue), ("margin", money.margin))
    }
    return {
        "teams": moved if "reps.team" in asked.have else NO_TEAMS,
        "owned": OWNED if "assignments" in asked.have else OWNED_NOW,
        "spells": spells.format(
            log=identifier(f"events_{label.events}"), quiet=label.inactive_days, until=until
        ),
        "money": MONEY.format(log=identifier(f"events_{money.log}"), until=until, **earned, **by_day)
        if money.log
        else NO_MONEY,
        "panel": PANEL.format(quantile=1 - asked.spec.best, owner=owner("x.month"), owned=owned("x.month")),
        "wins": WINS.format(won=won.format(until=until, first=first), **by_day),
        "work": WORK.format(until=until) if "activities" in asked.have else NO_WORK,
        "spent": SPENT.format(listed=LISTED if "costs" in asked.have else NOT_LISTED),
    }


def _summed(measure: str) -> str:
    return f"coalesce(sum({identifier('m_' + measure)}), 0)::DOUBLE" if measure else "0.0"
