"""A snapshot on disk: DuckDB writes it as it runs, within a limit of memory, for any number of rows."""

from __future__ import annotations

import datetime as dt
import os
from dataclasses import dataclass, replace
from pathlib import Path

import duckdb
import pyarrow.compute as pc
import pyarrow.parquet as pq

from salesml.config import Spec
from salesml.crm import CRM
from salesml.crm.sources import identifier, quoted
from salesml.errors import DataError, Fault, OutsideError
from salesml.snapshots.ask import ask
from salesml.snapshots.check import check_spec
from salesml.snapshots.cohort import UNSCORABLE, Dropped
from salesml.snapshots.entity import Entity, entity_of
from salesml.snapshots.query import Query, compose
from salesml.snapshots.take import SLOW_PASS, _dropped, _without

GROUP = 65_536
"""Rows of each row group."""

MEMORY = "900MB"
"""What DuckDB may take; the rest of it goes to the work folder, as far as its operators can."""


def limits(asked: str = "") -> list[str]:
    """What DuckDB may take at first, and where that is not enough; only what was asked for, if anything."""
    if asked:
        return [asked]
    try:
        half = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") // (2 << 20)
    except (AttributeError, ValueError, OSError):  # a system that does not say
        return [MEMORY]
    return [MEMORY, f"{half}MiB"]


@dataclass(frozen=True)
class OnDisk:
    """A snapshot of one date that was written, without labels.

    Parameters
    ----------
    sql : str
        The query that made it.
    dropped : tuple of Dropped
        Who was left out and why, counted.
    entity : Entity
        Whom the rows are about.
    """

    sql: str
    dropped: tuple[Dropped, ...]
    entity: Entity


def stage(
    spec: Spec,
    crm: CRM,
    as_of: dt.date,
    rows: Path,
    unscorable: Path,
    *,
    memory: str = MEMORY,
    threads: int | None = None,
) -> OnDisk:
    """Write the features of a date as :func:`salesml.snapshots.take` gives them, sorted by entity.

    Parameters
    ----------
    rows : Path
        The Parquet file of those who can be scored; memory does not grow with them.
    unscorable : Path
        That of those who cannot: ``entity_id`` and ``problem``.
    memory : str
        DuckDB's limit.

    Raises
    ------
    UsageError, DataError
        As :func:`salesml.snapshots.take`.
    OutsideError
        ``not-staged`` when the disk is full or does not answer; ``out-of-memory``.
    """
    check_spec(spec, crm.contract)
    with crm.connect(threads, memory, work=rows.parent) as con:
        question = ask(spec, crm, [as_of], labels=False, con=con)
        try:
            query = compose(question)
            try:
                sql = _write(query, con, rows)
            except (duckdb.ConversionException, duckdb.OutOfRangeException):
                # Somebody's running total needs more than 64 bits.
                query = compose(replace(question, wide=True))
                sql = _write(query, con, rows)
            _write_unscorable(query, con, unscorable)
            dropped = _dropped(con, query, question)
        except duckdb.OutOfMemoryException as error:
            raise OutsideError(_too_little(memory, error)) from error
        except duckdb.IOException as error:
            raise OutsideError(_not_staged(rows, error)) from error
    entity = entity_of(spec)
    _check_once(rows, entity)
    return OnDisk(sql, dropped, entity)


def _write(query: Query, con: duckdb.DuckDBPyConnection, path: Path) -> str:
    sql = query.rows.sql("duckdb", pretty=True)
    with _without(SLOW_PASS, con):
        # A column of nothing but NULL has no type that a file could hold.
        kinds = con.execute(f"DESCRIBE {sql}").fetchall()
        untyped = [name for name, kind, *_ in kinds if kind == '"NULL"']
        texts = ", ".join(f"{identifier(name)}::VARCHAR AS {identifier(name)}" for name in untyped)
        typed = f"SELECT * REPLACE ({texts}) FROM ({sql})" if untyped else sql
        con.execute(_copy(typed, path))
    return sql


def _write_unscorable(query: Query, con: duckdb.DuckDBPyConnection, path: Path) -> None:
    words = " ".join(f"WHEN {quoted(reason)} THEN {quoted(text)}" for reason, text in UNSCORABLE.items())
    inner = query.unscorable.sql("duckdb")
    con.execute(_copy(f"SELECT entity AS entity_id, CASE reason {words} END AS problem FROM ({inner})", path))


def _copy(sql: str, path: Path) -> str:
    return f"COPY ({sql}) TO {quoted(str(path))} (FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE {GROUP})"


def _check_once(path: Path, entity: Entity) -> None:
    """A second guard against those that stand twice in their table: neighbours here."""
    before, count, examples = None, 0, set()
    for batch in pq.ParquetFile(path).iter_batches(GROUP, columns=["entity_id"]):
        ids = batch.column(0)
        if not len(ids):
            continue
        same = ids.slice(1).filter(pc.equal(ids.slice(1), ids.slice(0, len(ids) - 1)))
        twice = same.to_pylist() + ([before] if before is not None and ids[0].as_py() == before else [])
        count += len(twice)
        examples |= set(twice[:5])
        before = ids[-1].as_py()
    if count:
        raise DataError(
            Fault(
                code="duplicate-key",
                found=f"Some {entity.many} stand several times in the table of {entity.many}",
                allowed=f"One row per {entity.one}",
                do="Run `salesml validate`",
                table=entity.table,
                count=count,
                examples=tuple(sorted(examples)[:5]),
            )
        )


def _too_little(memory: str, error: duckdb.Error) -> Fault:
    return Fault(
        code="out-of-memory",
        found=f"The snapshot needs more than the {memory} it may take: "
        + _said(error).partition(" Possible solutions")[0],
        do="Give it more with --memory, or take fewer windows and categories",
    )


def _not_staged(path: Path, error: duckdb.Error) -> Fault:
    return Fault(
        code="not-staged",
        found=f"The snapshot could not be written to {path.parent}: {_said(error)}",
        do="Make room, or see that the tables can be read, and run the same job again",
    )


def _said(error: duckdb.Error) -> str:
    return " ".join(str(error).split())[:300]
