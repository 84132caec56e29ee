"""Taking a snapshot: one query in DuckDB, one row per entity and as-of date."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from salesml.config import OwnFeatures, Spec
from salesml.crm import CRM
from salesml.errors import DataError, Fault, UsageError
from salesml.snapshots.attributes import FEWEST_FOR_MONTHS
from salesml.snapshots.check import check_dated, check_dates, check_spec
from salesml.snapshots.cohort import KEPT, REASONS, UNSCORABLE, Dropped
from salesml.snapshots.entity import ACCOUNT, Entity, entity_of
from salesml.snapshots.feature import Feature
from salesml.snapshots.kinds import kinds_seen
from salesml.snapshots.own import OwnColumns, at_date, bare, columns_told, unusable
from salesml.snapshots.own_sql import read_own
from salesml.snapshots.plan import check_outcomes, observed, training_dates
from salesml.snapshots.query import Query, Question, compose, start

SLOW_PASS = "projection_pullup"
"""Takes three seconds for a query of 380 features, and gains nothing."""


@dataclass(frozen=True)
class Snapshot:
    """What was known of a cohort at its as-of dates, and what became of it.

    Parameters
    ----------
    table : pyarrow.Table
        One row per entity and as-of date, sorted by date, then entity: ``entity_id`` string,
        ``as_of`` date32, ``rep_id`` string, ``value`` double, ``label`` int8 (only with labels),
        then one column per feature, double or string.
    features : tuple of Feature
        The registry, in column order.
    sql : str
        The query that made the table, as DuckDB reads it.
    dropped : tuple of Dropped
        Who was left out and why, counted.
    entity : Entity
        Whom the rows are about.
    unscorable : pyarrow.Table or None
        Those left out who may be open but cannot be scored: ``entity_id``, ``as_of`` and the ``problem``
        in words. Only without labels.
    """

    table: pa.Table
    features: tuple[Feature, ...]
    sql: str = field(repr=False)
    dropped: tuple[Dropped, ...] = ()
    entity: Entity = ACCOUNT
    unscorable: pa.Table | None = None

    def summary(self) -> str:
        """Rows, share of label 1 and who was left out, per as-of date."""
        lines = [f"{'as-of date':<11} {self.entity.many:>9} {'label 1':>8} {'left out':>9}"]
        labelled = "label" in self.table.column_names
        counts = [([], "count_all"), *([("label", "mean")] if labelled else [])]
        for row in self.table.group_by("as_of").aggregate(counts).sort_by("as_of").to_pylist():
            known = labelled and row["label_mean"] >= 0  # below zero where the outcome is not known yet
            share = f"{row['label_mean']:8.1%}" if known else f"{'-':>8}"
            out = sum(each.count for each in self.dropped if each.as_of == row["as_of"])
            lines.append(f"{row['as_of']!s:<11} {row['count_all']:>9,} {share} {out:>9,}")
        return "\n".join([*lines, *self._left_out()])

    def _left_out(self) -> list[str]:
        """Why some were left out, over all dates."""
        totals: dict[str, int] = {}
        for each in self.dropped:
            totals[each.words] = totals.get(each.words, 0) + each.count
        return [f"left out: {count:,} {words}" for words, count in totals.items()]


def take(
    spec: Spec,
    crm: CRM,
    as_of: Sequence[dt.date],
    *,
    labels: bool = True,
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
        question = replace(ask(spec, crm, as_of, labels=labels, con=con), moved=moved)
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
) -> str:
    """The query of a snapshot as text, over the canonical relations of the contract."""
    check_spec(spec, crm.contract)
    with crm.connect() as con:
        question = ask(spec, crm, as_of, labels=labels, con=con)
        query = compose(replace(question, portable=dialect != "duckdb"))
    return query.rows.sql(dialect, pretty=pretty)


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
    return question.having(tuple(_own(own, question, con) for own in spec.features))


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
    rows = con.execute("""SELECT DISTINCT "table", "column" FROM "history" ORDER BY ALL""").fetchall()
    found: dict[str, set[str]] = {}
    for table, name in rows:
        if table and name:
            found.setdefault(table, set()).add(name)
    return {table: frozenset(names) for table, names in found.items()}


def _own(own: OwnFeatures, question: Question, con: duckdb.DuckDBPyConnection) -> OwnColumns:
    """Own features with the types that they return, one row per entity."""
    found = OwnColumns(own, read_own(own, question.columns))
    build = start(question)
    where = f"features.{own.name}"
    query = bare(build, found, question.as_of[0])
    try:
        described = con.execute(f"DESCRIBE {query.sql('duckdb')}").fetchall()
        columns = [(str(row[0]), str(row[1])) for row in described]
    except duckdb.Error as error:
        raise UsageError(
            Fault(
                code="bad-sql",
                found=f"The SQL of {where} does not run: {str(error).splitlines()[0]}",
                allowed=columns_told(build),
            )
        ) from error
    faults = unusable(own, columns)
    if faults:
        raise UsageError(faults)
    made = OwnColumns(own, found.query, tuple(each for each in columns if each[0] != "entity_id"))
    for k, day in enumerate(question.as_of):
        _one_row_each(con, at_date(build, made, k, day).sql("duckdb"), where, day, build.entity.many)
    return made


def _one_row_each(con: duckdb.DuckDBPyConnection, query: str, where: str, day: dt.date, many: str) -> None:
    twice = f'SELECT "entity" FROM ({query}) GROUP BY "entity" HAVING COUNT(*) > 1 ORDER BY 1'
    try:
        rows = con.execute(twice).fetchall()
    except duckdb.Error as error:
        raise UsageError(
            Fault(code="bad-sql", found=f"The SQL of {where} fails: {str(error).splitlines()[0]}")
        ) from error
    if rows:
        raise DataError(
            Fault(
                code="duplicate-key",
                found=f"{where} returns several rows for {len(rows)} {many} at {day}",
                allowed="One row per entity_id",
                do="Group by entity_id",
                count=len(rows),
                examples=tuple(str(row[0]) for row in rows[:5]),
            )
        )


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
