"""Tables of a real PostgreSQL server."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

import pytest
import sqlalchemy as sa

from salesml.errors import OutsideError
from tests.crm.conftest import Make
from tests.postgres import PASSWORD, Server, running


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with running() as server:
        _fill(server.url)
        yield server


def _fill(url: str) -> None:
    engine = sa.create_engine(url)
    with engine.begin() as con:
        con.execute(
            sa.text(
                'CREATE TABLE orders (who bigint, "At" timestamptz, loaded date, amount numeric(12, 2), '
                "ratio double precision, paid boolean, note text, key uuid, extra jsonb)"
            )
        )
        con.execute(
            sa.text(
                "INSERT INTO orders SELECT n % 100, "
                "timestamptz '2024-01-01 23:30:00+00' + n * interval '1 minute' * 10, "
                "NULL, n + 0.25, n / 3.0, n % 2 = 0, 'ü' || n, gen_random_uuid(), '{\"a\": 1}' "
                "FROM generate_series(1, 60000) AS n"
            )
        )
        con.execute(sa.text("CREATE SCHEMA sales"))
        con.execute(sa.text("CREATE VIEW sales.few AS SELECT * FROM orders LIMIT 3"))
    engine.dispose()


def contract(url: str, table: str = "orders", zone: str = "Europe/London") -> str:
    return f"""
    timezone: {zone}
    events:
      orders:
        source: {{url: "{url}", table: {table}}}
        account: who
        at: At
        known_at: loaded
        id: key
        measures: {{amount: amount, doubled: amount * 2}}
        categories: [note, paid]
        where: ratio > 0
    """


def test_a_table_of_a_server(server: Server, make: Make) -> None:
    crm = make(contract(server.url))
    with crm.connect() as con:
        row = con.execute(
            "SELECT count(*), count(DISTINCT account), sum(m_amount), min(day), count(DISTINCT event_id) "
            "FROM events_orders"
        ).fetchone()
        first = con.execute(
            'SELECT account, day, "at", c_paid FROM events_orders ORDER BY "at" LIMIT 1'
        ).fetchone()
    assert row is not None
    assert (row[0], row[1], row[3], row[4]) == (60000, 100, dt.date(2024, 1, 1), 60000)
    assert str(row[2]) == "1800045000.000000"
    assert first == ("1", dt.date(2024, 1, 1), dt.datetime(2024, 1, 1, 23, 40), "false")


def test_days_are_those_of_the_contract_zone(server: Server, make: Make) -> None:
    crm = make(contract(server.url, zone="Asia/Tokyo"))
    assert crm.observed("orders").start == dt.date(2024, 1, 2)


def test_a_view_in_a_schema(server: Server, make: Make) -> None:
    with make(contract(server.url, "sales.few")).connect() as con:
        assert con.execute("SELECT count(*) FROM events_orders").fetchone() == (3,)


def test_a_query_is_taken_as_it_stands(server: Server, make: Make) -> None:
    query = "SELECT *, ' :x %s' AS odd, loaded::text AS late FROM orders WHERE note LIKE 'ü1%'"
    text = contract(server.url).replace("table: orders", f'query: "{query}"')
    with make(text).connect() as con:
        assert con.execute("SELECT count(*) FROM events_orders").fetchone() == (11_111,)


def test_a_missing_table_names_the_nearest(server: Server, make: Make) -> None:
    (fault,) = make(contract(server.url, "ordrs")).check().faults
    assert "no table 'ordrs'. Did you mean 'orders'?" in str(fault)
    assert PASSWORD not in str(fault)


def test_a_wrong_password_is_not_repeated(server: Server, make: Make) -> None:
    url = server.url.replace(PASSWORD, "wrong-one")
    with pytest.raises(OutsideError) as caught:
        make(contract(url)).check()
    assert "password authentication failed" in str(caught.value)
    assert "wrong-one" not in str(caught.value)


def test_a_refused_query(server: Server, make: Make) -> None:
    text = contract(server.url).replace("table: orders", 'query: "SELECT nothing FROM orders"')
    (fault,) = make(text).check().faults
    assert fault.code == "missing-table"
    assert 'column "nothing" does not exist' in fault.found


def test_a_server_that_stops_is_outside(server: Server, make: Make) -> None:
    server.stop()
    try:
        with pytest.raises(OutsideError) as caught:
            make(contract(server.url)).check()
    finally:
        server.start()
    assert caught.value.code == "database-away"
    assert PASSWORD not in str(caught.value)
