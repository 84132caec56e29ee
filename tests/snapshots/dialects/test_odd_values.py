"""Odd values and every form of expression of crm.yaml, in PostgreSQL and Spark as in DuckDB."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa
from sqlglot import exp

from salesml.snapshots.engines.spark_crm import SparkCRM
from salesml.snapshots.portable import portable_sql
from salesml.snapshots.sql import col, rel, rising, select
from tests.odd import RELATIONS, in_duckdb, odd_crm
from tests.sparked import spark, started  # noqa: F401
from tests.warehouse import ask, assert_same, load, schema, server  # noqa: F401

if TYPE_CHECKING:
    from pyspark.sql import SparkSession


def everything(relation: str) -> exp.Select:
    return select(exp.Star(), source=rel(relation)).order_by(rising(col(RELATIONS[relation])))


def test_postgres(schema: sa.Connection, tmp_path: Path) -> None:  # noqa: F811
    crm = odd_crm(tmp_path)
    load(schema, tmp_path)
    for relation, key in RELATIONS.items():
        found = ask(schema, portable_sql(everything(relation), crm, "postgres"))
        assert_same(found, in_duckdb(crm, relation), (key,))


def test_spark(spark: SparkSession, tmp_path: Path) -> None:  # noqa: F811
    crm = odd_crm(tmp_path)
    con = SparkCRM(crm.contract, spark).connect()
    for relation, key in RELATIONS.items():
        found = [row.asDict() for row in con.frame(everything(relation)).collect()]
        assert_same(found, in_duckdb(crm, relation), (key,))


@pytest.mark.parametrize("dialect", ["snowflake", "bigquery"])
def test_others_are_written(tmp_path: Path, dialect: str) -> None:
    sql = portable_sql(everything("events_typed"), odd_crm(tmp_path), dialect)
    assert "TRY_CAST" not in sql
    assert "raw_events_typed" in sql
