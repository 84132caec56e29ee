"""What the query of a snapshot depends on, found in the spec, the contract and the tables."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import duckdb

from salesml.config import Spec
from salesml.crm import CRM
from salesml.errors import DataError
from salesml.snapshots.attributes import FEWEST_FOR_MONTHS
from salesml.snapshots.check import check_dates
from salesml.snapshots.kinds import kinds_seen
from salesml.snapshots.own_checked import checked_own
from salesml.snapshots.plan import check_outcomes, observed, training_dates
from salesml.snapshots.query import Question


def ask(
    spec: Spec, crm: CRM, as_of: Sequence[dt.date], *, labels: bool, con: duckdb.DuckDBPyConnection
) -> Question:
    """Everything the query depends on, with the own features checked."""
    seen = observed(spec, crm)
    if labels:
        check_outcomes(spec, crm)
    check_dates(as_of, seen.start)
    days = tuple(sorted(set(as_of)))
    question = Question(
        spec=spec,
        contract=crm.contract,
        columns={name: dict(relation.columns) for name, relation in crm.relations().items()},
        as_of=days,
        training=_training(spec, crm),
        observed_until=seen.end,
        dated=_dated(crm, con),
        kinds=kinds_seen(spec, crm.contract, con, days[-1]),
        labels=labels,
    )
    return question.having(tuple(checked_own(own, question, con) for own in spec.features))


def _training(spec: Spec, crm: CRM) -> tuple[dt.date, ...]:
    if spec.label.kind == "ideal" or (not spec.as_of.explicit and spec.as_of.train < FEWEST_FOR_MONTHS):
        return ()  # each past prospect has a date of its own
    try:
        return training_dates(spec, crm)
    except DataError:
        return ()  # Too short for a split: then no month was seen twice either.


def _dated(crm: CRM, con: duckdb.DuckDBPyConnection) -> dict[str, frozenset[str]]:
    """By table, the attributes that the history knows."""
    if "history" not in crm.contract.tables:
        return {}
    rows = con.execute('SELECT DISTINCT "table", "column" FROM "history"').fetchall()
    found: dict[str, set[str]] = {}
    for table, name in rows:
        if table and name:
            found.setdefault(table, set()).add(name)
    return {table: frozenset(names) for table, names in found.items()}
