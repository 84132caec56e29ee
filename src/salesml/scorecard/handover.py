"""The hand-over sheet of a book: what whoever takes it over must know of each account and open prospect."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd

from salesml.config import read_spec
from salesml.config.scorecard import read_scorecard
from salesml.crm import CRM
from salesml.crm.sources import identifier, quoted
from salesml.errors import Fault, UsageError
from salesml.scorecard.ask import ask
from salesml.scorecard.facts import Asked, make_facts
from salesml.scorecard.records import records
from salesml.scorecard.scored import add_scores
from salesml.words import numbers

LAST = 3
"""So many of the last orders and contacts are listed."""

COLUMNS = (
    "kind", "id", "name", "since", "revenue", "margin", "last_orders", "last_contacts", "others", "risk",
    "band", "stage", "stage_since", "next_step", "expected_amount", "words",
)  # fmt: skip

ACCOUNTS = """
WITH book AS (
    SELECT account AS id FROM (
        SELECT * FROM owned WHERE start < {until}
        QUALIFY row_number() OVER (PARTITION BY account ORDER BY start DESC) = 1
    ) WHERE rep = {rep} AND ("end" IS NULL OR "end" >= {until})
),
since AS (
    SELECT account, min(start) AS since, max(coalesce("end", {until})) AS last FROM spells GROUP BY account
),
money AS (
    SELECT m.account, sum(m.revenue) AS revenue, sum(m.margin) AS margin FROM money AS m
    WHERE m.month >= {until} - INTERVAL 12 MONTH GROUP BY ALL
),
last_orders AS ({orders}),
last_contacts AS (
    SELECT account AS id, string_agg(told, '; ' ORDER BY place) AS last_contacts FROM (
        SELECT account, row_number() OVER (PARTITION BY account ORDER BY day DESC, kind) AS place,
            coalesce(kind, 'contact') || ' on ' || day || coalesce(' (' || rep || ')', '') AS told
        FROM work WHERE account IN (SELECT id FROM book)
    ) WHERE place <= {last} GROUP BY ALL
),
others AS (
    SELECT account AS id, string_agg(DISTINCT rep, ', ' ORDER BY rep) AS others FROM (
        SELECT account, rep FROM work UNION ALL SELECT account, rep FROM owned
    ) WHERE rep <> {rep} AND account IN (SELECT id FROM book) GROUP BY ALL
),
risks AS (
    SELECT entity AS id, probability AS risk, band FROM scored WHERE task = 'churn'
    QUALIFY row_number() OVER (PARTITION BY entity ORDER BY as_of DESC) = 1
)
SELECT 'account' AS kind, b.id, {name} AS name, s.since, m.revenue, m.margin, o.last_orders, c.last_contacts,
    x.others, r.risk, r.band
FROM book AS b LEFT JOIN accounts AS a ON a.id = b.id
JOIN since AS s ON s.account = b.id AND s.last >= {until}
LEFT JOIN money AS m ON m.account = b.id LEFT JOIN last_orders AS o ON o.id = b.id
LEFT JOIN last_contacts AS c ON c.id = b.id LEFT JOIN others AS x ON x.id = b.id
LEFT JOIN risks AS r ON r.id = b.id
ORDER BY coalesce(m.margin, m.revenue, 0) DESC, b.id
"""

ORDERS = """
SELECT account AS id, string_agg(told, '; ' ORDER BY place) AS last_orders FROM (
    SELECT account, row_number() OVER (PARTITION BY account ORDER BY day DESC) AS place,
        day || ': ' || round(amount, 2) AS told
    FROM (
        SELECT account, day, sum({measure})::DOUBLE AS amount FROM {log}
        WHERE account IN (SELECT id FROM book) AND NOT is_return AND day < {until} GROUP BY account, day
    )
) WHERE place <= {last} GROUP BY ALL
"""

NO_ORDERS = "SELECT NULL::VARCHAR AS id, NULL::VARCHAR AS last_orders WHERE false"

PROSPECTS = """
WITH book AS (
    SELECT p.* FROM prospects AS p
    WHERE p.rep = {rep} AND {open} AND coalesce(p.created_at, DATE '0001-01-01') < {until}
),
stage AS ({stages}),
last_contacts AS (
    SELECT prospect AS id, string_agg(told, '; ' ORDER BY place) AS last_contacts FROM (
        SELECT prospect, row_number() OVER (PARTITION BY prospect ORDER BY day DESC, kind) AS place,
            coalesce(kind, 'contact') || ' on ' || day || coalesce(' (' || rep || ')', '') AS told
        FROM work WHERE prospect IN (SELECT id FROM book)
    ) WHERE place <= {last} GROUP BY ALL
),
-- What is dated later than the recorded days is planned.
planned AS ({planned}),
others AS (
    SELECT prospect AS id, string_agg(DISTINCT rep, ', ' ORDER BY rep) AS others FROM work
    WHERE rep <> {rep} AND prospect IN (SELECT id FROM book) GROUP BY ALL
),
chances AS (
    SELECT entity AS id, probability AS risk, band FROM scored WHERE task = 'conversion'
    QUALIFY row_number() OVER (PARTITION BY entity ORDER BY as_of DESC) = 1
)
SELECT 'prospect' AS kind, p.id, {name} AS name, p.created_at AS since, c.last_contacts, x.others, r.risk,
    r.band, s.stage, s.stage_since, n.next_step, {amount} AS expected_amount
FROM book AS p LEFT JOIN stage AS s ON s.id = p.id LEFT JOIN last_contacts AS c ON c.id = p.id
LEFT JOIN planned AS n ON n.id = p.id LEFT JOIN others AS x ON x.id = p.id
LEFT JOIN chances AS r ON r.id = p.id
ORDER BY {amount} DESC NULLS LAST, p.id
"""

STAGES = """
SELECT prospect AS id, stage, day AS stage_since FROM stages WHERE day < {until}
QUALIFY row_number() OVER (PARTITION BY prospect ORDER BY day DESC, stage) = 1
"""

NO_STAGES = "SELECT NULL::VARCHAR AS id, NULL::VARCHAR AS stage, NULL::DATE AS stage_since WHERE false"

PLANNED = """
SELECT prospect AS id, coalesce(kind, 'contact') || ' on ' || day AS next_step FROM activities
WHERE day >= {until} AND prospect IS NOT NULL
QUALIFY row_number() OVER (PARTITION BY prospect ORDER BY day, kind) = 1
"""

NO_PLANS = "SELECT NULL::VARCHAR AS id, NULL::VARCHAR AS next_step WHERE false"


def handover(con: duckdb.DuckDBPyConnection, asked: Asked, rep: str, currency: str) -> pd.DataFrame:
    """The book of a rep as of the last recorded day: customers, dearest first, then open prospects.

    Parameters
    ----------
    con : DuckDBPyConnection
        With facts and ``scored``.
    rep : str
        An id of the table of reps, or of assignments.

    Returns
    -------
    DataFrame
        ``kind`` (account, prospect), ``id``, ``name``, ``since``, ``revenue`` and ``margin`` of the last
        twelve months, ``last_orders`` and ``last_contacts`` (three of each), ``others`` who have worked it,
        ``risk`` of leaving or chance of being won and ``band`` where scores are given, and of prospects
        ``stage``, ``stage_since``, ``next_step`` (the next planned activity) and ``expected_amount``;
        ``words``.

    Raises
    ------
    UsageError
        ``unknown-rep`` where no table names the rep.
    """
    _known(con, asked, rep)
    parts = [con.execute(_accounts(asked, rep)).df()]
    if "prospects.rep" in asked.have:
        parts.append(con.execute(_prospects(asked, rep)).df())
    filled = [part.reindex(columns=list(COLUMNS)).astype(object) for part in parts]
    table = pd.concat(filled, ignore_index=True)
    numbers_of = ("revenue", "margin", "risk", "expected_amount")
    days = ("since", "stage_since")
    kinds = dict.fromkeys(numbers_of, "float64") | dict.fromkeys(days, "datetime64[us]")
    texts = dict.fromkeys([name for name in COLUMNS if name not in kinds], "string")
    table["words"] = [_words(row, asked.until, currency) for row in records(table)]
    return table.astype({**kinds, **texts})


def hand_over(
    crm: CRM,
    rep: str,
    folder: Path | None = None,
    *,
    scores: Sequence[Path] = (),
    threads: int | None = None,
    memory: str = "",
) -> pd.DataFrame:
    """The sheet from a company's tables; parameters as those of :func:`salesml.scorecard.scorecard`."""
    folder = folder or crm.folder
    spec = read_scorecard(folder / "scorecard.yaml")
    asked = ask(spec, read_spec(folder / "models" / f"{spec.churn}.yaml"), crm)
    with crm.connect(threads, memory or None) as con:
        add_scores(con, scores)
        make_facts(con, asked)
        return handover(con, asked, rep, crm.contract.currency)


def _known(con: duckdb.DuckDBPyConnection, asked: Asked, rep: str) -> None:
    named = ["SELECT rep FROM owned", "SELECT rep FROM work"]
    named += ["SELECT id FROM reps"] if "reps" in asked.have else []
    found = con.execute(
        f"SELECT DISTINCT rep FROM ({' UNION ALL '.join(named)}) WHERE rep IS NOT NULL"
    ).fetchall()
    if (rep,) not in found:
        examples = tuple(sorted(name for (name,) in found)[:5])
        raise UsageError(
            Fault(
                code="unknown-rep",
                found=f"No table names a rep {rep!r}",
                allowed=f"Ids of reps, such as {', '.join(examples)}" if examples else "",
                do="Take the id, not the name",
                examples=examples,
            )
        )


def _accounts(asked: Asked, rep: str) -> str:
    given = _given(asked, rep)
    measure = asked.money.revenue or asked.money.margin
    log, column = identifier(f"events_{asked.money.log}"), identifier("m_" + measure)
    orders = ORDERS.format(log=log, measure=column, **given) if measure else NO_ORDERS
    name = "a.name" if "accounts.name" in asked.have else "NULL"
    return ACCOUNTS.format(orders=orders, name=name, **given)


def _prospects(asked: Asked, rep: str) -> str:
    given = _given(asked, rep)
    over = [f"(p.{name} IS NULL OR p.{name} >= {given['until']})" for name in ("won_at", "lost_at")
            if f"prospects.{name}" in asked.have]  # fmt: skip
    return PROSPECTS.format(
        open=" AND ".join(over) or "true",
        stages=STAGES.format(**given) if "stages" in asked.have else NO_STAGES,
        planned=PLANNED.format(**given) if "activities.prospect" in asked.have else NO_PLANS,
        name="p.name" if "prospects.name" in asked.have else "NULL",
        amount="p.amount::DOUBLE" if "prospects.amount" in asked.have else "NULL::DOUBLE",
        **given,
    )


def _given(asked: Asked, rep: str) -> dict[str, Any]:
    return {"rep": quoted(rep), "until": f"DATE {quoted(asked.until.isoformat())}", "last": LAST}


def _words(row: Mapping[str, Any], until: dt.date, currency: str) -> str:
    name = row["name"] if isinstance(row["name"], str) else row["id"]
    if row["kind"] == "account":
        return _account_words(row, name, currency)
    said = f"{name} is an open prospect"
    if isinstance(row["stage"], str):
        since = (pd.Timestamp(until) - pd.Timestamp(row["stage_since"])).days
        said += f", in stage {row['stage']!r} for {numbers.days(since)}"
    said += (
        f"; next: {row['next_step']}" if isinstance(row["next_step"], str) else "; no next step is planned"
    )
    if pd.notna(row["risk"]):
        said += f"; {numbers.percent(row['risk'])} chance of being won"
    return said


def _account_words(row: Mapping[str, Any], name: str, currency: str) -> str:
    said = f"{name} has been a customer since {pd.Timestamp(row['since']):%B %Y}"
    if pd.notna(row["revenue"]):
        said += f" and brought {numbers.money(row['revenue'], currency)} in the last twelve months"
    if pd.notna(row["risk"]):
        said += f"; {numbers.percent(row['risk'])} risk of leaving"
    return said + ("" if isinstance(row["last_contacts"], str) else "; no contact is recorded")
