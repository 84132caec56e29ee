"""A connection that takes DuckDB's SQL and has Spark run it, for all that asks the tables something."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import duckdb
import sqlglot
from sqlglot import exp

from salesml.snapshots.dialects import to_sql, translate
from salesml.snapshots.dialects.kinds import Columns, kind_of_type
from salesml.snapshots.dialects.names import SPARK
from salesml.snapshots.dialects.refusal import UntranslatableError
from salesml.snapshots.sql import Expr, date, text, when

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

TYPES = {
    "string": "VARCHAR", "int": "INTEGER", "bigint": "BIGINT", "smallint": "SMALLINT", "tinyint": "TINYINT",
    "double": "DOUBLE", "float": "FLOAT", "boolean": "BOOLEAN", "date": "DATE",
    "timestamp": "TIMESTAMP WITH TIME ZONE", "timestamp_ntz": "TIMESTAMP",
}  # fmt: skip
"""Spark's types and what DuckDB calls them."""


def type_of(spark_type: str) -> str:
    """DuckDB's name of a Spark type; one that nothing can be made of is returned as a list's."""
    if spark_type.startswith("decimal"):
        return spark_type.upper()
    return TYPES.get(spark_type, f"{spark_type}[]")


class SparkConnection:
    """What the stages before Spark's own queries use of a DuckDB connection.

    Statements are read as DuckDB's and translated. Errors are DuckDB's, since that is what callers
    know: what cannot be bound is a ``BinderException``.
    """

    def __init__(self, spark: SparkSession) -> None:
        self.spark = spark
        self.tables: dict[str, Columns] = {}
        self._rows: list[tuple[Any, ...]] = []

    def __enter__(self) -> SparkConnection:
        return self

    def __exit__(self, *_: object) -> None:
        """Views stay: the session is this connection's own."""

    def close(self) -> None:
        """Nothing to close, as with ``__exit__``."""

    def execute(self, sql: str, parameters: Sequence[Any] | Mapping[str, Any] = ()) -> SparkConnection:
        """Run one statement; its rows are fetched afterwards."""
        if sql.startswith("EXPLAIN "):
            self._frame(_read(sql.removeprefix("EXPLAIN ")))
            return self
        tree = _read(sql)
        if isinstance(tree, exp.Create):
            self._create(tree.this.name, tree.expression)
        elif isinstance(tree, exp.Describe):
            described = self._frame(tree.this).dtypes
            self._rows = [(name, type_of(type_)) for name, type_ in described]
        else:
            frame = self._frame(_filled(tree, parameters))
            self._rows = [tuple(row) for row in _tried(frame.collect)]
        return self

    def fetchall(self) -> list[tuple[Any, ...]]:
        return self._rows

    def fetchone(self) -> tuple[Any, ...] | None:
        return self._rows[0] if self._rows else None

    def add_view(self, name: str, frame: DataFrame, types: Mapping[str, str] | None = None) -> None:
        """Give a frame a name that statements may read; ``types`` are DuckDB's, where they are known."""
        frame.createOrReplaceTempView(f"`{name}`")
        known = types or {column: type_of(type_) for column, type_ in frame.dtypes}
        self.tables[name] = {column: kind_of_type(type_) for column, type_ in known.items()}

    def frame(self, tree: Expr) -> DataFrame:
        """A query in DuckDB's terms as a frame that Spark has looked at and not yet run."""
        return self._frame(tree)

    def _create(self, name: str, query: Expr) -> None:
        if [table.name for table in query.find_all(exp.Table)] != [name]:  # else it is there already
            self.add_view(name, self._frame(query))

    def _frame(self, tree: Expr) -> DataFrame:
        try:
            sql = to_sql(_with_one_example(translate(tree, SPARK, self.tables)), SPARK)
        except UntranslatableError as error:
            raise duckdb.NotSupportedError(f"{error.found} has no counterpart in Spark") from None
        return _tried(lambda: self.spark.sql(sql))


def _tried(call: Any) -> Any:
    from pyspark.errors import AnalysisException, PySparkException

    try:
        return call()
    except AnalysisException as error:
        raise duckdb.BinderException(str(error)) from None
    except PySparkException as error:
        raise duckdb.Error(str(error)) from None


def _read(sql: str) -> Expr:
    return sqlglot.parse_one(sql, read="duckdb")


def _filled(tree: Expr, parameters: Sequence[Any] | Mapping[str, Any]) -> Expr:
    """The statement with its parameters in their places."""
    positional = iter(parameters) if not isinstance(parameters, Mapping) else iter(())

    def value(node: Expr) -> Expr:
        if isinstance(node, exp.Placeholder) and not node.this:
            return _literal(next(positional))
        if isinstance(node, exp.Parameter | exp.Placeholder) and isinstance(parameters, Mapping):
            return _literal(parameters[node.name])
        return node

    return tree.transform(value)


def _literal(value: Any) -> Expr:
    if isinstance(value, dt.date):
        return date(value)
    return text(value) if isinstance(value, str) else exp.Literal.number(value)


def _with_one_example(tree: Expr) -> Expr:
    """``min(x, 3)``, the three least, as a list of the least: Spark would gather all to find three."""

    def one(node: Expr) -> Expr:
        if isinstance(node, exp.Filter) and _is_list(node.this):
            condition = node.expression.this
            return _least_of(when(condition, _without_distinct(node.this.this)))
        if _is_list(node) and not isinstance(node.parent, exp.Filter):
            return _least_of(_without_distinct(node.this))
        return node

    return tree.transform(one)


def _is_list(node: Expr) -> bool:
    return isinstance(node, exp.Min) and bool(node.expressions or node.args.get("count"))


def _without_distinct(value: Expr) -> Expr:
    return value.expressions[0] if isinstance(value, exp.Distinct) else value


def _least_of(value: Expr) -> Expr:
    return exp.Array(expressions=[exp.Min(this=value)])
