"""What a source of crm.yaml is called in a warehouse, and its columns as the types they are taken for."""

from __future__ import annotations

import re
from pathlib import PurePosixPath

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from salesml.crm.bound import Bound
from salesml.crm.contract import Source
from salesml.snapshots.dialects.kinds import kind_of_type
from salesml.snapshots.dialects.names import SNOWFLAKE
from salesml.snapshots.dialects.refusal import UntranslatableError
from salesml.snapshots.sql import Expr, named

WIDE = {"HUGEINT": "DECIMAL(38, 0)", "UHUGEINT": "DECIMAL(38, 0)", "UBIGINT": "DECIMAL(20, 0)",
        "UINTEGER": "BIGINT", "USMALLINT": "INT", "UTINYINT": "SMALLINT", "UUID": "VARCHAR"}  # fmt: skip
"""Types of DuckDB that others lack, and what holds their values."""

SPELLED = {"postgresql": "postgres", "mssql": "tsql"}
"""Databases that sqlglot calls otherwise than SQLAlchemy."""


def table_name(source: Source) -> str:
    """``catalog.schema.table`` as it stands; of files the name of the file or of the innermost folder.

    ``data/orders.csv.gz``, ``data/orders/`` and ``data/orders/*.parquet`` are all called ``orders``.
    """
    if source.table:
        return source.table
    parts = [part for part in PurePosixPath(source.files).parts if not re.search(r"[*?\[]", part)]
    return parts[-1].split(".")[0] if parts else source.files


def raw_query(source: Source, bound: Bound, columns: list[str], dialect: str) -> exp.Select:
    """The columns of a source that are used, under DuckDB's names and each as the type it was found to have.

    A column of a CSV file, all of which are text, is read as text also where the warehouse's is not.
    """
    in_source = {ours: theirs for theirs, ours in bound.raw.names.items()}
    selected = [
        named(exp.cast(_column(in_source.get(name, name), dialect), _type(bound.raw.columns[name])), name)
        for name in columns
    ]
    return exp.Select().select(*selected).from_(_from(source, dialect))


def _from(source: Source, dialect: str) -> Expr:
    if not source.query:
        parts = [_identifier(part, dialect) for part in table_name(source).split(".")]
        keys = dict(zip(("this", "db", "catalog"), reversed(parts), strict=False))
        return exp.Table(**keys)
    try:
        backend = source.url.split(":")[0].split("+")[0]
        query = sqlglot.parse_one(source.query, read=SPELLED.get(backend, backend))
    except (SqlglotError, ValueError) as error:
        raise UntranslatableError(f"the query of a source: {str(error).splitlines()[0]}") from None
    return exp.Subquery(this=query, alias=exp.TableAlias(this=exp.to_identifier("asked", quoted=True)))


def _column(name: str, dialect: str) -> exp.Column:
    return exp.Column(this=_identifier(name, dialect))


def _identifier(name: str, dialect: str) -> exp.Identifier:
    """A quoted name; Snowflake keeps in capitals what was named without quotes."""
    if dialect == SNOWFLAKE and name == name.lower():
        name = name.upper()
    return exp.to_identifier(name, quoted=True)


def _type(kind: str) -> exp.DataType:
    """The type of a raw column; what is neither text, number, date nor truth is not used anyway."""
    name = kind.split("(")[0].upper()
    if kind_of_type(kind) == "text":
        return exp.DataType.build("TEXT")
    if kind_of_type(kind) == "timestamp":
        return exp.DataType.build("TIMESTAMP", dialect="duckdb")
    return exp.DataType.build(WIDE.get(name, kind), dialect="duckdb")


def used_columns(tree: Expr, bound: Bound) -> list[str]:
    """The columns of a raw relation that a query names, in the source's order."""
    named_there = {column.name for column in tree.find_all(exp.Column)}
    return [name for name in bound.raw.columns if name in named_there] or list(bound.raw.columns)[:1]
