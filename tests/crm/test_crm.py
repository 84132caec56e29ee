from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from salesml.crm import CRM
from salesml.errors import DataError
from salesml.windows import Window
from tests.crm.conftest import Make

ORDERS = """
events:
  orders:
    source: orders.csv
    account: customer
    at: ordered
    known_at: loaded
    id: invoice
    measures: {revenue: quantity * price}
    categories: [shop]
    where: shop <> 'test'
    returns: quantity < 0
"""
ROWS = """
customer,ordered,loaded,invoice,quantity,price,shop
007,2024-01-31 23:30:00,2024-02-02,A1,2,1.25,north
007,2024-02-01,,A2,-1,1.25,north
8,2024-02-03T00:30:00+02:00,2024-02-01,A3,1,10,south
8,2024-02-03,,A4,1,10,test
,2024-02-03,,A5,1,10,south
"""


def rows(crm: CRM, query: str) -> list[tuple[object, ...]]:
    with crm.connect() as con:
        return con.execute(query).fetchall()


def test_events_become_canonical_rows(make: Make) -> None:
    crm = make("timezone: Europe/London" + ORDERS, orders_csv=ROWS)
    query = 'SELECT account, day, known_day, "at", event_id, is_return, m_revenue, c_shop FROM events_orders'
    found = rows(crm, query + " ORDER BY event_id")
    assert [row[:3] for row in found] == [
        ("007", dt.date(2024, 1, 31), dt.date(2024, 2, 2)),
        ("007", dt.date(2024, 2, 1), dt.date(2024, 2, 1)),
        ("8", dt.date(2024, 2, 2), dt.date(2024, 2, 2)),
    ]
    assert found[2][3] == dt.datetime(2024, 2, 2, 22, 30)
    assert [row[5] for row in found] == [False, True, False]
    assert [str(row[6]) for row in found] == ["2.500000", "-1.250000", "10.000000"]


def test_accounts_are_derived_from_the_first_event(make: Make) -> None:
    crm = make(ORDERS, orders_csv=ROWS)
    assert rows(crm, "SELECT id, acquired_at, name FROM accounts ORDER BY id") == [
        ("007", dt.date(2024, 1, 31), None),
        ("8", dt.date(2024, 2, 2), None),
    ]


def test_accounts_without_a_start_take_the_first_event(make: Make) -> None:
    contract = "accounts: {source: accounts.csv, id: id, attributes: [size, zip]}" + ORDERS
    crm = make(contract, orders_csv=ROWS, accounts_csv="id,size,zip\n007,10,01234\n9,,99999\n")
    assert rows(crm, "SELECT id, acquired_at, a_size, a_zip FROM accounts ORDER BY id") == [
        ("007", dt.date(2024, 1, 31), 10.0, "01234"),
        ("9", None, None, "99999"),
    ]


def test_observed(make: Make) -> None:
    crm = make(ORDERS, orders_csv=ROWS)
    assert crm.observed("orders") == Window(dt.date(2024, 1, 31), dt.date(2024, 2, 3))
    assert crm.observed("events.orders") == crm.observed("orders")
    assert crm.observed_until() == dt.date(2024, 2, 3)
    with pytest.raises(DataError, match="no table 'visits'"):
        crm.observed("visits")


def test_the_contract_says_until_when_it_was_observed(make: Make) -> None:
    crm = make("observed_until: 2024-03-01" + ORDERS, orders_csv=ROWS)
    assert crm.observed_until() == dt.date(2024, 3, 1)


def test_opening_reads_the_contract_only(make: Make) -> None:
    crm = make(ORDERS)
    assert "events.orders" in repr(crm)
    with pytest.raises(DataError, match=r"orders.csv does not exist"):
        crm.relations()


def test_fingerprint_changes_with_a_byte(make: Make, tmp_path: Path) -> None:
    before = make(ORDERS, orders_csv=ROWS).fingerprint()
    assert make(ORDERS, orders_csv=ROWS).fingerprint() == before
    assert make(ORDERS, orders_csv=ROWS.replace("10,south", "11,south")).fingerprint() != before
