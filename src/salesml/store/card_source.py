"""A scorecard's folder as it is read for publishing: every table as rows of JSON, and the report."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from salesml.errors import DataError, Fault, UsageError
from salesml.store.erased import Forgotten
from salesml.store.json_text import json_text
from salesml.store.load import Prepared
from salesml.store.models import PLACES
from salesml.store.source import About, Parquet, digest_of
from salesml.store.steps import BATCH, Step

NAME: Final = "scorecard"
"""The name under which a scorecard is published, and its task."""

REPORT: Final = "report"
"""The part whose one row holds the report, as ``html``."""

FORM: Final = "scorecard 1"

CUSTOMERS: Final = frozenset({"account", "account_id", "prospect", "prospect_id", "entity_id"})
"""A table with one of these columns is about single customers, and not for managers' pages."""

_ALLOWED = "Published is the folder that `salesml scorecard --out` wrote"


class CardFolder:
    """The folder of a scorecard.

    Attributes
    ----------
    parts : list of Parquet
        Its tables in the order of their names, but for those about single customers.
    left_out : tuple of str
        Names of these.
    about : About
        ``as_of`` is the first day that the scorecard does not tell of.

    Raises
    ------
    UsageError
        ``not-a-scorecard``; ``not-parquet`` when a table cannot be read.
    DataError
        ``no-rows``.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        tables = {each.stem: each for each in sorted(path.glob("*.parquet"))}
        if not {"figures", "periods"} <= tables.keys():
            raise UsageError(
                Fault(
                    code="not-a-scorecard",
                    found=f"{path} holds no scorecard: the tables figures and periods are not both there",
                    allowed=_ALLOWED,
                    do="Run `salesml scorecard` first",
                )
            )
        found = [Parquet(each, (), {}, _ALLOWED) for each in tables.values()]
        self.parts = [each for each in found if not CUSTOMERS & each.names]
        self.left_out = tuple(each.path.stem for each in found if CUSTOMERS & each.names)
        page = path / "report.html"
        self.report = page.read_text(encoding="utf-8") if page.is_file() else ""
        self.rows = sum(each.rows for each in self.parts) + bool(self.report)
        self.about = About(NAME, NAME, _until(tables["periods"]), FORM, self.digest[:16])

    @cached_property
    def digest(self) -> str:
        """SHA-256 over all that is published."""
        page = hashlib.sha256(self.report.encode()).hexdigest()
        return digest_of([FORM, *(f"{each.path.stem} {each.digest}" for each in self.parts), page])

    def batches(self) -> Iterator[pa.RecordBatch]:
        """``part, level, subject, row`` in batches; the same batches at each call."""
        for each in self.parts:
            names = [name for name in each.schemas[0].names if name in each.names]
            for batch in each.batches(names, BATCH):
                if len(batch):
                    yield _told(each.path.stem, batch)
        if self.report:
            page = json.dumps({"html": self.report}, ensure_ascii=False)
            yield _batch(REPORT, pa.nulls(1, pa.string()), pa.nulls(1, pa.string()), pa.array([page]))


@dataclass(frozen=True)
class CardContent:
    """A scorecard that is published."""

    table: CardFolder
    digest: str
    reps: list[dict[str, str | float | None]] | None = None
    display: str | None = None

    @property
    def places(self) -> int:
        """Rows that a load goes through."""
        return int(self.table.rows)

    def load(self, forgotten: Forgotten, generation: int, dialect: str) -> CardLoad:
        """Its steps; nobody who could have been erased stands in it."""
        return CardLoad(self.table, generation, dialect)


@dataclass(frozen=True)
class CardLoad:
    """One load of a scorecard."""

    table: CardFolder
    generation: int
    dialect: str

    def steps(self, start: int) -> Iterator[Step]:
        """The steps that are left after so many places."""
        place = 0
        for batch in self.table.batches():
            end = place + len(batch)
            if end > start:
                ids = self.generation * PLACES + np.arange(place, end, dtype=np.int64)
                own = {"id": pa.array(ids), "generation_id": pa.array([self.generation] * len(batch))}
                arrays = [*own.values(), *batch.columns]
                rows = pa.RecordBatch.from_arrays(arrays, names=[*own, *batch.schema.names])
                ready = Prepared(self.dialect, "scorecard_rows", rows)
                yield Step(place, end, (ready,), scored=len(batch))
            place = end


def _until(path: Path) -> dt.date:
    """The end of the last period that is over, or of the last one where none is."""
    table = pq.read_table(path)
    if not {"end", "complete"} <= set(table.column_names) or not len(table):
        raise DataError(Fault(code="no-rows", found=f"{path} names no period", allowed=_ALLOWED))
    complete = table.filter(pc.equal(table["complete"], True))
    last = pc.max((complete if len(complete) else table)["end"]).as_py()
    return last.date() if isinstance(last, dt.datetime) else last


def _told(part: str, batch: pa.RecordBatch) -> pa.RecordBatch:
    columns = [_plain(column) for column in batch.columns]
    row = json_text(pa.StructArray.from_arrays(columns, names=batch.schema.names))
    named = dict(zip(batch.schema.names, columns, strict=True))
    nothing = pa.nulls(len(batch), pa.string())
    subject = named.get("id", named.get("rep", nothing))
    return _batch(part, named.get("level", nothing).cast(pa.string()), subject.cast(pa.string()), row)


def _batch(part: str, level: pa.Array, subject: pa.Array, row: pa.Array) -> pa.RecordBatch:
    columns = {"part": pa.array([part] * len(row), pa.string()), "level": level, "subject": subject}
    return pa.RecordBatch.from_arrays([*columns.values(), row], names=[*columns, "row"])


def _plain(column: pa.Array) -> pa.Array:
    """Moments without a time of day as dates, which is what they are."""
    if pa.types.is_timestamp(column.type):
        days = column.cast(pa.date32(), safe=False)
        return days if days.cast(column.type).equals(column) else column
    return column
