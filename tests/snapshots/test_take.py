"""Snapshots of a company small enough to work out by hand, and of real data."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pyarrow as pa
import pytest

from salesml.config import read_spec
from salesml.crm import CRM
from salesml.errors import DataError, UsageError
from salesml.snapshots import snapshot_sql, take
from tests.snapshots.company import crm_of, day, order, spec_of

RETAIL = """
version: 1
currency: GBP
timezone: Europe/London
events:
  orders:
    source: {source}
    account: CustomerID
    at: InvoiceDate
    id: InvoiceNo
    measures: {{revenue: Quantity * UnitPrice}}
    returns: Quantity < 0
    words: order
"""


def rows(table: pa.Table) -> dict[tuple[str, dt.date], dict[str, object]]:
    return {(row["entity_id"], row["as_of"]): row for row in table.to_pylist()}


def test_features_of_one_account_worked_out_by_hand(tmp_path: Path) -> None:
    orders = [
        order("a", 0, "5.00", invoice="i0"),
        order("a", 20, "10.00", invoice="i1"),
        order("a", 20, "30.00", invoice="i1", channel="shop"),
        order("a", 26, "7.00", invoice="i2"),
        order("a", 27, "-7.00", invoice="i3", back=True),
        order("a", 60),
        order("b", 29, late=9),
        order("b", 80),
    ]
    snapshot = take(
        spec_of(tmp_path, value="orders.revenue"), crm_of(tmp_path, {"orders": orders}), [day(30)]
    )
    found = rows(snapshot.table)
    assert list(found) == [("a", day(30))], "what arrives late is not known yet"
    a = found["a", day(30)]
    expected = {
        "label": 1, "orders_count_7d": 1, "orders_count_30d": 3, "orders_revenue_sum_30d": 45,
        "orders_revenue_mean_30d": 52 / 3, "orders_revenue_max_30d": 40, "orders_returns_count_30d": 1,
        "orders_returns_revenue_30d": 7, "orders_active_days_30d": 3, "orders_recency": 4,
        "orders_since_first": 30, "orders_gap_mean": 13, "orders_gap_spread": 7,
        "orders_recency_to_gap": 4 / 13, "orders_count_trend_7d": (1 + 1) / (1 + 1),
        "orders_revenue_trend_7d": (0 - 40) / 40, "orders_channel_distinct_30d": 2,
        "orders_channel_top_share_30d": 3 / 4, "value": 45 * 20 / 30,
    }  # fmt: skip
    assert {name: a[name] for name in expected} == pytest.approx(expected)


@pytest.mark.parametrize(("first", "seen"), [(29, 21), (25, 25), (20, 30), (1, 30)])
def test_a_new_customer_is_worth_what_it_would_be_if_it_then_rested(
    tmp_path: Path, first: int, seen: int
) -> None:
    crm = crm_of(tmp_path, {"orders": [order("b", 0), order("a", first, "60.00"), order("b", 80)]})
    snapshot = take(spec_of(tmp_path, value="orders.revenue"), crm, [day(30)])
    assert rows(snapshot.table)["a", day(30)]["value"] == pytest.approx(60 * 20 / seen)


def test_registry_describes_every_column_in_order(tmp_path: Path) -> None:
    crm = crm_of(tmp_path, {"orders": [order("a", 0), order("a", 90)]})
    snapshot = take(spec_of(tmp_path), crm, [day(10)], labels=False)
    fixed = ["entity_id", "as_of", "rep_id", "value"]
    assert snapshot.table.column_names == fixed + [feature.name for feature in snapshot.features]
    words = {feature.name: feature.words for feature in snapshot.features}
    assert words["orders_count_30d"] == "orders in the last 30 days"
    assert all(feature.words and feature.group and feature.source for feature in snapshot.features)


def test_settings_of_the_connection_are_left_as_they_were(tmp_path: Path) -> None:
    crm = crm_of(tmp_path, {"orders": [order("a", 0), order("a", 90)]})
    with crm.connect() as con:
        con.execute("SET disabled_optimizers = 'top_n'")
        take(spec_of(tmp_path), crm, [day(10)], con=con)
        assert con.execute("SELECT current_setting('disabled_optimizers')").fetchall() == [("top_n",)]


def test_sql_is_the_query_that_ran(tmp_path: Path) -> None:
    crm = crm_of(tmp_path, {"orders": [order("a", 0), order("a", 90)]})
    spec = spec_of(tmp_path)
    snapshot = take(spec, crm, [day(10), day(20)])
    sql = snapshot_sql(spec, crm, [day(10), day(20)])
    assert sql == snapshot.sql
    with crm.connect() as con:
        again = con.sql(sql).to_arrow_table()
    assert again.to_pylist() == snapshot.table.to_pylist()


def test_dates_before_the_data_are_refused(tmp_path: Path) -> None:
    crm = crm_of(tmp_path, {"orders": [order("a", 5), order("a", 90)]})
    with pytest.raises(DataError) as caught:
        take(spec_of(tmp_path), crm, [day(5), day(20)])
    assert "At 2024-01-06 nothing was known yet: the data begin on 2024-01-06" in str(caught.value)
    assert "must lie after 2024-01-06" in str(caught.value)


def test_days_beyond_all_calendars_are_refused(tmp_path: Path) -> None:
    crm = crm_of(tmp_path, {"orders": [order("a", 5), order("a", 90)]})
    with pytest.raises(UsageError) as caught:
        take(spec_of(tmp_path, horizon_days=10**9, windows_days=[7, 10**9]), crm, [day(20)])
    assert "horizon_days is 1000000000. It may be at most 36500 days" in str(caught.value)
    assert "windows_days is 1000000000" in str(caught.value)
    with pytest.raises(UsageError) as caught:
        take(spec_of(tmp_path), crm, [dt.date(9999, 12, 31)])
    assert "The as-of date 9999-12-31 is too far away" in str(caught.value)


def test_spec_that_names_what_is_not_there_is_refused_whole(tmp_path: Path) -> None:
    crm = crm_of(tmp_path, {"orders": [order("a", 5), order("a", 90)]})
    label = {"kind": "inactivity", "events": "order", "inactive_days": 20}
    spec = spec_of(tmp_path, label=label, value="orders.revenu")
    with pytest.raises(UsageError) as caught:
        take(spec, crm, [day(20)])
    assert "label.events names 'order'" in str(caught.value)
    assert "Did you mean 'orders'?" in str(caught.value)
    assert "Did you mean 'revenue'?" in str(caught.value)


def test_an_account_that_stands_twice_is_refused(tmp_path: Path) -> None:
    accounts = [{"id": "a", "since": day(0)}, {"id": "a", "since": day(1)}]
    crm = crm_of(tmp_path, {"orders": [order("a", 5), order("a", 90)], "accounts": accounts})
    with pytest.raises(DataError) as caught:
        take(spec_of(tmp_path), crm, [day(20)])
    assert "Some accounts stand several times" in str(caught.value)
    assert caught.value.faults[0].examples == ("a",)


def test_a_log_called_events_and_rows_of_prospects(tmp_path: Path) -> None:
    (tmp_path / "e.csv").write_text(
        "who,lead,at,n\na,,2024-01-05,1\n,p,2024-01-06,2\na,,2024-03-30,3\n", encoding="utf-8"
    )
    (tmp_path / "crm.yaml").write_text(
        "events:\n"
        "  events: {source: e.csv, account: who, prospect: lead, at: at, measures: {n: n}}\n"
        "  days: {source: e.csv, account: who, prospect: lead, at: at, measures: {n: n}}\n"
    )
    label = {"kind": "inactivity", "events": "events", "inactive_days": 20}
    table = take(spec_of(tmp_path, label=label), CRM.open(tmp_path / "crm.yaml"), [day(20)]).table
    rows = table.select(["entity_id", "events_n_sum_30d", "days_n_sum_30d", "label"]).to_pylist()
    assert rows == [{"entity_id": "a", "events_n_sum_30d": 1.0, "days_n_sum_30d": 1.0, "label": 1}]


@pytest.mark.parametrize("threads", [1, 2])
def test_online_retail_labels(data: Path, tmp_path: Path, threads: int) -> None:
    (tmp_path / "crm.yaml").write_text(RETAIL.format(source=data / "online_retail" / "transactions.parquet"))
    (tmp_path / "churn.yaml").write_text(
        "task: churn\nvalue: orders.revenue\n"
        "label: {kind: inactivity, events: orders, inactive_days: 90, active_within_days: 180}\n"
    )
    crm = CRM.open(tmp_path / "crm.yaml")
    with crm.connect(threads=threads) as con:
        snapshot = take(read_spec(tmp_path / "churn.yaml"), crm, [dt.date(2011, 9, 9)], con=con)
    labels = snapshot.table.column("label").to_pylist()
    assert len(labels) == 2779
    assert round(100 * sum(labels) / len(labels), 1) == 38.5
