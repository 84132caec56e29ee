"""The numbers do not depend on threads, on the other as-of dates, or on the form of the query."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
import sqlglot

from salesml.snapshots import snapshot_sql, take
from salesml.snapshots.ask import ask
from salesml.snapshots.query import compose
from tests.snapshots.company import order, spec_of
from tests.test_leakage import as_bytes, company, crm_of, day

DAYS = [40, 47, 61, 75]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made: Path = tmp_path_factory.mktemp("company")
    return made


def test_threads_do_not_matter(folder: Path) -> None:
    crm, spec = crm_of(folder, company()), spec_of(folder, value="orders.revenue")
    tables = []
    for threads in (1, 2):
        with crm.connect(threads=threads) as con:
            tables.append(as_bytes(take(spec, crm, [day(at) for at in DAYS], con=con).table))
    assert tables[0] == tables[1]


def test_one_date_alone_or_among_many(folder: Path) -> None:
    crm, spec = crm_of(folder, company()), spec_of(folder, value="orders.revenue")
    together = take(spec, crm, [day(at) for at in reversed(DAYS)]).table
    rows = [row for at in DAYS for row in take(spec, crm, [day(at)]).table.to_pylist()]
    assert len(rows) > 30
    assert together.to_pylist() == rows


def test_more_dates_than_one_mask_holds(folder: Path) -> None:
    crm, spec = crm_of(folder, company()), spec_of(folder)
    many = take(spec, crm, [day(at) for at in range(20, 60)]).table.to_pylist()
    alone = take(spec, crm, [day(59)]).table.to_pylist()
    assert [row for row in many if row["as_of"] == day(59)] == alone


def test_totals_beyond_64_bits(tmp_path: Path) -> None:
    much = "9999999999.99"
    orders = [order("a", at, much) for at in range(150)]
    spec = spec_of(tmp_path, windows_days=[7, 140])
    table = take(spec, crm_of(tmp_path, {"orders": orders}), [day(120)]).table
    row = table.select(["orders_revenue_sum_7d", "orders_revenue_sum_140d"]).to_pylist()
    assert row == [{"orders_revenue_sum_7d": 69999999999.93, "orders_revenue_sum_140d": 1199999999998.8}]


def test_portable_form_gives_the_same(folder: Path) -> None:
    crm, spec = crm_of(folder, company()), spec_of(folder, value="orders.revenue")
    with crm.connect() as con:
        question = ask(spec, crm, [day(at) for at in DAYS], labels=True, con=con)
        fast, plain = (compose(replace(question, portable=form)).rows.sql("duckdb") for form in (False, True))
        assert fast != plain
        assert con.sql(fast).to_arrow_table().equals(con.sql(plain).to_arrow_table())


@pytest.mark.parametrize("dialect", ["postgres", "spark", "snowflake", "bigquery"])
def test_other_dialects_know_every_function(folder: Path, dialect: str) -> None:
    crm, spec = crm_of(folder, company()), spec_of(folder, value="orders.revenue")
    sql = snapshot_sql(spec, crm, [day(at) for at in DAYS], dialect=dialect)
    parsed = sqlglot.parse_one(sql, read=dialect)
    unknown = {str(call.this) for call in parsed.find_all(sqlglot.exp.Anonymous)}
    assert not unknown
