"""What sources of crm.yaml are called in a warehouse, and how their columns are read."""

from __future__ import annotations

from pathlib import Path

import pytest

from salesml.crm.contract import Source
from salesml.errors import UsageError
from salesml.snapshots import snapshot_sql
from salesml.snapshots.dialects.sources import table_name
from tests.snapshots.company import crm_of, day, order, spec_of


@pytest.mark.parametrize(
    ("source", "name"),
    [
        (Source(files="data/orders.csv.gz"), "orders"),
        (Source(files="data/orders/"), "orders"),
        (Source(files="data/orders/2024-*.parquet"), "orders"),
        (Source(files="/srv/crm/orders/*/*.parquet"), "orders"),
        (Source(table="main.sales.orders"), "main.sales.orders"),
        (Source(url="postgresql://x", table="sales.orders"), "sales.orders"),
    ],
)
def test_names(source: Source, name: str) -> None:
    assert table_name(source) == name


@pytest.mark.parametrize(
    ("dialect", "words"),
    [
        ("snowflake", 'CAST("CUSTOMER" AS VARCHAR) AS "customer"'),
        ("snowflake", 'FROM "MAIN"."SALES"."ORDERS"'),
        ("bigquery", "CAST(`amount` AS NUMERIC"),
        ("bigquery", "FROM `main`.`sales`.`orders`"),
        ("postgres", '"c_channel"'),
        ("spark", "-- Reads the tables main.sales.orders.\n-- Run it in a session whose time zone is UTC."),
    ],
)
def test_the_tables_of_a_warehouse(tmp_path: Path, dialect: str, words: str) -> None:
    crm = crm_of(tmp_path, {"orders": [order("a", 5), order("a", 90)]})
    sql = snapshot_sql(spec_of(tmp_path), crm, [day(20)], labels=False, dialect=dialect)
    assert "-- Reads the tables orders." in sql
    # The types come from the file; the name is then that of a table of a warehouse.
    object.__setattr__(crm.contract.events["orders"].source, "table", "main.sales.orders")
    assert words in snapshot_sql(spec_of(tmp_path), crm, [day(20)], labels=False, dialect=dialect)


def test_what_has_no_counterpart_is_refused_in_words(tmp_path: Path) -> None:
    crm = crm_of(tmp_path, {"orders": [order("a", 5), order("a", 90)]})
    own = {"odd": {"sql": "SELECT account AS entity_id, median(m_pieces) AS m FROM events_orders GROUP BY 1"}}
    with pytest.raises(UsageError, match="the function median has no counterpart in postgres"):
        snapshot_sql(spec_of(tmp_path, features=own), crm, [day(20)], labels=False, dialect="postgres")
