"""Taking a snapshot: one query in DuckDB, one row per entity and as-of date."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from salesml.config import Spec
from salesml.crm import CRM
from salesml.errors import DataError, Fault
from salesml.snapshots.ask import ask
from salesml.snapshots.check import check_dated, check_spec
from salesml.snapshots.cohort import KEPT, REASONS, UNSCORABLE, Dropped
from salesml.snapshots.entity import Entity, entity_of
from salesml.snapshots.portable import portable_sql
from salesml.snapshots.query import Query, Question, compose
from salesml.snapshots.snapshot import Snapshot

SLOW_PASS = "projection_pullup"
"""Takes three seconds for a query of 380 features, and gains nothing."""


def take(
    spec: Spec,
    crm: CRM,
    as_of: Sequence[dt.date],
    *,
    labels: bool = True,
    leaving: bool = False,
    con: duckdb.DuckDBPyConnection | None = None,
    moved: bool = False,
) -> Snapshot:
    """Features as known before each as-of date and, with ``labels``, the outcome.

    Parameters
    ----------
    spec : Spec
        What the model is.
    crm : CRM
        The tables.
    as_of : sequence of datetime.date
        Any order; each counts once.
    labels : bool
        Whether to add the outcome; those whose outcome is not known are then left out.
    leaving : bool
        With labels of churn, whether to add when each account left: ``left_day``, in days after the start
        of the horizon, null where it had not left by the last day that is known.
    con : duckdb.DuckDBPyConnection, optional
        A connection made by ``crm.connect``; a fresh one by default.
    moved : bool
        Whether :func:`salesml.snapshots.shifted.shift` has moved the rows of the connection.

    Raises
    ------
    UsageError
        When the spec names what the contract does not have, or own features cannot be used.
    DataError
        When an as-of date lies before the data, or the tables cannot be used.
    """
    check_spec(spec, crm.contract)
    if labels:
        check_dated(spec)
    own_con = con is None
    con = con or crm.connect()
    try:
        question = replace(ask(spec, crm, as_of, labels=labels, con=con), leaving=leaving, moved=moved)
        query = compose(question)
        try:
            sql, table = _run(query, con)
        except (duckdb.ConversionException, duckdb.OutOfRangeException):
            # Somebody's running total needs more than 64 bits.
            query = compose(replace(question, wide=True))
            sql, table = _run(query, con)
        entity = entity_of(spec)
        _check_rows(table, entity)
        return Snapshot(
            table=table,
            features=query.features,
            sql=sql,
            dropped=_dropped(con, query, question),
            entity=entity,
            unscorable=None if labels else _unscorable(con, query, question),
            observed_until=question.observed_until,
        )
    finally:
        if own_con:
            con.close()


def _run(query: Query, con: duckdb.DuckDBPyConnection) -> tuple[str, pa.Table]:
    sql = query.rows.sql("duckdb", pretty=True)
    with _without(SLOW_PASS, con):
        return sql, _typed(con.sql(sql).to_arrow_table())


@contextmanager
def _without(optimizer: str, con: duckdb.DuckDBPyConnection) -> Iterator[None]:
    """Leave out a pass of DuckDB's optimizer, if this version has it, and then have it back."""
    known = con.execute("SELECT 1 FROM duckdb_optimizers() WHERE name = ?", [optimizer]).fetchone()
    ((before,),) = con.execute("SELECT current_setting('disabled_optimizers')").fetchall()
    if known:
        con.execute(f"SET disabled_optimizers = '{','.join(filter(None, (before, optimizer)))}'")
    try:
        yield
    finally:
        con.execute(f"SET disabled_optimizers = '{before}'")


def snapshot_sql(
    spec: Spec,
    crm: CRM,
    as_of: Sequence[dt.date],
    labels: bool = True,
    dialect: str = "duckdb",
    pretty: bool = True,
    leaving: bool = False,
) -> str:
    """The query of a snapshot as text.

    For DuckDB over the canonical relations of the contract, as it is run here; for another dialect over
    the company's own tables.

    Raises
    ------
    UsageError
        ``untranslatable`` for what has no counterpart in the dialect.
    """
    check_spec(spec, crm.contract)
    with crm.connect() as con:
        question = ask(spec, crm, as_of, labels=labels, con=con)
        query = compose(replace(question, leaving=leaving, portable=dialect != "duckdb"))
    if dialect == "duckdb":
        return query.rows.sql(dialect, pretty=pretty)
    return portable_sql(query.rows, crm, dialect, pretty=pretty)


def _typed(table: pa.Table) -> pa.Table:
    """Plain types, whatever DuckDB hands over."""
    fields = []
    for each in table.schema:
        text = (
            pa.types.is_string(each.type)
            or pa.types.is_large_string(each.type)
            or pa.types.is_null(each.type)
        )
        fields.append(pa.field(each.name, pa.string() if text else each.type))
    return table.cast(pa.schema(fields)).combine_chunks()


def _check_rows(table: pa.Table, entity: Entity) -> None:
    """A second guard against those that stand twice in their table."""
    keys = table.select(["entity_id", "as_of"])
    counted = keys.group_by(["entity_id", "as_of"]).aggregate([([], "count_all")])
    if counted.num_rows == table.num_rows:
        return
    twice = counted.filter(pc.greater(counted.column("count_all"), 1)).column("entity_id")
    raise DataError(
        Fault(
            code="duplicate-key",
            found=f"Some {entity.many} stand several times in the table of {entity.many}",
            allowed=f"One row per {entity.one}",
            do="Run `salesml validate`",
            table=entity.table,
            count=len(twice),
            examples=tuple(sorted(set(twice.to_pylist()))[:5]),
        )
    )


def _unscorable(con: duckdb.DuckDBPyConnection, query: Query, question: Question) -> pa.Table:
    rows = con.execute(query.unscorable.sql("duckdb")).fetchall()
    return pa.table(
        {
            "entity_id": pa.array([name for name, _, _ in rows], pa.string()),
            "as_of": pa.array([question.as_of[k] for _, k, _ in rows], pa.date32()),
            "problem": pa.array([UNSCORABLE[reason] for _, _, reason in rows], pa.string()),
        }
    )


def _dropped(con: duckdb.DuckDBPyConnection, query: Query, question: Question) -> tuple[Dropped, ...]:
    rows = con.execute(query.counts.sql("duckdb")).fetchall()
    found = [
        Dropped(question.as_of[k], reason, int(number), REASONS[reason])
        for k, reason, number in rows
        if reason != KEPT
    ]
    return tuple(sorted(found, key=lambda each: (each.as_of, each.reason)))
