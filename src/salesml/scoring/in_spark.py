"""The scorer in Spark: whole Arrow batches, the bundle sent once to every executor."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from salesml.model.bundle import Bundle
from salesml.scoring.scorer import Scorer
from salesml.scoring.table import schema

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

_READY: dict[str, Scorer] = {}
"""The scorers of this Python worker by the digest of their bundle: loading takes longer than a batch."""


@dataclass(frozen=True)
class Shipped:
    """A bundle on its way to the executors, and how it is to score.

    Parameters
    ----------
    files : pyspark.Broadcast of dict of str to bytes
        The bundle's files as they stand in its folder; their digests are checked where they arrive.
    """

    files: Any
    digest: str
    version: str
    top: int
    run_id: str

    def scorer(self) -> Scorer:
        """The scorer of this process, made when it is first asked for."""
        key = f"{self.digest} {self.version}"
        if key not in _READY:
            with tempfile.TemporaryDirectory(prefix="salesml-bundle-") as folder:
                for name, data in self.files.value.items():
                    (Path(folder) / name).write_bytes(data)
                # Spark runs a task on every core already.
                _READY[key] = Scorer(Bundle.load(folder), version=self.version, threads=1)
        return _READY[key]


@dataclass(frozen=True)
class ScoreBatches:
    """What Spark calls with the rows of a partition."""

    shipped: Shipped

    def __call__(self, batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        scorer = self.shipped.scorer()
        for batch in batches:
            rows = pa.Table.from_batches([batch])
            yield from scorer.blocks(rows, top=self.shipped.top, run_id=self.shipped.run_id)


@dataclass(frozen=True)
class NoteUnscorable:
    """As :class:`ScoreBatches`, for those who cannot be scored at all."""

    shipped: Shipped

    def __call__(self, batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        scorer = self.shipped.scorer()
        columns = schema(scorer.bundle.task)
        one = pa.table([_first(each, self.shipped.run_id) for each in columns], schema=columns)
        for batch in batches:
            yield from scorer.not_scored(pa.Table.from_batches([batch]), one).to_batches()


def ship(scorer: Scorer, frame: DataFrame, *, top: int, run_id: str) -> Shipped:
    """Send a scorer's bundle to the executors of the session that a frame belongs to."""
    with tempfile.TemporaryDirectory(prefix="salesml-bundle-") as folder:
        saved = scorer.bundle.save(Path(folder) / "bundle")
        files = {path.name: path.read_bytes() for path in saved.iterdir() if path.is_file()}
    sent = frame.sparkSession.sparkContext.broadcast(files)
    return Shipped(sent, scorer.bundle.digest, scorer.version, top, run_id)


def scored(frame: DataFrame, shipped: Shipped, task: str) -> DataFrame:
    """The score table of a snapshot's rows: the same numbers as :meth:`Scorer.table` gives.

    Parameters
    ----------
    frame : pyspark.sql.DataFrame
        The columns of a snapshot; each entity and as-of date stands in it once.
    """
    return frame.mapInArrow(ScoreBatches(shipped), spark_schema(task))


def not_scored(frame: DataFrame, shipped: Shipped, task: str) -> DataFrame:
    """Rows of the score table for those who cannot be scored: ``entity_id``, ``as_of``, ``problem``."""
    return frame.mapInArrow(NoteUnscorable(shipped), spark_schema(task))


def spark_schema(task: str) -> Any:
    """The score table's schema in Spark's types."""
    from pyspark.sql.pandas.types import from_arrow_schema

    return from_arrow_schema(schema(task))


def _first(field: pa.Field, run_id: str) -> pa.Array:
    """One row that holds the id of the run only, for :meth:`Scorer.not_scored` to take it from."""
    return pa.array([run_id if field.name == "scoring_run_id" else None], type=field.type)
