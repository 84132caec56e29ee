"""What was done with everybody on a list, and what it brought in: contacts, hours and money from the
tables."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field

import duckdb
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from salesml.config import Spec
from salesml.crm import CRM
from salesml.crm.sources import identifier
from salesml.crm.tables import ANSWERS
from salesml.snapshots.entity import PROSPECT, Entity, entity_of
from salesml.store.answers import CONTACTED, SAVED

ACTIVITIES = "activities"


@dataclass(frozen=True)
class Facts:
    """One entry for each row that was asked about, in its order.

    Parameters
    ----------
    contacted : ndarray of bool or None
    hours, money : ndarray of float or None
        ``money`` is NaN where it has not been observed to the end.
    sources : tuple of str
        Where contacts were read: ``activities``, ``feedback``.
    notes : tuple of str
    """

    contacted: NDArray[np.bool_] | None = None
    hours: NDArray[np.float64] | None = None
    money: NDArray[np.float64] | None = None
    sources: tuple[str, ...] = ()
    notes: tuple[str, ...] = field(default_factory=tuple)


def facts(spec: Spec, crm: CRM, who: Sequence[str], since: Sequence[dt.date], within_days: int) -> Facts:
    """Look up what was done from each list's date on, and what it brought in.

    Parameters
    ----------
    who, since : sequence
        Whom, and the as-of date of the list.
    within_days : int
        For so many days from that date on contacts and hours count.

    Raises
    ------
    DataError
        When a table cannot be used.
    """
    entity = entity_of(spec)
    sources = tuple(name for name in (ACTIVITIES, ANSWERS) if _names(crm, name, entity))
    with_hours = ACTIVITIES in sources and "hours" in crm.contract.tables[ACTIVITIES].columns
    with crm.connect() as con:
        _register(con, who, since, within_days, spec)
        touched = [_column(con, CONTACTS[name].format(key=entity.key)) for name in sources]
        hours = _column(con, HOURS.format(key=entity.key)) if with_hours else None
        money, notes = _money(con, spec, crm, entity)
    contacted = np.any([each > 0 for each in touched], axis=0) if touched else None
    return Facts(contacted, hours, money, sources, notes)


CONTACTS = {
    ACTIVITIES: """
        SELECT r.place, count(a.day) AS n FROM asked AS r LEFT JOIN activities AS a
        ON a.{key} = r.id AND a.day >= r.since AND a.day < r.until GROUP BY 1 ORDER BY 1
    """,
    ANSWERS: f"""
        SELECT r.place, count(f.what) AS n FROM asked AS r LEFT JOIN {ANSWERS} AS f
        ON f.{{key}} = r.id AND f."day" >= r.since AND f."day" < r.until
            AND f.what IN ('{CONTACTED}', '{SAVED}') AND f.withdrawn_at IS NULL GROUP BY 1 ORDER BY 1
    """,
}

HOURS = """
SELECT r.place, coalesce(sum(a.hours) FILTER (WHERE a.hours > 0), 0) AS n FROM asked AS r
LEFT JOIN activities AS a ON a.{key} = r.id AND a.day >= r.since AND a.day < r.until GROUP BY 1 ORDER BY 1
"""

OF_ACCOUNTS = """
SELECT r.place, coalesce(sum(e.{measure}), 0) AS n FROM asked AS r LEFT JOIN {log} AS e
ON e.account = r.id AND e.day >= r.since AND e.day < r."end" GROUP BY 1 ORDER BY 1
"""

OF_PROSPECTS = """
SELECT r.place,
    CASE WHEN any_value(p.won_at) IS NULL OR any_value(p.won_at) >= any_value(r."end") THEN 0
         WHEN any_value(p.account) IS NULL THEN NULL
         ELSE coalesce(sum(e.{measure}), 0) END AS n
FROM asked AS r LEFT JOIN prospects AS p ON p.id = r.id
LEFT JOIN {log} AS e ON e.account = p.account AND e.day >= p.won_at AND e.day >= r.since AND e.day < r."end"
GROUP BY 1 ORDER BY 1
"""


def _names(crm: CRM, table: str, entity: Entity) -> bool:
    relations = crm.relations()
    return table in relations and entity.key in relations[table].columns


def _register(
    con: duckdb.DuckDBPyConnection, who: Sequence[str], since: Sequence[dt.date], within: int, spec: Spec
) -> None:
    reach = dt.timedelta(days=spec.gap_days + spec.horizon_days)
    table = pa.table(
        {
            "place": pa.array(range(len(who)), pa.int64()),
            "id": pa.array(who, pa.string()),
            "since": pa.array(since, pa.date32()),
            "until": pa.array([day + dt.timedelta(days=within) for day in since], pa.date32()),
            "end": pa.array([day + reach for day in since], pa.date32()),
        }
    )
    con.register("asked", table)


def _money(
    con: duckdb.DuckDBPyConnection, spec: Spec, crm: CRM, entity: Entity
) -> tuple[NDArray[np.float64] | None, tuple[str, ...]]:
    """The spec's value over gap and horizon; NaN on dates whose end the log does not reach."""
    if not spec.value:
        return None, ("The spec names no value: money is not known.",)
    log, measure = identifier(f"events_{spec.value_log}"), identifier(f"m_{spec.value_measure}")
    prospects = entity is PROSPECT
    if prospects and not {"account", "won_at"} <= set(crm.contract.tables[PROSPECT.table].columns):
        return None, ("crm.yaml does not say which account a prospect became: money is not known.",)
    query = OF_PROSPECTS if prospects else OF_ACCOUNTS
    brought = _column(con, query.format(log=log, measure=measure))
    until = min(crm.contract.observed_until or crm.today, crm.today)
    until = min(until, crm.observed(spec.value_log).end) if not crm.contract.observed_until else until
    ends = con.execute('SELECT "end" <= ? FROM asked ORDER BY place', [until]).fetchall()
    over = np.array([bool(each[0]) for each in ends], dtype=bool)
    brought = np.where(over, brought, np.nan)
    missing = int((~over).sum())
    if not missing:
        return brought, ()
    text = (
        f"Of {missing:,} rows the table {spec.value_log} does not reach the end of the horizon: their money "
        "is not known."
    )
    return brought, (text,)


def _column(con: duckdb.DuckDBPyConnection, query: str) -> NDArray[np.float64]:
    rows = con.execute(f"SELECT CAST(n AS DOUBLE) FROM ({query}) ORDER BY place").fetchnumpy()
    values = next(iter(rows.values()))
    return np.ma.filled(np.ma.asarray(values, dtype=np.float64), np.nan)
