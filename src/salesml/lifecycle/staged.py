"""The rows of a job in its work folder: a snapshot that DuckDB writes, or a flat table as it lies."""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from salesml.config import Spec
from salesml.crm import CRM
from salesml.crm.states import State, check_states
from salesml.errors import OutsideError
from salesml.lifecycle.drift import LevelCounts, schema_diff
from salesml.lifecycle.files import csv_chunks
from salesml.lifecycle.flat import ids, tidy_like
from salesml.lifecycle.refuse import refuse_faulty, refuse_nobody
from salesml.scoring import Scorer
from salesml.scoring.batch import Journal, Scored, Source, Staged, Stream, Teller, repeated, without_repeated
from salesml.scoring.batch.durable import digest_of, rename
from salesml.scoring.batch.source import CHUNK
from salesml.scoring.frame import check_columns
from salesml.scoring.table import schema
from salesml.snapshots.stage import MEMORY, OnDisk, limits, stage

CONTRADICTORY = ("won-before-created",)
"""Reasons to be left out that the tables, not the label, are to blame for."""

SNAPSHOT, UNSCORABLE = "snapshot.parquet", "unscorable.parquet"

Check = Callable[[pa.Table, "pa.Table | pd.DataFrame", int], Mapping[str, int]]
"""Looks at scores and their rows before they are written, of so many in all: what it counted, or an error."""


def unchecked(scores: pa.Table, rows: pa.Table | pd.DataFrame, of: int) -> Mapping[str, int]:
    """Nothing is looked at."""
    return {}


@dataclass(frozen=True, kw_only=True)
class Means:
    """What scores the rows of a job.

    Parameters
    ----------
    scorer : Scorer
        With one thread: chunks run side by side.
    run_id : str
    top : int
        Most reasons per row.
    memory : str
        What DuckDB may take; as :func:`salesml.snapshots.stage.limits` says when left out.
    chunk : int
        Rows of a part.
    check : callable
        See ``Check``.
    """

    scorer: Scorer
    run_id: str
    top: int
    memory: str = ""
    chunk: int = CHUNK
    check: Check = unchecked

    def table(self, rows: pa.Table | pd.DataFrame) -> pa.Table:
        """The scores of a chunk."""
        return self.scorer.table(rows, top=self.top, run_id=self.run_id)


@dataclass(frozen=True, kw_only=True)
class SnapshotStage:
    """Takes the snapshot of a date, once, and hands out its rows."""

    spec: Spec
    crm: CRM
    as_of: dt.date
    means: Means

    def __call__(self, work: Path, journal: Journal, teller: Teller) -> Staged:
        """See ``salesml.scoring.batch.Stage``."""
        staged = journal.last("staged")
        if staged is None or any(digest_of(work / name) != sha for name, sha in staged["files"].items()):
            staged = self._take(work, teller)
            journal.add(staged)
        for line in staged["notes"]:
            teller.tell("note", line)
        for line in staged["drift"]:
            teller.tell("warning", line)
        bundle = self.means.scorer.bundle
        rows = Source(work / SNAPSHOT, chunk=self.means.chunk)
        check_columns(rows.schema.names, bundle.columns)
        unscorable = Source(work / UNSCORABLE, chunk=self.means.chunk)

        def score(chunk: pa.Table, first: int) -> Scored:
            scores = self.means.table(chunk)
            return scores, chunk, self.means.check(scores, chunk, rows.rows)

        return Staged(
            [Stream(rows, score), Stream(unscorable, self._not_scored)], drift=tuple(staged["drift"])
        )

    def check(self, teller: Teller) -> int:
        """That the tables are without fatal faults, fresh and complete for the date."""
        teller.stage("check", "Checking the tables")
        refuse_faulty(self.crm, lambda line: teller.tell("note", line), self.as_of, self.spec)
        if self.as_of > self.crm.today:
            zone, today = self.crm.contract.timezone, self.crm.today
            text = (
                f"warning [day-not-over] In {zone} it is {today}, which is not over: for {self.as_of} some "
                "rows are still missing"
            )
            teller.tell("warning", text, codes=["day-not-over"])
        return 0

    def rows(self, folder: Path, teller: Teller) -> Source:
        """The rows that can be scored, in a folder of their own, to be read again and again."""
        path = folder / SNAPSHOT
        self._staged(path, folder / UNSCORABLE, teller)
        return Source(path, chunk=self.means.chunk)

    def _take(self, work: Path, teller: Teller) -> dict[str, Any]:
        self.check(teller)
        teller.stage("snapshot", f"Taking the snapshot of {self.as_of}")
        temporary = {name: work / f"{name}.tmp" for name in (SNAPSHOT, UNSCORABLE)}
        taken = self._staged(temporary[SNAPSHOT], temporary[UNSCORABLE], teller)
        self.crm.check_same()
        for name, path in temporary.items():
            _on_disk(path, work / name)
        rows = Source(work / SNAPSHOT)
        refuse_nobody(rows.rows, taken.entity.many)
        left_out = [
            f"{each.count:,} {taken.entity.many} are left out: {each.words}"
            for each in taken.dropped
            if each.reason in CONTRADICTORY
        ]
        return {
            "event": "staged",
            "rows": rows.rows,
            "files": {name: digest_of(work / name) for name in temporary},
            "notes": left_out,
            "drift": _moved(self.means.scorer, rows),
        }

    def _staged(self, rows: Path, unscorable: Path, teller: Teller) -> OnDisk:
        """The snapshot, taken again with more memory where what it may take is not enough."""
        first, *more = limits(self.means.memory)
        try:
            return stage(self.spec, self.crm, self.as_of, rows, unscorable, memory=first)
        except OutsideError as error:
            if error.code != "out-of-memory" or not more:
                raise
        teller.tell("note", f"The snapshot needs more than {first}: taking it again with up to {more[0]}")
        return stage(self.spec, self.crm, self.as_of, rows, unscorable, memory=more[0])

    def _not_scored(self, rows: pa.Table, first: int) -> Scored:
        dated = rows.append_column("as_of", pa.repeat(pa.scalar(self.as_of, pa.date32()), len(rows)))
        bundle = self.means.scorer.bundle
        scores = self.means.scorer.not_scored(dated, schema(bundle.task).empty_table())
        place = scores.schema.get_field_index("scoring_run_id")
        run_ids = pa.repeat(self.means.run_id, len(rows))
        return scores.set_column(place, "scoring_run_id", run_ids), rows.select(["entity_id"]), {}


@dataclass(frozen=True, kw_only=True)
class TableStage:
    """Hands out the rows of a flat table; a CSV file is first written as Parquet, as text.

    Parameters
    ----------
    before : tuple, optional
        What the file was when its digest was made, by which the job is known: see
        :func:`salesml.crm.states.state_of`.
    """

    path: Path
    id_column: str
    as_of: dt.date | None
    means: Means
    before: State | None = None

    def __call__(self, work: Path, journal: Journal, teller: Teller) -> Staged:
        """See ``salesml.scoring.batch.Stage``."""
        teller.stage("check", "Checking the table")
        bundle = self.means.scorer.bundle
        path = self._as_parquet(work, journal) if self._is_text else self.path
        before = None if self._is_text else self.before
        found = Source(path, before=before)
        refuse_nobody(found.rows)
        drift = self._drift(found.schema, teller)
        moved = _moved(self.means.scorer, found)
        for line in moved:
            teller.tell("warning", line)
        keys = [self.id_column]
        if self.as_of is None and "as_of" in found.schema.names:
            keys.append("as_of")
        later = repeated(path, keys, work / "spill", self.means.memory or MEMORY)
        wanted = [*dict.fromkeys([self.id_column, *bundle.columns, "value", "rep_id", *keys])]

        def score(rows: pa.Table, first: int) -> Scored:
            scores, counted = self._score(rows, found.rows)
            return without_repeated(scores, first, later), rows, counted

        return Staged(
            [Stream(Source(path, wanted, chunk=self.means.chunk, before=before), score)],
            drift=(*drift, *moved),
        )

    @property
    def _is_text(self) -> bool:
        return self.path.suffix.lower() == ".csv"

    def check(self, teller: Teller) -> int:
        """That the columns of the model are there."""
        teller.stage("check", "Checking the table")
        if self._is_text:
            first = next(csv_chunks(self.path))
            self._drift(pa.schema([(str(name), pa.string()) for name in first]), teller)
            return 0
        found = Source(self.path)
        refuse_nobody(found.rows)
        self._drift(found.schema, teller)
        return found.rows

    def _drift(self, found: pa.Schema, teller: Teller) -> list[str]:
        """Lines on columns that are not as in training; an error when one is gone."""
        bundle = self.means.scorer.bundle
        drift = schema_diff(bundle, found, [self.id_column])
        if self._is_text:  # of a CSV file every column is text
            drift = [line for line in drift if not line.startswith("~")]
        for line in drift:
            teller.tell("warning", line)
        check_columns(found.names, bundle.columns)
        return drift

    def _score(self, rows: pa.Table, of: int) -> tuple[pa.Table, Mapping[str, int]]:
        plain = rows.replace_schema_metadata(None)
        tidy = tidy_like(plain.to_pandas(), self.means.scorer.bundle.coding)
        # Whole numbers stay whole where some are missing: as floats, long ids would run together.
        tidy["entity_id"] = ids(plain[self.id_column].to_pandas(integer_object_nulls=True))
        if self.as_of:
            tidy["as_of"] = self.as_of
        scores = self.means.table(tidy)
        return scores, self.means.check(scores, tidy, of)

    def _as_parquet(self, work: Path, journal: Journal) -> Path:
        path = work / "table.parquet"
        staged = journal.last("staged")
        if staged is None or digest_of(path) != staged["files"][path.name]:
            _write_text(self.path, path.with_name(path.name + ".tmp"))
            if self.before:
                check_states({self.path: self.before})
            _on_disk(path.with_name(path.name + ".tmp"), path)
            journal.add({"event": "staged", "files": {path.name: digest_of(path)}})
        return path


def _moved(scorer: Scorer, rows: Source) -> list[str]:
    """Warnings on attributes, from one look at their columns."""
    levels = LevelCounts(scorer.bundle)
    if not levels.counts:
        return []
    only = Source(rows.path, list(levels.counts))
    if not only.columns:
        return []
    for _, _, chunk in only.read():
        levels.add(chunk)
    return levels.lines()


def _write_text(path: Path, target: Path) -> None:
    writer = None
    try:
        for frame in csv_chunks(path):
            table = pa.table({str(name): pa.array(frame[name], pa.string()) for name in frame})
            writer = writer or pq.ParquetWriter(target, table.schema, compression="zstd")
            writer.write_table(table)
    finally:
        if writer:
            writer.close()


def _on_disk(temporary: Path, path: Path) -> None:
    handle = os.open(temporary, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
    rename(temporary, path)
