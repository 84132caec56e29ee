"""The SQL for other dialects: run by PostgreSQL, it gives DuckDB's rows; for others it is looked at."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import sqlalchemy as sa

from salesml.config import Spec
from salesml.crm import CRM
from salesml.snapshots import snapshot_sql, take
from tests.crm.test_postgres import Server, server  # noqa: F401
from tests.histories import company_crm, leads_crm
from tests.snapshots.company import conversion_of, day, spec_of

TYPES: dict[Any, str] = {
    pa.string(): "text", pa.int64(): "bigint", pa.date32(): "date", pa.bool_(): "boolean",
    pa.float64(): "double precision", pa.timestamp("us"): "timestamp",
    pa.timestamp("us", "UTC"): "timestamptz",
}  # fmt: skip


@pytest.fixture
def schema(server: Server) -> Iterator[sa.Connection]:  # noqa: F811
    """A connection to an empty schema."""
    engine = sa.create_engine(server.url)
    with engine.connect() as con:
        con.exec_driver_sql("CREATE SCHEMA made")
        con.exec_driver_sql("SET search_path = made")
        yield con
        con.rollback()
    engine.dispose()


def load(con: sa.Connection, folder: Path) -> None:
    """Every Parquet file of a folder as a table of its name."""
    for file in folder.glob("*.parquet"):
        table = pq.read_table(file)
        types = [TYPES.get(each.type) or f"numeric({each.type.precision}, {each.type.scale})"
                 for each in table.schema]  # fmt: skip
        columns = ", ".join(
            f'"{name}" {type_}' for name, type_ in zip(table.column_names, types, strict=True)
        )
        con.exec_driver_sql(f"CREATE TABLE {file.stem} ({columns})")
        marks = ", ".join(["%s"] * table.num_columns)
        rows = [tuple(row.values()) for row in table.to_pylist()]
        if rows:
            con.exec_driver_sql(f"INSERT INTO {file.stem} VALUES ({marks})", rows)


def compare(con: sa.Connection, spec: Spec, crm: CRM, as_of: Sequence[int], *, labels: bool = False) -> None:
    dates = [day(number) for number in as_of]
    expected = take(spec, crm, dates, labels=labels).table.to_pylist()
    load(con, crm.folder)
    sql = snapshot_sql(spec, crm, dates, labels=labels, dialect="postgres")
    rows = con.exec_driver_sql(sql, execution_options={"no_parameters": True}).mappings()
    assert_same([dict(row) for row in rows], expected)


def assert_same(found: list[dict[str, Any]], expected: list[dict[str, Any]]) -> None:
    """The same rows in the same order, numbers bit by bit."""
    assert expected
    assert len(found) == len(expected)
    for one, other in zip(found, expected, strict=True):
        assert list(one) == list(other)
        wrong = {name: (one[name], other[name]) for name in other if not same(one[name], other[name])}
        assert not wrong, (other["entity_id"], other["as_of"])


def same(one: Any, other: Any) -> bool:
    if isinstance(other, float):
        return isinstance(one, float) and math.copysign(1, one) == math.copysign(1, other) and one == other
    return type(one) is type(other) and bool(one == other)


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("late", [True, False])
def test_customers(schema: sa.Connection, tmp_path: Path, seed: int, late: bool) -> None:
    crm = company_crm(tmp_path, seed, orders={} if late else {"known_at": None, "id": None})
    spec = spec_of(tmp_path, value="orders.revenue", windows_days=[7, 14, 40])
    compare(schema, spec, crm, [47, 70, 100], labels=True)


@pytest.mark.parametrize("seed", range(3))
def test_prospects(schema: sa.Connection, tmp_path: Path, seed: int) -> None:
    compare(schema, conversion_of(tmp_path), leads_crm(tmp_path, seed), [47, 70, 100], labels=True)
