"""A snapshot on disk: DuckDB writes it as it runs, within a limit of memory, for any number of rows."""

from __future__ import annotations

import datetime as dt
import os
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
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
from salesml.snapshots.cohort import KEPT, REASONS, UNSCORABLE, Dropped
from salesml.snapshots.entity import Entity, entity_of
from salesml.snapshots.query import Question, compose
from salesml.snapshots.slices import Keyed, Slices, allowed, choose_cuts, count_rows, how_many, keyed
from salesml.snapshots.take import SLOW_PASS, _without

GROUP = 65_536
"""Rows of each row group."""

MEMORY = "900MB"
"""What DuckDB may take; the rest of it goes to the work folder, as far as its operators can."""

FINER = (1, 4, 16)
"""How many times as many slices are tried, one after the other, where memory is not enough."""


@dataclass(frozen=True)
class Try:
    """How to take a snapshot.

    Parameters
    ----------
    memory : str
        What DuckDB may take.
    finer : int
        How many times as many slices as the rule says.
    """

    memory: str
    finer: int = 1


def tries(asked: str = "") -> list[Try]:
    """More slices where they do not fit, and then half of the machine's memory, if none was asked for."""
    first = [Try(asked or MEMORY, finer) for finer in FINER]
    if asked:
        return first
    try:
        half = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") // (2 << 20)
    except (AttributeError, ValueError, OSError):  # a system that does not say
        return first
    return [*first, Try(f"{half}MiB", FINER[-1])]


@dataclass(frozen=True)
class Part:
    """One slice of a snapshot that was written.

    Parameters
    ----------
    number : int
    rows, unscorable : Path
        Parquet files of those who can be scored, and of those who cannot: ``entity_id`` and ``problem``.
    reasons : dict of str to int
        How many were left out, by reason.
    """

    number: int
    rows: Path
    unscorable: Path
    reasons: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class OnDisk:
    """A snapshot of one date that was written, without labels.

    Parameters
    ----------
    sql : str
        The query that made it, or each of its slices.
    parts : tuple of Part
        One after the other they are the snapshot, sorted by entity.
    dropped : tuple of Dropped
        Who was left out and why, counted.
    entity : Entity
        Whom the rows are about.
    """

    sql: str
    parts: tuple[Part, ...]
    dropped: tuple[Dropped, ...]
    entity: Entity


Cut = Callable[[Sequence[str]], Sequence[str]]
"""Is told where a snapshot would be cut, and says where it is: elsewhere, when it was begun before."""


def stage(
    spec: Spec,
    crm: CRM,
    as_of: dt.date,
    folder: Path,
    *,
    how: Try | None = None,
    threads: int | None = None,
    cut: Cut = tuple,
    there: Mapping[int, Part] | None = None,
    done: Callable[[Part], Part] = lambda part: part,
) -> OnDisk:
    """Write the features of a date as :func:`salesml.snapshots.take` gives them, sorted by entity.

    Relations whose rows are too many for the memory are cut into slices of entities, and the same query
    is run for one slice after the other.

    Parameters
    ----------
    folder : Path
        Where files are written; memory does not grow with their rows.
    how : Try, optional
        The first of :func:`tries` by default.
    cut : callable
        See ``Cut``.
    there : mapping of int to Part, optional
        Slices that were written before, with the same cuts.
    done : callable
        Is given each slice when it is written, and gives it back, under other names perhaps.

    Raises
    ------
    UsageError, DataError
        As :func:`salesml.snapshots.take`.
    OutsideError
        ``not-staged`` when the disk is full or does not answer; ``out-of-memory``.
    """
    check_spec(spec, crm.contract)
    how = how or tries()[0]
    entity = entity_of(spec)
    with crm.connect(threads, how.memory, work=folder) as con:
        try:
            question = ask(spec, crm, [as_of], labels=False, con=con)
            relations, cuts = _cuts(question, con, how, cut)
            writer = _Writer(replace(question, sliced=bool(cuts)), con, folder)
            typed = all(bound.raw.typed for bound in crm.bounds.values())
            parts = [
                (there or {}).get(number) or done(writer.write(number))
                for number in writer.slices(relations, cuts, typed)
            ]
        except duckdb.OutOfMemoryException as error:
            raise OutsideError(_too_little(how.memory, error)) from error
        except duckdb.IOException as error:
            raise OutsideError(_not_staged(folder, error)) from error
    _check_once([part.rows for part in parts], entity)
    return OnDisk(writer.sql, tuple(parts), _dropped(parts, as_of), entity)


def _cuts(
    question: Question, con: duckdb.DuckDBPyConnection, how: Try, cut: Cut
) -> tuple[list[Keyed], list[str]]:
    """The relations to be cut, and where."""
    query = compose(replace(question, sliced=True))
    relations = keyed(query, question.columns, entity_of(question.spec))
    if relations is None:
        return [], []
    rows = count_rows(con, relations)
    slices = how_many(rows, allowed(con), how.finer)
    return relations, list(cut(choose_cuts(con, relations, rows, slices)))


class _Writer:
    """Runs the query of a snapshot, for all entities or for one slice after the other."""

    def __init__(self, question: Question, con: duckdb.DuckDBPyConnection, folder: Path) -> None:
        self._question, self._con, self._folder = question, con, folder
        self._query = compose(question)
        self.sql = self._query.rows.sql("duckdb", pretty=True)

    def slices(self, relations: Sequence[Keyed], cuts: Sequence[str], typed: bool) -> Iterable[int]:
        """The numbers of all slices; while one is given, the relations hold its entities only."""
        if not cuts:
            yield 0
            return
        slices = Slices(self._con, self._query, relations, cuts, self._folder / "slices", typed=typed)
        for number in range(len(slices)):
            slices.show(number)
            yield number
        slices.close()

    def write(self, number: int) -> Part:
        """The files of a slice, under names that end in ``.tmp``."""
        rows, unscorable = (self._folder / f"{name}-{number:05d}.parquet.tmp" for name in NAMES)
        try:
            self._write_rows(rows)
        except (duckdb.ConversionException, duckdb.OutOfRangeException):
            # Somebody's running total needs more than 64 bits.
            self._query = compose(replace(self._question, wide=True))
            self._write_rows(rows)
        self._write_unscorable(unscorable)
        counted = self._con.execute(self._query.counts.sql("duckdb")).fetchall()
        return Part(number, rows, unscorable, {reason: int(n) for _, reason, n in counted if reason != KEPT})

    def _write_rows(self, path: Path) -> None:
        self.sql = sql = self._query.rows.sql("duckdb", pretty=True)
        with _without(SLOW_PASS, self._con):
            # A column of nothing but NULL has no type that a file could hold.
            kinds = self._con.execute(f"DESCRIBE {sql}").fetchall()
            untyped = [name for name, kind, *_ in kinds if kind == '"NULL"']
            texts = ", ".join(f"{identifier(name)}::VARCHAR AS {identifier(name)}" for name in untyped)
            typed = f"SELECT * REPLACE ({texts}) FROM ({sql})" if untyped else sql
            self._con.execute(_copy(typed, path))

    def _write_unscorable(self, path: Path) -> None:
        words = " ".join(f"WHEN {quoted(reason)} THEN {quoted(text)}" for reason, text in UNSCORABLE.items())
        inner = self._query.unscorable.sql("duckdb")
        told = f"SELECT entity AS entity_id, CASE reason {words} END AS problem FROM ({inner})"
        self._con.execute(_copy(told, path))


NAMES = ("snapshot", "unscorable")


def _copy(sql: str, path: Path) -> str:
    return f"COPY ({sql}) TO {quoted(str(path))} (FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE {GROUP})"


def _dropped(parts: Iterable[Part], as_of: dt.date) -> tuple[Dropped, ...]:
    """Who was left out, over all slices."""
    counts: Counter[str] = Counter()
    for part in parts:
        counts.update(part.reasons)
    return tuple(Dropped(as_of, reason, counts[reason], REASONS[reason]) for reason in sorted(counts))


def _check_once(paths: Iterable[Path], entity: Entity) -> None:
    """A second guard against those that stand twice in their table: neighbours here."""
    before, count, examples = None, 0, set()
    for path in paths:
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


def _not_staged(folder: Path, error: duckdb.Error) -> Fault:
    return Fault(
        code="not-staged",
        found=f"The snapshot could not be written to {folder}: {_said(error)}",
        do="Make room, or see that the tables can be read, and run the same job again",
    )


def _said(error: duckdb.Error) -> str:
    return " ".join(str(error).split())[:300]
