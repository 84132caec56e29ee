"""Snapshots that Spark takes, row by row against DuckDB's."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from salesml.config import Spec
from salesml.crm import CRM
from salesml.errors import DataError, UsageError
from salesml.snapshots import take
from salesml.snapshots.engines.spark_crm import SparkCRM
from salesml.snapshots.engines.spark_take import SparkSnapshot, take_with_spark
from tests.histories import company_crm, leads_crm
from tests.snapshots.company import conversion_of, crm_of, day, order, spec_of
from tests.sparked import spark, started  # noqa: F401
from tests.warehouse import assert_same

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

DATES = [day(47), day(70), day(100)]


def rows(taken: SparkSnapshot) -> list[dict[str, Any]]:
    found = [row.asDict() for row in taken.frame.collect()]
    return sorted(found, key=lambda row: (row["as_of"], row["entity_id"].encode()))


def compare(spec: Spec, crm: CRM, there: SparkSession, *, labels: bool) -> None:
    expected = take(spec, crm, DATES, labels=labels)
    with take_with_spark(spec, SparkCRM(crm.contract, there), DATES, labels=labels) as taken:
        assert_same(rows(taken), expected.table.to_pylist())
        assert taken.features == expected.features
        assert taken.dropped == expected.dropped
        assert [taken.frame.schema[name].dataType.simpleString() for name in expected.table.column_names] == [
            SPARK[kind] for kind in expected.table.schema.types
        ]
        if not labels:
            problems = {tuple(row) for row in taken.unscorable.collect()}
            assert expected.unscorable is not None
            assert problems == {tuple(row.values()) for row in expected.unscorable.to_pylist()}


SPARK = {
    pa.string(): "string", pa.date32(): "date", pa.float64(): "double", pa.int8(): "tinyint",
}  # fmt: skip


def test_customers(spark: SparkSession, tmp_path: Path) -> None:  # noqa: F811
    spec = spec_of(tmp_path, value="orders.revenue", windows_days=[7, 40])
    compare(spec, company_crm(tmp_path, 0), spark, labels=True)


OF_CUSTOMERS = {
    "spent": {
        "sql": "SELECT account AS entity_id, sum(m_revenue) AS total, round(avg(m_pieces), 1) AS pieces, "
        "count(DISTINCT c_channel) AS channels, "
        "max(CASE WHEN starts_with(lower(c_channel), 'é') THEN 1 END) AS odd, "
        "greatest(max(m_revenue), 0) / nullif(count_if(day > :as_of - 50), 0) AS rate, "
        "datediff('day', min(day), :as_of) AS since FROM events_orders GROUP BY account"
    },
    "newest": {
        "sql": "WITH placed AS (SELECT account, m_pieces, upper(coalesce(c_channel, '?')) AS channel, day, "
        "lag(day) OVER (PARTITION BY account ORDER BY day, m_revenue, m_pieces, c_channel) AS before, "
        "row_number() OVER (PARTITION BY account ORDER BY day DESC, m_revenue DESC, m_pieces DESC, "
        "c_channel DESC) AS n FROM events_orders) SELECT account AS entity_id, channel, "
        "datediff('day', before, day) AS gap, m_pieces % 4 AS rest, sqrt(abs(m_pieces)) AS root "
        "FROM placed WHERE n = 1"
    },
}
OF_PROSPECTS = {
    "work": {
        "sql": "SELECT prospect AS entity_id, sum(hours) AS hours, max(cost) AS most, "
        "count_if(regexp_matches(kind, '^c')) AS calls, max(trim(kind)) AS kind "
        "FROM activities GROUP BY prospect"
    }
}


def test_own_features_of_customers(spark: SparkSession, tmp_path: Path) -> None:  # noqa: F811
    compare(spec_of(tmp_path, features=OF_CUSTOMERS), company_crm(tmp_path, 2), spark, labels=False)


def test_contracts_that_end(spark: SparkSession, tmp_path: Path) -> None:  # noqa: F811
    spec = spec_of(tmp_path, label={"kind": "contract"}, horizon_days=25)
    compare(spec, company_crm(tmp_path, 3), spark, labels=True)


@pytest.mark.parametrize("labels", [False, True])
def test_prospects(spark: SparkSession, tmp_path: Path, labels: bool) -> None:  # noqa: F811
    spec = conversion_of(tmp_path, features=OF_PROSPECTS)
    compare(spec, leads_crm(tmp_path, 1 + labels), spark, labels=labels)


def test_tables_of_a_catalog_and_own_features(spark: SparkSession, tmp_path: Path) -> None:  # noqa: F811
    """The same rows from a table of the catalog as from the file it was made of."""
    made = [order("a", at, str(at), channel="web") for at in range(0, 120, 7)] + [order("b", 90)]
    crm = crm_of(tmp_path, {"orders": made})
    spark.sql("CREATE DATABASE IF NOT EXISTS sales")
    spark.read.parquet(str(tmp_path / "orders.parquet")).write.mode("overwrite").saveAsTable("sales.orders")
    own = {"best": {"sql": "SELECT account AS entity_id, max(m_revenue) AS most, avg(m_pieces) AS mean, "
                    "count_if(day > :as_of - 30) AS fresh FROM events_orders GROUP BY account"}}  # fmt: skip
    spec = spec_of(tmp_path, features=own)
    expected = take(spec, crm, [day(100)], labels=False).table.to_pylist()
    there = crm_of(tmp_path, {"orders": made}, orders={"source": {"table": "spark_catalog.sales.orders"}})
    with take_with_spark(spec, SparkCRM(there.contract, spark), [day(100)]) as taken:
        assert_same(rows(taken), expected)
    with pytest.raises(DataError, match="of a catalog, which DuckDB does not see"):
        take(spec, there, [day(100)])


def test_faults_of_the_tables_are_found(spark: SparkSession, tmp_path: Path) -> None:  # noqa: F811
    accounts = [{"id": "a", "since": day(0)}, {"id": "a", "since": day(1)}, {"id": "b", "since": day(200)}]
    crm = crm_of(tmp_path, {"orders": [order("a", 5), order("a", 90), order("q", 7)], "accounts": accounts})
    ours, theirs = SparkCRM(crm.contract, spark), crm
    found = {(each.code, each.found) for each in ours.check(day(91)).faults}
    assert found == {(each.code, each.found) for each in theirs.check(day(91)).faults}
    assert "duplicate-key" in {code for code, _ in found}
    with (
        pytest.raises(DataError, match="Some accounts stand several times"),
        take_with_spark(spec_of(tmp_path), ours, [day(20)]),
    ):
        pass


def test_what_spark_cannot_read_is_said(spark: SparkSession, tmp_path: Path) -> None:  # noqa: F811
    for source, words in (
        ({"table": "nowhere.orders"}, "no table 'nowhere.orders'"),
        ({"url": "sqlite:///x.db", "table": "orders"}, "one machine"),
    ):
        crm = crm_of(tmp_path, {"orders": [order("a", 5)]}, orders={"source": source})
        with pytest.raises(DataError, match=words):
            SparkCRM(crm.contract, spark).relations()
    crm = crm_of(tmp_path, {"orders": [order("a", 5), order("a", 90)]})
    own = {
        "odd": {"sql": "SELECT account AS entity_id, median(m_revenue) AS m FROM events_orders GROUP BY 1"}
    }
    with (
        pytest.raises(UsageError, match="median has no counterpart in Spark"),
        take_with_spark(spec_of(tmp_path, features=own), SparkCRM(crm.contract, spark), [day(20)]),
    ):
        pass


def test_a_damaged_page_is_not_read_as_another_value(spark: SparkSession, tmp_path: Path) -> None:  # noqa: F811
    path = tmp_path / "t.parquet"
    pq.write_table(
        pa.table({"a": [float(row) for row in range(1000)]}), path,
        write_page_checksum=True, use_dictionary=False, compression="none",
    )  # fmt: skip
    data = bytearray(path.read_bytes())
    data[900] ^= 4
    path.write_bytes(data)
    from py4j.protocol import Py4JError

    with pytest.raises(Py4JError, match="FAILED_READ_FILE"):
        spark.read.parquet(str(path)).collect()
