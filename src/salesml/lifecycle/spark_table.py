"""A flat table that Spark reads: files, or a table of its catalog."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from salesml.crm.sources import separator_of
from salesml.errors import DataError, Fault
from salesml.lifecycle.drift import schema_diff
from salesml.lifecycle.flat import check_columns, ids, tidy_like
from salesml.lifecycle.spark_spread import spread
from salesml.model.bundle import Bundle
from salesml.scoring.batch import without_repeated
from salesml.scoring.frame import REPEATED
from salesml.scoring.frame import check_columns as check_model_columns
from salesml.scoring.in_spark import ScoreBatches, Shipped
from salesml.scoring.scorer import Scorer
from salesml.snapshots.engines.spark_crm import CSV
from salesml.snapshots.engines.spark_digest import content_digest

if TYPE_CHECKING:
    from pyspark.sql import Column, DataFrame, SparkSession

LATER = "salesml later"
"""The column that says of a row whether its key stood in the table before."""


@dataclass(frozen=True)
class FlatBatches(ScoreBatches):
    """Scores rows of a flat table, of repeated ones the first only."""

    id_column: str = ""
    as_of: dt.date | None = None

    def ready(self, came: pa.Table, bundle: Bundle) -> pd.DataFrame:
        """As the stage of one machine makes them; the first of a key stands before later ones."""
        plain = came.replace_schema_metadata(None)
        tidy = tidy_like(plain.to_pandas(), bundle.coding)
        # Whole numbers stay whole where some are missing: as floats, long ids would run together.
        tidy["entity_id"] = ids(plain[self.id_column].to_pandas(integer_object_nulls=True))
        if self.as_of:
            tidy["as_of"] = self.as_of
        return tidy

    def ordered(self, came: pa.Table) -> pa.Table:
        """The first row of a key before later ones, so that it is the one that is scored."""
        return came.sort_by(LATER) if LATER in came.column_names else came

    def problem(self, came: pa.Table, rows: pa.Table | pd.DataFrame, bundle: Bundle) -> pa.Array:
        """As for a snapshot, and that the row stood before."""
        found = super().problem(came, rows, bundle)
        if LATER not in came.column_names:
            return found
        return pc.if_else(pc.and_(pc.equal(found, ""), came[LATER].combine_chunks()), REPEATED, found)

    def scores(self, scorer: Scorer, came: pa.Table, rows: pa.Table | pd.DataFrame) -> pa.Table:
        """The score table of a batch, without scores for rows that stood before."""
        found = super().scores(scorer, came, rows)
        if LATER not in came.column_names:
            return found
        return without_repeated(found, 0, np.flatnonzero(came[LATER].to_numpy()).astype(np.int64))


@dataclass(frozen=True)
class Flat:
    """A flat table, and how its rows are called."""

    frame: DataFrame = field(repr=False)
    id_column: str
    as_of: dt.date | None
    is_text: bool

    @classmethod
    def open(cls, spark: SparkSession, source: str, id_column: str, as_of: dt.date | None) -> Flat:
        """Look at a table.

        Raises
        ------
        DataError
            ``missing-table``.
        UsageError
            ``missing-column`` when it lacks the id column.
        """
        frame, is_text = _read(spark, source)
        check_columns(pd.DataFrame(columns=frame.columns), id_column)
        return cls(frame, id_column, as_of, is_text)

    def digest(self) -> str:
        """What the table holds, as one text."""
        return content_digest(self.frame)

    def drift(self, bundle: Bundle) -> list[str]:
        """Lines on columns that are not as in training."""
        from pyspark.sql.pandas.types import to_arrow_schema

        lines = schema_diff(bundle, to_arrow_schema(self.frame.schema), [self.id_column])
        # Of a CSV file every column is text.
        return [line for line in lines if not (self.is_text and line.startswith("~"))]

    def refuse_lacking(self, bundle: Bundle) -> None:
        """That the columns of the model are there."""
        check_model_columns(self.frame.columns, bundle.columns)

    def rows(self, bundle: Bundle) -> DataFrame:
        """The columns that scoring reads; where keys repeat, also which rows are not the first."""
        wanted = {self.id_column, *bundle.columns, "value", "rep_id", *self._keys}
        names = [_quoted(name) for name in self.frame.columns if name in wanted]
        twice = self._twice()
        rows = self.frame.select(*names) if twice is None else self._marked(names, twice)
        return spread(rows, self.frame, _quoted(self.id_column))

    def scoring(self) -> Callable[[Shipped], ScoreBatches]:
        """What scores a batch of such rows."""
        return lambda shipped: FlatBatches(shipped, self.id_column, self.as_of)

    @property
    def _keys(self) -> list[str]:
        dated = self.as_of is None and "as_of" in self.frame.columns
        return [self.id_column, *(["as_of"] if dated else [])]

    def _key(self) -> list[Column]:
        from pyspark.sql import functions

        return [
            functions.expr(f"trim(CAST({_quoted(name)} AS STRING))").alias(f"salesml key {at}")
            for at, name in enumerate(self._keys)
        ]

    def _twice(self) -> DataFrame | None:
        """The keys that stand in several rows, if any do."""
        keys = self.frame.select(*self._key())
        found = keys.where(f"{_quoted(keys.columns[0])} IS NOT NULL").groupBy(*keys.columns).count()
        twice = found.where("count > 1").drop("count")
        return None if twice.isEmpty() else twice

    def _marked(self, names: list[str], twice: DataFrame) -> DataFrame:
        """All rows, and which of them are not the first of their key."""
        from pyspark.sql import Window, functions

        keyed = self._in_order(names)
        same = [keyed[_quoted(key)].eqNullSafe(twice[_quoted(key)]) for key in twice.columns]
        window = Window.partitionBy(*map(_quoted, twice.columns)).orderBy("`salesml place`")
        several = keyed.join(twice, same, "left_semi").select(
            *names, (functions.row_number().over(window) > 1).alias(LATER)
        )
        once = keyed.join(twice, same, "left_anti").select(*names, functions.lit(False).alias(LATER))
        return once.unionAll(several)

    def _in_order(self, names: list[str]) -> DataFrame:
        """Rows with their keys and their place: in their file where they have one, else by what they hold."""
        from pyspark.errors import AnalysisException
        from pyspark.sql import functions

        place = "struct(_metadata.file_path, _metadata.file_block_start, monotonically_increasing_id())"
        try:
            return self.frame.select(*names, *self._key(), functions.expr(place).alias("salesml place"))
        except AnalysisException:  # a table that is not made of files
            held = functions.expr(f"xxhash64({', '.join(names)})").alias("salesml place")
            return self.frame.select(*names, *self._key(), held)


def _read(spark: SparkSession, source: str) -> tuple[DataFrame, bool]:
    from pyspark.errors import AnalysisException

    local = Path(source)
    plain = source.rstrip("/*").lower()
    try:
        if plain.endswith((".csv", ".csv.gz")):
            options: dict[str, Any] = {**CSV, "sep": separator_of(local)} if local.is_file() else CSV
            return spark.read.options(**options).csv(_address(source)), True
        if "://" in source or plain.endswith(".parquet") or local.exists():
            return spark.read.parquet(_address(source)), False
        return spark.table(".".join(map(_quoted, source.split(".")))), False
    except AnalysisException:
        raise DataError(
            Fault(
                code="missing-table",
                found=f"Spark finds neither files nor a table of its catalog that are called {source!r}",
                allowed="--table is a file, a folder or a table such as catalog.schema.table",
                do="See that driver and executors can read it under this name",
            )
        ) from None


def _address(source: str) -> str:
    """The address of files of this machine, whatever file system is Spark's own."""
    return Path(source).resolve().as_uri() if Path(source).exists() else source


def _quoted(name: str) -> str:
    return "`" + name.replace("`", "``") + "`"
