"""Own features tried on the tables: do they run, what do they return, one row per entity."""

from __future__ import annotations

import datetime as dt

import duckdb

from salesml.config import OwnFeatures
from salesml.errors import DataError, Fault, UsageError
from salesml.snapshots.own import OwnColumns, at_date, bare, columns_told, unusable
from salesml.snapshots.own_sql import read_own
from salesml.snapshots.query import Question, start


def checked_own(own: OwnFeatures, question: Question, con: duckdb.DuckDBPyConnection) -> OwnColumns:
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
