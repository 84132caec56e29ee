from __future__ import annotations

import datetime as dt
from pathlib import Path

import duckdb
import pyarrow as pa
import pytest

from salesml.crm import CRM
from salesml.crm.tables import TABLES
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


def test_a_table_without_dates_covers_no_days(make: Make) -> None:
    crm = make(ORDERS + "reps: {source: reps.csv, id: id}", orders_csv=ROWS, reps_csv="id\nr\n")
    with pytest.raises(DataError, match="reps has no column with dates"):
        crm.observed("reps")


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


EVERYTHING = """
accounts: {source: a.csv, id: id, name: name, acquired_at: s, ended_at: e, rep: rep, attributes: [größe]}
contracts: {source: c.csv, account: a, start: s, end: e, plan: p, amount: m, discount: d}
events: {o: {source: o.csv, account: a, prospect: p, at: at, id: i, measures: {one: 1}, categories: [select]}}
prospects: {source: p.csv, id: id, created_at: c, rep: r, amount: m, won_at: w, account: a, attributes: [x]}
stages: {source: s.csv, prospect: p, stage: s, at: at}
activities: {source: v.csv, rep: r, account: a, prospect: p, at: at, kind: k, hours: h, cost: c}
reps: {source: r.csv, id: id, name: n, team: t, hours_per_week: h}
assignments: {source: b.csv, account: a, rep: r, start: s, end: e}
history: {source: h.csv, table: t, id: i, column: c, value: v, at: at}
costs: {source: k.csv, period: p, rep: r, kind: k, amount: a}
workload: {source: w.csv, rep: r, period: p, hours: h}
targets: {source: t.csv, rep: r, period: p, amount: a}
referrals: {source: f.csv, account: a, at: at, kind: k, prospect: p}
market: {source: m.csv, period: p, indicators: [gdp]}
feedback: {source: u.csv, account: a, prospect: p, rep: r}
"""
TABLES_OF_IT = {
    "a_csv": "id,name,s,e,rep,order,größe\n1,A,2024-01-01,,r1,3,L\n",
    "c_csv": "a,s,e,p,m,d\n1,2024-01-01,9999-12-31,P,10,0.1\n",
    "o_csv": "a,p,at,i,select\n1,,2024-01-02,i,x\n,p1,2024-01-02,j,x\n",
    "p_csv": "id,c,r,m,w,a,x\np1,2024-01-01,r1,5,,1,y\n",
    "s_csv": "p,s,at\np1,open,2024-01-02\n",
    "v_csv": "r,a,p,at,k,h,c\nr1,1,,2024-01-02,call,1,2.5\n",
    "r_csv": "id,n,t,h\nr1,R,T,38.5\n",
    "b_csv": "a,r,s,e\n1,r1,2024-01-01,\n",
    "h_csv": "t,i,c,v,at\naccounts,1,größe,3,2024-01-02\n",
    "k_csv": "p,r,k,a\n2024-01-01,r1,hard,5\n",
    "w_csv": "r,p,h\nr1,2024-01-01,1\n",
    "t_csv": "r,p,a\nr1,2027-01-01,100\n",
    "f_csv": "a,at,k,p\n1,2024-01-02,referral,p1\n",
    "m_csv": "p,gdp\n2024-01-01,1.5\n",
    "u_csv": "a,p,r,at,what,by,model,as_of,probability,band,pick_probability,reason,reason_words,"
    "withdrawn_at,label\n1,,r1,2024-01-03,lost,kim,churn,2024-01-02,.5,A,1,f,w,,1\n",
}


def test_every_table_of_the_contract_has_its_keys_as_columns(make: Make) -> None:
    crm = make(EVERYTHING, **TABLES_OF_IT)
    assert crm.check(dt.date(2024, 6, 1)).faults == ()
    made = crm.relations()
    assert set(made) == {*TABLES, "events_o"}
    with crm.connect() as con:
        for name, relation in made.items():
            described = con.execute(f"DESCRIBE {name}").fetchall()
            assert {row[0]: row[1].replace(",", ", ") for row in described} == relation.columns
            for key in TABLES.get(name, ()):
                assert ("day" if key == "at" else key) in relation.columns
    assert made["costs"].columns["amount"] == made["activities"].columns["cost"] == "DECIMAL(18, 6)"
    assert made["contracts"].columns["discount"] == "DOUBLE"


def test_keys_that_are_not_named_are_null(make: Make) -> None:
    crm = make("accounts: {source: a.csv, id: id}", a_csv="id\n1\n")
    assert rows(crm, "SELECT * FROM accounts") == [("1", None, None, None, None)]


def test_excluded_attributes_are_left_out(make: Make) -> None:
    contract = "accounts: {source: a.csv, id: id, attributes: [x, y]}\nexclude: [accounts.x, events.o.c]\n"
    contract += "events: {o: {source: a.csv, account: id, at: d, categories: [c, y]}}"
    crm = make(contract, a_csv="id,x,y,d,c\n1,2,3,2024-01-01,q\n")
    assert [name for name in crm.relations()["accounts"].columns if name.startswith("a_")] == ["a_y"]
    assert [name for name in crm.relations()["events_o"].columns if name.startswith("c_")] == ["c_y"]


def test_a_company_of_prospects_has_no_accounts(make: Make) -> None:
    crm = make("prospects: {source: p.csv, id: id, created_at: at}", p_csv="id,at\n1,2024-01-01\n")
    assert rows(crm, "SELECT count(*) FROM accounts") == [(0,)]
    assert crm.observed_until() == dt.date(2024, 1, 2)


def test_planned_ends_and_future_rows_do_not_move_the_end(make: Make) -> None:
    contract = "accounts: {source: a.csv, id: id, acquired_at: s}\n"
    contract += "contracts: {source: c.csv, account: a, start: s, end: e}"
    crm = make(contract, a_csv="id,s\n1,2024-01-01\n2,2999-01-01\n", c_csv="a,s,e\n1,2024-02-01,2030-01-01\n")
    assert crm.observed_until() == dt.date(2024, 2, 2)


def test_today_is_not_over(make: Make) -> None:
    today = dt.datetime.now(dt.UTC).date()
    rows = f"id,at\n1,{today}\n2,2024-01-01\n"
    crm = make("prospects: {source: p.csv, id: id, created_at: at}", p_csv=rows)
    until = crm.observed_until()
    assert until == today or dt.datetime.now(dt.UTC).date() > today  # midnight may pass meanwhile


def test_types_do_not_depend_on_the_order_of_rows(make: Make) -> None:
    late = "id,size\n" + "".join(f"{each},{each}\n" for each in range(30_000)) + "x,small\n"
    crm = make("accounts: {source: a.csv, id: id, attributes: [size]}", a_csv=late)
    assert crm.relations()["accounts"].columns["a_size"] == "VARCHAR"


def test_threads_and_memory_are_taken(make: Make) -> None:
    crm = make(ORDERS, orders_csv=ROWS)
    with crm.connect(threads=1, memory="500MB") as con:
        row = con.execute("SELECT current_setting('threads'), current_setting('memory_limit')").fetchone()
    assert row is not None
    assert row[0] == 1
    assert row[1].startswith("476")


@pytest.mark.parametrize(
    "query",
    [
        "SELECT * FROM read_text('/etc/hostname')", "FROM 'orders.csv'", "FROM found",
        "SET enable_external_access = true", "ATTACH 'other.db'", "COPY accounts TO 'out.csv'",
    ],
)  # fmt: skip
def test_a_connection_reads_the_tables_and_nothing_else(make: Make, query: str) -> None:
    found = pa.table({"a": [1]})
    crm = make(ORDERS, orders_csv=ROWS)
    with crm.connect() as con:
        assert con.execute("SELECT count(*) FROM events_orders").fetchall() == [(3,)]
        with pytest.raises(duckdb.Error, match=r"disabled by|does not exist|Cannot"):
            con.execute(query).fetchall()
    assert found.num_rows == 1


def test_what_is_not_over_yet_cannot_have_been_observed(make: Make) -> None:
    crm = make("observed_until: 2999-01-01" + ORDERS, orders_csv=ROWS)
    assert crm.observed_until() <= dt.datetime.now(dt.UTC).date()
    found = [str(fault) for fault in crm.check(dt.date(2024, 2, 3)).faults]
    assert any("observed_until lies after today: it is 2999-01-01" in each for each in found)
