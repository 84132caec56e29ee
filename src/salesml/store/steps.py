"""A load as steps, each one short transaction, the same steps whenever the same content is loaded."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from typing import Final

import numpy as np
import pyarrow as pa
import sqlalchemy as sa

from salesml.store import rows
from salesml.store.beside import BesideFile
from salesml.store.erased import ACCOUNT, PROSPECT, Forgotten, kind_of
from salesml.store.generations import advance
from salesml.store.load import Prepared
from salesml.store.models import PLACES
from salesml.store.source import NEEDED, SIMILAR_NEEDED, Parquet, ScoreTable

BATCH: Final = 2_500
"""Rows that are written in one transaction; a load that was stopped goes on in steps of the same size."""

_TAKEN: Final = tuple(dict.fromkeys((*NEEDED, *rows.OPTIONAL)))


def _taken(table: ScoreTable) -> list[str]:
    """Columns that are published, in an order of their own."""
    stays = [f"stays_{days}" for days in rows.horizons_of(table.names)]
    return [*(name for name in _TAKEN if name in table.names), *stays]


@dataclass(frozen=True)
class Content:
    """All that is published together."""

    table: ScoreTable
    near: Parquet | None
    entities: rows.Entities
    digest: str
    reps: list[dict[str, str | float | None]] | None = None
    accounts: rows.Entities | None = None
    beside: tuple[BesideFile, ...] = ()
    display: str | None = None

    @property
    def places(self) -> int:
        """Rows that a load goes through: those that could not be scored make it pass the table twice."""
        passes = 1 if self.table.scored == self.table.rows else 2
        others = sum(each.file.rows for each in self.beside)
        return int(passes * self.table.rows + (self.near.rows if self.near else 0) + others)

    def load(self, forgotten: Forgotten, generation: int, dialect: str) -> Load:
        """Its steps into a generation."""
        return Load(self, forgotten, generation, dialect)


@dataclass(frozen=True)
class Step:
    """Rows that are added in one transaction.

    Attributes
    ----------
    start, end : int
        Places that it goes from and to.
    batches : tuple of Prepared
    new_only : bool
        Whether rows that stand in the way of one that is there are passed over.
    scored, erased : int
        Rows that could be scored; rows left out because those whom they are about were erased.
    """

    start: int
    end: int
    batches: tuple[Prepared, ...]
    new_only: bool = False
    scored: int = 0
    erased: int = 0

    def run(self, connection: sa.Connection, generation: int) -> None:
        """Add the rows, unless that was done before."""
        advance(connection, generation, self, partial(self._insert, connection))

    def _insert(self, connection: sa.Connection) -> None:
        for batch in self.batches:
            (batch.insert_new if self.new_only else batch.insert)(connection)


@dataclass(frozen=True)
class Load:
    """One load of some content.

    Parameters
    ----------
    content : Content
    forgotten : Forgotten
        Who was erased, and is left out.
    generation : int
    dialect : str
        ``sqlite`` or ``postgresql``.
    """

    content: Content
    forgotten: Forgotten
    generation: int
    dialect: str

    def steps(self, start: int) -> Iterator[Step]:
        """The steps that are left: rows that were scored, the others, similar accounts, what is beside.

        Parameters
        ----------
        start : int
            How far it has come before.
        """
        table, place = self.content.table, 0
        for wanted in (True, False):
            if not wanted and table.scored == table.rows:
                break
            for batch in table.batches(_taken(table), BATCH):
                end = place + len(batch)
                if end > start:
                    yield self._scores(batch, place, scored=wanted)
                place = end
        if self.content.near:
            yield from self._similar(self.content.near, place, start)
            place += self.content.near.rows
        for each in self.content.beside:
            yield from self._beside(each, place, start)
            place += each.file.rows

    def _scores(self, batch: pa.RecordBatch, place: int, *, scored: bool) -> Step:
        ids = self.generation * PLACES + np.arange(place, place + len(batch), dtype=np.int64)
        mask = rows.scored(batch) == scored
        if not scored:
            mask &= rows.has_id(batch)
        chosen, kept = batch.filter(pa.array(mask)), ids[mask]
        left = self.forgotten.keeps(chosen.column("entity_id"), kind_of(self.content.table.about.task))
        erased = int((~left).sum())
        if erased:
            chosen, kept = chosen.filter(pa.array(left)), kept[left]
        written = [self._ready("scores", rows.scores(chosen, kept, self.generation, self.content.entities))]
        if scored:
            written.append(self._ready("reasons", rows.reasons(chosen, kept)))
        return Step(
            place, place + len(batch), tuple(written),
            new_only=not scored, scored=len(chosen) if scored else 0, erased=erased,
        )  # fmt: skip

    def _similar(self, near: Parquet, place: int, start: int) -> Iterator[Step]:
        first, done = place, place
        carried: list[pa.RecordBatch] = []
        for batch in near.batches(SIMILAR_NEEDED, BATCH):
            place += len(batch)
            if not len(batch):
                continue
            whole, rest = rows.whole_prospects([*carried, batch])
            carried = [rest]
            end = place - len(rest)
            if end > max(done, start):
                yield self._prospects(whole, done, end, done - first)
            done = end
        if carried and place > start:
            yield self._prospects(carried[0], done, place, done - first)

    def _prospects(self, batch: pa.RecordBatch, start: int, end: int, number: int) -> Step:
        """All rows of some prospects, of which the first has a number."""
        kept = self.forgotten.keeps(batch.column("entity_id"), PROSPECT)
        kept &= self.forgotten.keeps(batch.column("account_id"), ACCOUNT)
        told = rows.similar(
            batch.filter(pa.array(kept)),
            self.generation * PLACES + number,
            self.generation,
            self.content.accounts,
        )
        return Step(start, end, (self._ready("similar_accounts", told),))

    def _beside(self, each: BesideFile, place: int, start: int) -> Iterator[Step]:
        first = place
        for batch in each.file.batches(("entity_id", each.column), BATCH):
            end = place + len(batch)
            if end > max(place, start):
                kept = self.forgotten.keeps(batch.column("entity_id"), kind_of(self.content.table.about.task))
                number = self.generation * PLACES + place - first
                told = each.rows(batch.filter(pa.array(kept)), number, self.generation)
                yield Step(place, end, (self._ready(each.table, told),))
            place = end

    def _ready(self, table: str, batch: pa.RecordBatch) -> Prepared:
        return Prepared(self.dialect, table, batch)
