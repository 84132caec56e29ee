"""The scorer in Spark: whole Arrow batches, the bundle sent once to every executor, each batch audited."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from salesml.model.bundle import Bundle
from salesml.scoring.audit import Audit, audit
from salesml.scoring.frame import as_frame, prepare
from salesml.scoring.scorer import Scorer
from salesml.scoring.spark_counts import Adding, Counted
from salesml.scoring.table import schema

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

Rows: TypeAlias = "pa.Table | pd.DataFrame"

_READY: dict[str, Scorer] = {}
"""The scorers of this Python worker by the digest of their bundle: loading takes longer than a batch."""

BUNDLE, CACHE = "bundle", "cache"

MANY = 1 << 40
"""Rows of a whole that no batch knows: all of them are explained in the same way, however they are cut."""


@dataclass(frozen=True)
class Shipped:
    """A bundle on its way to the executors, and how it is to score.

    Parameters
    ----------
    files : pyspark.Broadcast of dict of str to bytes
        The bundle's files as they stand in its folder, whose digests are checked where they arrive, and
        the tables that reasons are read from, which the driver has built.
    counts : pyspark.Accumulator of Counted
        What has been scored and audited; exact for what one action writes.
    withheld : frozenset of str
        Attributes that no reason tells.
    protected : tuple of str
        Attributes that no sentence may name or tell.
    """

    files: Any
    counts: Any
    digest: str
    version: str
    top: int
    run_id: str
    withheld: frozenset[str] = frozenset()
    protected: tuple[str, ...] = ()

    def scorer(self) -> Scorer:
        """The scorer of this process, made when it is first asked for."""
        key = f"{self.digest} {self.version}"
        if key not in _READY:
            with tempfile.TemporaryDirectory(prefix="salesml-bundle-") as folder:
                for name, data in self.files.value.items():
                    path = Path(folder) / name
                    path.parent.mkdir(exist_ok=True)
                    path.write_bytes(data)
                bundle = Bundle.load(Path(folder) / BUNDLE)
                # Spark runs a task on every core already.
                scorer = Scorer(bundle, version=self.version, threads=1, cache=Path(folder) / CACHE)
                scorer.prepare()
                _READY[key] = scorer
        _READY[key].withheld = self.withheld
        return _READY[key]


@dataclass(frozen=True)
class ScoreBatches:
    """What Spark calls with the rows of a partition."""

    shipped: Shipped

    def __call__(self, batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        scorer = self.shipped.scorer()
        for batch in batches:
            if not batch.num_rows:
                continue
            came = self.ordered(pa.Table.from_batches([batch]))
            rows = self.ready(came, scorer.bundle)
            scores = self.scores(scorer, came, rows)
            audited = self.audited(scorer, scores, rows)
            # What was found is told by the driver, of all batches together.
            self.shipped.counts.add(Counted.of(came, audited, scorer.bundle))
            yield from scores.to_batches()

    def audited(self, scorer: Scorer, scores: pa.Table, rows: Rows) -> Audit:
        """Every sentence of a batch, traced to its data."""
        never, most = self.shipped.protected, self.shipped.top
        return audit(scores, rows, scorer.bundle, protected=never, most=most, threads=1)

    def ordered(self, came: pa.Table) -> pa.Table:
        """The rows in the order in which they are scored."""
        return came

    def ready(self, came: pa.Table, bundle: Bundle) -> Rows:
        """What the scorer reads; rows of a snapshot are that already."""
        return came

    def problem(self, came: pa.Table, rows: Rows, bundle: Bundle) -> pa.Array:
        """Why each row cannot be scored, empty where it can."""
        return pa.array(prepare(as_frame(rows), bundle.coding).problem, pa.string())

    def scores(self, scorer: Scorer, came: pa.Table, rows: Rows) -> pa.Table:
        """The score table of a batch."""
        blocks = scorer.blocks(rows, top=self.shipped.top, run_id=self.shipped.run_id, of=MANY)
        return pa.Table.from_batches(list(blocks), schema=scorer.schema())


@dataclass(frozen=True)
class NoteUnscorable:
    """As :class:`ScoreBatches`, for those who cannot be scored at all."""

    shipped: Shipped

    def __call__(self, batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        scorer = self.shipped.scorer()
        columns = scorer.schema()
        one = pa.table([_first(each, self.shipped.run_id) for each in columns], schema=columns)
        for batch in batches:
            self.shipped.counts.add(Counted(rows=batch.num_rows, noted=batch.num_rows))
            yield from scorer.not_scored(pa.Table.from_batches([batch]), one).to_batches()


@dataclass(frozen=True)
class KeepFaulty:
    """Of the rows of a partition those that cannot be scored, as they came, with the problem."""

    score: ScoreBatches

    def __call__(self, batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        scorer = self.score.shipped.scorer()
        for batch in batches:
            came = pa.Table.from_batches([batch])
            rows = self.score.ready(came, scorer.bundle)
            problem = self.score.problem(came, rows, scorer.bundle)
            yield from came.append_column("problem", problem).filter(pc.not_equal(problem, "")).to_batches()


def ship(
    scorer: Scorer, frame: DataFrame, *, top: int, run_id: str, protected: tuple[str, ...] = ()
) -> Shipped:
    """Send a scorer's bundle, with the tables of its reasons, to the executors of a frame's session."""
    with tempfile.TemporaryDirectory(prefix="salesml-bundle-") as folder:
        scorer.bundle.save(Path(folder) / BUNDLE)
        scorer.keep(Path(folder) / CACHE)
        files = {
            f"{place}/{path.name}": path.read_bytes()
            for place in (BUNDLE, CACHE)
            for path in (Path(folder) / place).glob("*")
            if path.is_file()
        }
    context = frame.sparkSession.sparkContext
    counts: Any = context.accumulator(Counted(), Adding())
    return Shipped(
        context.broadcast(files), counts, scorer.bundle.digest, scorer.version, top, run_id,
        frozenset(scorer.withheld), protected,
    )  # fmt: skip


def scored(frame: DataFrame, score: ScoreBatches, bundle: Bundle) -> DataFrame:
    """The score table of a snapshot's rows: the same numbers as :meth:`Scorer.table` gives.

    Parameters
    ----------
    frame : pyspark.sql.DataFrame
        The columns of a snapshot; each entity and as-of date stands in it once.
    """
    return frame.mapInArrow(score, spark_schema(bundle.task, bundle.horizons))


def not_scored(frame: DataFrame, shipped: Shipped, bundle: Bundle) -> DataFrame:
    """Rows of the score table for those who cannot be scored: ``entity_id``, ``as_of``, ``problem``."""
    return frame.mapInArrow(NoteUnscorable(shipped), spark_schema(bundle.task, bundle.horizons))


def faulty(frame: DataFrame, score: ScoreBatches) -> DataFrame:
    """The rows that :func:`scored` could not score, as they came, and ``problem``."""
    from pyspark.sql.types import StringType, StructField, StructType

    columns = StructType([*frame.schema.fields, StructField("problem", StringType())])
    return frame.mapInArrow(KeepFaulty(score), columns)


def spark_schema(task: str, horizons: tuple[int, ...] = ()) -> Any:
    """The score table's schema in Spark's types."""
    from pyspark.sql.pandas.types import from_arrow_schema

    return from_arrow_schema(schema(task, horizons=horizons))


def _first(field: pa.Field, run_id: str) -> pa.Array:
    """One row that holds the id of the run only, for :meth:`Scorer.not_scored` to take it from."""
    return pa.array([run_id if field.name == "scoring_run_id" else None], type=field.type)
