"""A score table as it is read for publishing: its columns, what it is about, its content's digest."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from salesml.errors import DataError, Fault, UsageError
from salesml.store.kinds import SCORE_TABLE, SIMILAR_TABLE, Kind, wrong_kinds
from salesml.store.models import SCORED
from salesml.store.partitions import Part, column_of, parts_of

NEEDED: Final = ("scoring_run_id", "model", "task", "entity_id", "as_of", "status", "model_version")
"""Columns without which a table is none of scores."""

ABOUT: Final = ("model", "task", "as_of", "model_version", "scoring_run_id")
"""Columns that have one value in the whole table."""

SIMILAR_NEEDED: Final = ("entity_id", "place", "account_id", "similarity", "shared")

_SCORES = "Published are the files that `salesml score` and `salesml rank` wrote as Parquet"
_SIMILAR = "Similar accounts are the file that `salesml score --similar` wrote as Parquet"


@dataclass(frozen=True)
class About:
    """What all rows of a score table have in common."""

    model: str
    task: str
    as_of: dt.date
    model_version: str
    scoring_run_id: str


class Parquet:
    """A Parquet file, or a folder of them, read in the order of their names.

    Raises
    ------
    UsageError
        ``missing-file``, ``not-parquet``, or ``missing-column`` and ``bad-column`` for each.
    """

    def __init__(self, path: Path, needed: Sequence[str], kinds: Mapping[str, Kind], allowed: str) -> None:
        self.path, self.allowed = path, allowed
        found = _parts(path, allowed)
        self.paths, self.values = [each.path for each in found], [each.values for each in found]
        with self._readable():
            self.schemas = [pq.read_schema(each) for each in self.paths]
            self.rows = sum(pq.read_metadata(each).num_rows for each in self.paths)
        there = [{*schema.names, *told} for schema, told in zip(self.schemas, self.values, strict=True)]
        names = there[0].intersection(*there)
        faults = [_missing(path, name, allowed) for name in needed if name not in names]
        faults += wrong_kinds(path, self.schemas, kinds)
        if faults:
            raise UsageError(faults)
        self.names = names

    def batches(self, columns: Sequence[str], rows: int) -> Iterator[pa.RecordBatch]:
        """Some columns, in batches of so many rows; the same batches at each call."""
        for path, schema, told in zip(self.paths, self.schemas, self.values, strict=True):
            inside = [name for name in columns if name in schema.names]
            with self._readable(), pq.ParquetFile(path) as file:
                for batch in file.iter_batches(rows, columns=inside, use_threads=False):
                    batch.validate(full=True)
                    chosen = [
                        _decoded(batch.column(name)) if name in inside else column_of(told[name], len(batch))
                        for name in columns
                    ]
                    yield pa.RecordBatch.from_arrays(chosen, names=list(columns))

    @cached_property
    def digest(self) -> str:
        """SHA-256 over the files' bytes and what their folders say."""
        digest = hashlib.sha256()
        with self._readable():
            for path, told in zip(self.paths, self.values, strict=True):
                digest.update(repr(sorted(told.items())).encode())
                with path.open("rb") as file:
                    digest.update(hashlib.file_digest(file, "sha256").digest())
        return digest.hexdigest()

    @contextmanager
    def _readable(self) -> Iterator[None]:
        try:
            yield
        except (pa.ArrowException, OSError, UnicodeDecodeError) as error:
            raise UsageError(
                Fault(
                    code="not-parquet",
                    found=f"{self.path} cannot be read: {str(error).splitlines()[0]}",
                    allowed=self.allowed,
                )
            ) from error


class ScoreTable(Parquet):
    """A score table or a ranked list, which has all columns of one.

    Raises
    ------
    DataError
        ``no-rows``, or ``several-values`` where it holds more than one model, date or run.
    """

    def __init__(self, path: Path) -> None:
        super().__init__(path, NEEDED, SCORE_TABLE, _SCORES)
        self.scored = 0
        self.about = self._about()

    def _about(self) -> About:
        """Looks at the narrow columns of the whole table once, and counts rows that could be scored."""
        if not self.rows:
            raise DataError(Fault(code="no-rows", found=f"{self.path} has no rows"))
        found: dict[str, pa.Array] = {}
        for batch in self.batches((*ABOUT, "status"), rows=65_536):
            self.scored += int(pc.sum(pc.equal(batch.column("status"), SCORED)).as_py() or 0)
            for name in ABOUT:
                seen = [found[name]] if name in found else []
                found[name] = pc.unique(
                    pa.chunked_array([*seen, batch.column(name)], batch.column(name).type)
                )
        several = [name for name in ABOUT if len(found[name].drop_null()) != 1]
        if several:
            raise DataError([_several(self.path, name, found[name].to_pylist()) for name in several])
        value = {name: found[name].drop_null()[0].as_py() for name in ABOUT}
        day = value.pop("as_of")
        texts = {name: str(each) for name, each in value.items()}
        return About(as_of=day.date() if isinstance(day, dt.datetime) else day, **texts)


def similar_table(path: Path) -> Parquet:
    """The table of similar accounts."""
    return Parquet(path, SIMILAR_NEEDED, SIMILAR_TABLE, _SIMILAR)


def digest_of(parts: Iterable[str]) -> str:
    """One digest of several."""
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def digest_of_table(table: pa.Table | None) -> str:
    """SHA-256 over a table in memory."""
    if table is None:
        return ""
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as stream:
        stream.write_table(table.combine_chunks())
    return hashlib.sha256(memoryview(sink.getvalue())).hexdigest()


def _parts(path: Path, allowed: str) -> list[Part]:
    found = parts_of(path)
    if not found:
        words = f"The folder {path} has no Parquet file" if path.is_dir() else f"{path} does not exist"
        raise UsageError(Fault(code="missing-file", found=words, allowed=allowed))
    return found


def _decoded(column: pa.Array) -> pa.Array:
    return column.dictionary_decode() if pa.types.is_dictionary(column.type) else column


def _missing(path: Path, name: str, allowed: str) -> Fault:
    return Fault(code="missing-column", found=f"{path} lacks the column {name}", allowed=allowed, column=name)


def _several(path: Path, name: str, values: list[object]) -> Fault:
    there = [value for value in values if value is not None]
    if not there:
        return Fault(
            code="several-values", found=f"{path} has no value of {name}",
            allowed="All rows are of one", do="Score again", column=name,
        )  # fmt: skip
    return Fault(
        code="several-values",
        found=f"{path} holds rows of {len(there):,} different values of {name}",
        allowed="What is published together is of one model, one date and one scoring run",
        do="Publish each with a command of its own",
        column=name,
        examples=tuple(str(each) for each in there[:5]),
    )
