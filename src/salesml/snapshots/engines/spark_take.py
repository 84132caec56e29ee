"""Taking a snapshot with Spark: the same query, its steps one after another."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from sqlglot import exp

from salesml.config import Spec
from salesml.errors import DataError, Fault
from salesml.snapshots.ask import ask
from salesml.snapshots.check import check_dated, check_spec
from salesml.snapshots.cohort import KEPT, REASONS, UNSCORABLE, Dropped
from salesml.snapshots.engines.spark_connection import SparkConnection
from salesml.snapshots.engines.spark_crm import SparkCRM
from salesml.snapshots.entity import ACCOUNT, Entity, entity_of
from salesml.snapshots.feature import Feature
from salesml.snapshots.portable import portable_sql
from salesml.snapshots.query import Query, Question, compose
from salesml.snapshots.sql import Expr

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

SMALL = ("as_of_dates", "edges", "horizons")
"""Steps that are written out in the query."""


@dataclass(frozen=True)
class SparkSnapshot:
    """A snapshot that Spark holds, as :class:`salesml.snapshots.Snapshot` is in memory.

    Parameters
    ----------
    frame : pyspark.sql.DataFrame
        One row per entity and as-of date, in no order; the columns of a snapshot's table.
    features : tuple of Feature
        The registry, in column order.
    sql : str
        The query as one statement over the company's tables, as Spark reads it.
    dropped : tuple of Dropped
        Who was left out and why, counted.
    unscorable : pyspark.sql.DataFrame
        ``entity_id``, ``as_of`` and ``problem`` of those who may be open but cannot be scored.
    """

    frame: DataFrame = field(repr=False)
    features: tuple[Feature, ...]
    sql: str = field(repr=False)
    dropped: tuple[Dropped, ...]
    unscorable: DataFrame = field(repr=False)
    entity: Entity = ACCOUNT


@contextmanager
def take_with_spark(
    spec: Spec, crm: SparkCRM, as_of: Sequence[dt.date], *, labels: bool = False
) -> Iterator[SparkSnapshot]:
    """Features as known before each as-of date; Spark keeps the steps in between until the block ends.

    Raises
    ------
    UsageError
        When the spec names what the contract does not have, or something cannot be said in Spark's SQL.
    DataError
        When an as-of date lies before the data, or the tables cannot be used.
    """
    check_spec(spec, crm.contract)
    if labels:
        check_dated(spec)
    con: SparkConnection = crm.connect()
    question = replace(ask(spec, crm, as_of, labels=labels, con=con), portable=True)  # type: ignore[arg-type]
    query = compose(question)
    entity = entity_of(spec)
    _check_keys(con, entity)
    kept = _run_steps(con, query.rows)
    try:
        yield SparkSnapshot(
            frame=_last(con, query.rows),
            features=query.features,
            sql=portable_sql(query.rows, crm, "spark"),
            dropped=_dropped(con, query, question),
            unscorable=_unscorable(con, query, question),
            entity=entity,
        )
    finally:
        for frame in kept:
            frame.unpersist()


def _run_steps(con: SparkConnection, query: exp.Select) -> list[DataFrame]:
    """A view for every step; those that several read are kept, where else each would do them anew."""
    steps = _steps(query)
    read = Counter(table.name for table in query.find_all(exp.Table))
    kept = []
    for step in steps:
        frame = con.frame(step.this)
        if read[step.alias] > 1 and step.alias not in SMALL:
            kept.append(frame.persist())
        con.add_view(step.alias, frame)
    return kept


def _steps(query: Expr) -> list[exp.CTE]:
    found = query.args.get("with_") or query.args.get("with")
    return list(found.expressions) if found else []


def _last(con: SparkConnection, query: exp.Select) -> DataFrame:
    """What comes after the steps, without an order."""
    last = query.copy()
    for key in ("with_", "with", "order"):
        last.set(key, None)
    return con.frame(last)


def _check_keys(con: SparkConnection, entity: Entity) -> None:
    """That nobody stands twice in its table, before rows are doubled by it."""
    twice = con.execute(
        f"SELECT id, count(*) AS n FROM {entity.table} WHERE id IS NOT NULL GROUP BY id "
        "HAVING count(*) > 1 ORDER BY id LIMIT 5"
    ).fetchall()
    if twice:
        raise DataError(
            Fault(
                code="duplicate-key",
                found=f"Some {entity.many} stand several times in the table of {entity.many}",
                allowed=f"One row per {entity.one}",
                do="Run `salesml validate`",
                table=entity.table,
                count=len(twice),
                examples=tuple(str(row[0]) for row in twice),
            )
        )


def _dropped(con: SparkConnection, query: Query, question: Question) -> tuple[Dropped, ...]:
    rows = _last(con, query.counts).collect()
    found = [
        Dropped(question.as_of[row["k"]], row["reason"], int(row["n"]), REASONS[row["reason"]])
        for row in rows
        if row["reason"] != KEPT
    ]
    return tuple(sorted(found, key=lambda each: (each.as_of, each.reason)))


def _unscorable(con: SparkConnection, query: Query, question: Question) -> DataFrame:
    frame = _last(con, query.unscorable)
    days = dict(enumerate(question.as_of))
    schema = "k INT, reason STRING, as_of DATE, problem STRING"
    words = con.spark.createDataFrame(
        [(k, reason, day, told) for k, day in days.items() for reason, told in UNSCORABLE.items()], schema
    )
    told = frame.join(words, ["k", "reason"])
    return told.selectExpr("entity AS entity_id", "as_of", "problem")
