"""A company's CRM whose tables Spark reads: files that it can reach, and tables of its catalog."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb

from salesml.crm import CRM
from salesml.crm.bound import raw_name
from salesml.crm.codes import fault
from salesml.crm.contract import Contract, Source
from salesml.crm.sources import Raw, read_files, separator_of, unreadable
from salesml.errors import DataError, Fault
from salesml.snapshots.engines.spark_connection import SparkConnection, type_of
from salesml.snapshots.engines.spark_digest import content_digest

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

CSV: dict[str, Any] = {
    "header": True,
    "quote": '"',
    "escape": '"',
    "multiLine": True,
    "nullValue": "",
    "emptyValue": "",
}


class SparkCRM(CRM):
    """The tables of a company, read by Spark.

    Every question that is asked of the tables is translated and answered by Spark; only the form of files
    that this machine sees (their names, columns and types) is looked at by DuckDB, so that both engines
    take a column for the same.

    Parameters
    ----------
    contract : Contract
        Of a :class:`salesml.crm.CRM`.
    spark : SparkSession
        As :func:`salesml.snapshots.engines.session.session` gives it.
    """

    def __init__(self, contract: Contract, spark: SparkSession) -> None:
        super().__init__(contract)
        self.spark = spark

    def connect(
        self,
        threads: int | None = None,
        memory: str | None = None,
        work: Path | None = None,
        *,
        views: bool = False,
    ) -> Any:
        """The connection in whose session the canonical relations exist; always the same."""
        return self._connected

    def fingerprint(self) -> str:
        """A SHA-256 over crm.yaml and the rows of all its tables, in whatever files and order they lie."""
        digest = hashlib.sha256(self.contract.text.encode())
        for table, bound in sorted(self._bounds.items()):
            if bound.raw.readable:
                found = content_digest(self.spark.table(f"`{raw_name(table)}`"))
                digest.update(f"{table}\0{found}\0".encode())
        return digest.hexdigest()

    @cached_property
    def _connected(self) -> SparkConnection:
        made = self.relations()
        con = self._raw_views
        for relation in made.values():
            try:
                con.add_view(relation.name, con.frame(relation.select), relation.columns)
            except duckdb.Error as error:
                raise DataError(unreadable(relation.name, error)) from None
        return con

    @cached_property
    def _raw_views(self) -> SparkConnection:
        return SparkConnection(self.spark)

    def _blank(self) -> Any:
        return self._raw_views

    def _raw(self, table: str, source: Source, con: Any) -> Raw:
        if source.url or source.query:
            return Raw(faults=(_database(table),))
        if source.table:
            return self._of_frame(table, self._catalog_table(source.table, table), con)
        if "://" in source.files:
            return self._of_frame(table, self._remote(source.files), con)
        if not source.files:
            return Raw()
        return self._local(table, source.files, con)

    def _local(self, table: str, pattern: str, con: SparkConnection) -> Raw:
        with duckdb.connect() as looking:
            raw = read_files(pattern, self.folder, table, looking)
        if not raw.readable:
            return raw
        files = [file.resolve().as_uri() for file in raw.files]
        if raw.typed:
            base = self.folder / pattern
            reader = self.spark.read
            if base.is_dir():
                reader = reader.option("basePath", base.resolve().as_uri())
            frame = reader.parquet(*files)
            frame = frame.toDF(*[raw.names.get(name, name) for name in frame.columns])
        else:
            schema = ", ".join(f"`{name}` STRING" for name in raw.columns)
            frame = self.spark.read.options(**CSV, sep=separator_of(raw.files[0])).csv(files, schema=schema)
        con.add_view(raw_name(table), frame, raw.columns)
        return replace(raw, scan=_scan(table))

    def _remote(self, address: str) -> DataFrame:
        plain = address.rstrip("/*").lower()
        if plain.endswith((".csv", ".csv.gz")):
            return self.spark.read.options(**CSV).csv(address)
        return self.spark.read.parquet(address)

    def _catalog_table(self, name: str, table: str) -> DataFrame:
        from pyspark.errors import AnalysisException

        try:
            return self.spark.table(".".join(f"`{part}`" for part in name.split(".")))
        except AnalysisException:
            found = f"The catalog of Spark has no table {name!r}"
            raise DataError(fault("missing-table", found, table=table)) from None

    def _of_frame(self, table: str, frame: DataFrame, con: SparkConnection) -> Raw:
        columns = {name: type_of(type_) for name, type_ in frame.dtypes}
        con.add_view(raw_name(table), frame, columns)
        names = {name: name for name in columns}
        return Raw(_scan(table), columns, names, typed=True)


def _scan(table: str) -> str:
    """The view that has been made already."""
    return f'SELECT * FROM "{raw_name(table)}"'


def _database(table: str) -> Fault:
    return fault(
        "missing-table",
        "The source is a database, which is read through SQLAlchemy on one machine",
        allowed="Spark reads files and tables of its catalog",
        do="Write `source: {table: catalog.schema.table}`, or leave out --engine",
        table=table,
    )
