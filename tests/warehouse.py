"""A company's tables in PostgreSQL, and rows of two engines side by side."""

from __future__ import annotations

import csv
import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import sqlalchemy as sa

from tests.postgres import Server, running

TYPES: dict[Any, str] = {
    pa.string(): "text", pa.int64(): "bigint", pa.date32(): "date", pa.bool_(): "boolean",
    pa.float64(): "double precision", pa.timestamp("us"): "timestamp",
    pa.timestamp("us", "UTC"): "timestamptz",
}  # fmt: skip


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with running() as server:
        yield server


@pytest.fixture
def schema(server: Server) -> Iterator[sa.Connection]:
    """A connection to an empty schema."""
    engine = sa.create_engine(server.url)
    with engine.connect() as con:
        con.exec_driver_sql("CREATE SCHEMA made")
        con.exec_driver_sql("SET search_path = made")
        yield con
        con.rollback()
    engine.dispose()


def load(con: sa.Connection, folder: Path) -> None:
    """Every Parquet and CSV file of a folder as a table of its name."""
    for file in folder.glob("*.parquet"):
        table = pq.read_table(file)
        rows = [tuple(row.values()) for row in table.to_pylist()]
        _table(con, file.stem, {each.name: _type(each.type) for each in table.schema}, rows)
    for file in folder.glob("*.csv"):
        with file.open(newline="", encoding="utf-8") as lines:
            header, *cells = csv.reader(lines)
        filled = [tuple(cell or None for cell in row) for row in cells]
        _table(con, file.stem, dict.fromkeys(header, "text"), filled)


def _type(kind: pa.DataType) -> str:
    return TYPES.get(kind) or f"numeric({kind.precision}, {kind.scale})"


def _table(con: sa.Connection, name: str, columns: dict[str, str], rows: list[tuple[Any, ...]]) -> None:
    described = ", ".join(f'"{column}" {type_}' for column, type_ in columns.items())
    con.exec_driver_sql(f"CREATE TABLE {name} ({described})")
    if rows:
        con.exec_driver_sql(f"INSERT INTO {name} VALUES ({', '.join(['%s'] * len(columns))})", rows)


def ask(con: sa.Connection, sql: str) -> list[dict[str, Any]]:
    """The rows of a query as it stands."""
    rows = con.exec_driver_sql(sql, execution_options={"no_parameters": True}).mappings()
    return [dict(row) for row in rows]


def assert_same(
    found: list[dict[str, Any]], expected: list[dict[str, Any]], key: tuple[str, ...] = ("entity_id", "as_of")
) -> None:
    """The same rows in the same order, numbers bit by bit."""
    assert expected
    assert [tuple(row[name] for name in key) for row in found] == [
        tuple(row[name] for name in key) for row in expected
    ]
    wrong = {
        (*(other[each] for each in key), name): (one[name], other[name])
        for one, other in zip(found, expected, strict=True)
        for name in other
        if not same(one[name], other[name])
    }
    assert not wrong, wrong
    assert all(list(one) == list(other) for one, other in zip(found, expected, strict=True))


def same(one: Any, other: Any) -> bool:
    if isinstance(other, float):
        return isinstance(one, float) and math.copysign(1, one) == math.copysign(1, other) and one == other
    return type(one) is type(other) and bool(one == other)
