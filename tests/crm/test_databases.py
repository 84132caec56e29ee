from __future__ import annotations

import datetime as dt
import sqlite3
from contextlib import closing
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from salesml.crm import databases
from salesml.crm.contract import Source
from salesml.crm.databases import export
from salesml.errors import DataError, OutsideError, SalesmlError
from tests.crm.conftest import Make

SOURCE = "{url: 'sqlite:///shop.db', table: orders}"
LOG = f"events: {{orders: {{source: {SOURCE}, account: who, at: at, measures: {{m: m}}}}}}"


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """A SQLite database with orders, whose columns may hold anything."""
    path = tmp_path / "shop.db"
    with closing(sqlite3.connect(path)) as con, con:
        con.execute('CREATE TABLE orders (who TEXT, "at" TEXT, m REAL, "odd name" ANY)')
        rows = [("001", "2024-01-01", 1.5, 1), ("001", "2024-01-02", None, "x"), ("2", "2024-01-03", 2, None)]
        con.executemany("INSERT INTO orders VALUES (?, ?, ?, ?)", rows)
        con.execute("CREATE TABLE empty (who TEXT)")
    return path


def test_a_table(shop: Path, make: Make) -> None:
    crm = make(LOG)
    with crm.connect() as con:
        rows = con.execute("SELECT account, day, m_m FROM events_orders ORDER BY day").fetchall()
    assert [row[0] for row in rows] == ["001", "001", "2"]
    assert rows[0][1] == dt.date(2024, 1, 1)
    assert crm.check(dt.date(2024, 6, 1)).faults == ()


def test_a_query(shop: Path, make: Make) -> None:
    query = "{url: 'sqlite:///shop.db', query: 'SELECT who, max(at) AS at FROM orders GROUP BY who'}"
    crm = make(f"events: {{orders: {{source: {query}, account: who, at: at}}}}")
    assert crm.observed("orders").days == 2


@pytest.mark.parametrize("chunk", [1, 2, 3, 100])
def test_chunks_of_other_types_become_one(
    shop: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, chunk: int
) -> None:
    monkeypatch.setattr(databases, "CHUNK", chunk)
    to = tmp_path / "out.parquet"
    digest = export(Source(url="sqlite:///shop.db", table="orders"), tmp_path, "t", to)
    table = pq.read_table(to).to_pydict()
    assert table["m"] == [1.5, None, 2.0]
    assert table["odd name"] == ["1", "x", None]
    assert digest == export(
        Source(url="sqlite:///shop.db", query="SELECT * FROM orders ORDER BY m"), tmp_path, "t", to
    )
    assert list(tmp_path.glob("*.part")) == []


def test_a_query_is_taken_as_it_stands(shop: Path, tmp_path: Path) -> None:
    query = "SELECT who, ' :x %s' AS odd FROM orders WHERE who LIKE '0%'"
    export(Source(url="sqlite:///shop.db", query=query), tmp_path, "t", tmp_path / "out.parquet")
    assert pq.read_table(tmp_path / "out.parquet").to_pydict() == {"who": ["001"] * 2, "odd": [" :x %s"] * 2}


@pytest.mark.parametrize("query", ["DELETE FROM orders", "SELECT 1; SELECT 2"])
def test_a_query_that_is_none(shop: Path, tmp_path: Path, query: str) -> None:
    with pytest.raises(DataError, match="refuses the query"):
        export(Source(url="sqlite:///shop.db", query=query), tmp_path, "t", tmp_path / "out.parquet")
    with closing(sqlite3.connect(shop)) as con:
        assert con.execute("SELECT count(*) FROM orders").fetchone() == (3,)


def test_the_fingerprint_is_of_the_rows(shop: Path, make: Make) -> None:
    before = make(LOG).fingerprint()
    assert make(LOG).fingerprint() == before
    with closing(sqlite3.connect(shop)) as con, con:
        con.execute("UPDATE orders SET m = 9 WHERE who = '2'")
    assert make(LOG).fingerprint() != before


def test_an_empty_table_is_reported(shop: Path, make: Make) -> None:
    report = make("accounts: {source: {url: 'sqlite:///shop.db', table: empty}, id: who}").check()
    assert [fault.code for fault in report.faults] == ["no-rows"]


def test_a_missing_table_is_a_fault_with_the_nearest(shop: Path, make: Make) -> None:
    (fault,) = make(LOG.replace("table: orders", "table: order")).check().faults
    assert fault.code == "missing-table"
    assert "no table 'order'. Did you mean 'orders'?" in str(fault)


def test_a_query_that_is_refused(shop: Path, make: Make) -> None:
    (fault,) = make(LOG.replace("table: orders", "query: SELECT nowt FROM orders")).check().faults
    assert fault.code == "missing-table"
    assert "no such column: nowt" in fault.found


def test_a_missing_file_is_not_created(tmp_path: Path, make: Make) -> None:
    (fault,) = make(LOG).check().faults
    assert fault.code == "missing-file"
    assert not (tmp_path / "shop.db").exists()


@pytest.mark.parametrize("url", ["no url", "nosuch://user:secret@host/db", "http://user:secret@host", "://"])
def test_a_bad_url_names_no_password(make: Make, url: str) -> None:
    crm = make(f"accounts: {{source: {{url: '{url}', table: t}}, id: id}}")
    (fault,) = crm.check().faults
    assert fault.code == "bad-value"
    assert "secret" not in str(fault)


def test_a_database_that_is_away_is_outside(make: Make) -> None:
    url = "postgresql+psycopg://user:top%20secret@127.0.0.1:9/db?connect_timeout=2"
    crm = make(f"accounts: {{source: {{url: '{url}', table: t}}, id: id}}")
    with pytest.raises(OutsideError) as caught:
        crm.check()
    assert caught.value.exit_code == 4
    assert "user:***@127.0.0.1:9/db" in str(caught.value)
    everything = str(caught.value) + repr(caught.value) + repr(crm) + repr(crm.contract) + crm.contract.text
    assert "secret" not in everything
    assert caught.value.__suppress_context__


@pytest.mark.parametrize("key", ["password", "sslpassword", "options", "passfile"])
def test_the_query_of_a_url_stands_in_no_message(make: Make, key: str) -> None:
    url = f"postgresql+psycopg://127.0.0.1:9/db?user=x&connect_timeout=2&{key}=S3cretQ"
    crm = make(f"accounts: {{source: {{url: '{url}', table: people}}, id: id}}")
    with pytest.raises(SalesmlError) as caught:
        crm.relations()
    assert "postgresql+psycopg://127.0.0.1:9/db" in str(caught.value)
    assert "S3cretQ" not in str(caught.value)


def test_variables_stand_for_secrets(shop: Path, make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    crm = make(LOG.replace("shop.db", "$SHOP_FILE"))
    assert "SHOP_FILE, which is not set" in crm.check().faults[0].found
    monkeypatch.setenv("SHOP_FILE", "shop.db")
    assert make(LOG.replace("shop.db", "${SHOP_FILE}")).check(dt.date(2024, 6, 1)).faults == ()


def test_both_or_neither_of_table_and_query() -> None:
    with pytest.raises(DataError):
        export(Source(url="sqlite:///none.db", table="x"), Path(), "t", Path("x"))
