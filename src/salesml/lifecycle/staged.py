"""The rows of a job in its work folder: a snapshot that DuckDB writes, or a flat table as it lies."""

from __future__ import annotations

import datetime as dt
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
from salesml.lifecycle.staged_slices import SlicesOnDisk, on_disk, part_of, whole
from salesml.scoring import Scorer
from salesml.scoring.batch import Journal, Scored, Source, Staged, Stream, Teller, repeated, without_repeated
from salesml.scoring.batch.durable import digest_of
from salesml.scoring.batch.source import CHUNK
from salesml.scoring.frame import check_columns
from salesml.snapshots.stage import MEMORY, OnDisk, Part, Try, stage, tries

CONTRADICTORY = ("won-before-created",)
"""Reasons to be left out that the tables, not the label, are to blame for."""

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
        What DuckDB may take; as :func:`salesml.snapshots.stage.tries` says when left out.
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
        """The scores of a chunk, coded."""
        return self.scorer.table(rows, top=self.top, run_id=self.run_id, coded=True)


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
        if staged is None or not whole(work, staged["files"]):
            staged = self._take(work, journal, teller)
            journal.add(staged)
        for line in staged["notes"]:
            teller.tell("note", line)
        for line in staged["drift"]:
            teller.tell("warning", line)
        bundle = self.means.scorer.bundle
        parts = [part_of(work, number) for number in range(staged["parts"])]
        rows = Source([part.rows for part in parts], chunk=self.means.chunk)
        check_columns(rows.schema.names, bundle.columns)
        unscorable = Source([part.unscorable for part in parts], chunk=self.means.chunk)

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
        journal = Journal(folder / "journal")
        try:
            taken = self._staged(folder, journal, teller)
        finally:
            journal.close()
        return Source([part.rows for part in taken.parts], chunk=self.means.chunk)

    def _take(self, work: Path, journal: Journal, teller: Teller) -> dict[str, Any]:
        self.check(teller)
        teller.stage("snapshot", f"Taking the snapshot of {self.as_of}")
        taken = self._staged(work, journal, teller)
        rows = Source([part.rows for part in taken.parts])
        refuse_nobody(rows.rows, taken.entity.many)
        left_out = [
            f"{each.count:,} {taken.entity.many} are left out: {each.words}"
            for each in taken.dropped
            if each.reason in CONTRADICTORY
        ]
        files = [path for part in taken.parts for path in (part.rows, part.unscorable)]
        return {
            "event": "staged",
            "rows": rows.rows,
            "parts": len(taken.parts),
            "files": {path.name: digest_of(path) for path in files},
            "notes": left_out,
            "drift": _moved(self.means.scorer, rows),
        }

    def _staged(self, work: Path, journal: Journal, teller: Teller) -> OnDisk:
        """The snapshot, taken again where memory is not enough: in more slices, then with more memory."""
        *all_but_last, last = tries(self.means.memory)
        for how, then in zip(all_but_last, [*all_but_last[1:], last], strict=True):
            try:
                return self._tried(how, work, journal, teller)
            except OutsideError as error:
                if error.code != "out-of-memory":
                    raise
            other = f"up to {then.memory}" if then.memory != how.memory else "smaller slices"
            teller.tell("note", f"The snapshot needs more than {how.memory}: taking it again with {other}")
        return self._tried(last, work, journal, teller)

    def _tried(self, how: Try, work: Path, journal: Journal, teller: Teller) -> OnDisk:
        slices = SlicesOnDisk(work, journal, teller)

        def kept(part: Part) -> Part:
            # What was made of tables that were replaced meanwhile must not be taken up by a later start.
            self.crm.check_same()
            return slices.keep(part)

        return stage(
            self.spec, self.crm, self.as_of, work,
            how=how, cut=slices.cut, there=slices.there, done=kept,
        )  # fmt: skip

    def _not_scored(self, rows: pa.Table, first: int) -> Scored:
        dated = rows.append_column("as_of", pa.repeat(pa.scalar(self.as_of, pa.date32()), len(rows)))
        scores = self.means.scorer.not_scored(dated, self.means.scorer.schema().empty_table())
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
            on_disk(path.with_name(path.name + ".tmp"), path)
            journal.add({"event": "staged", "files": {path.name: digest_of(path)}})
        return path


def _moved(scorer: Scorer, rows: Source) -> list[str]:
    """Warnings on attributes, from one look at their columns."""
    levels = LevelCounts(scorer.bundle)
    if not levels.counts:
        return []
    only = Source(rows.paths, list(levels.counts))
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
