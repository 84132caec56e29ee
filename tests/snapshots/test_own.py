"""Own features: what they may read, what they must return, and the words when they do not."""

from __future__ import annotations

from pathlib import Path

import pytest

from salesml.errors import DataError, SalesmlError, UsageError
from salesml.snapshots import Snapshot, take
from tests.snapshots.company import Row, crm_of, day, order, spec_of

ORDERS = [order("a", 0), order("a", 25, "7.50"), order("b", 20), order("a", 90)]


def snapshot_with(
    folder: Path, sql: str, *, tables: dict[str, list[Row]] | None = None, **more: object
) -> Snapshot:
    crm = crm_of(folder, {"orders": ORDERS, **(tables or {})})
    features = {"mine": {"sql": sql, "words": {"money": "money as I see it"}}}
    return take(spec_of(folder, features=features, **more), crm, [day(10), day(30)], labels=False)


def test_sees_only_what_was_known(tmp_path: Path) -> None:
    sql = """
        with paid as (select o.account, o.m_revenue from events_orders as o)
        select account as entity_id, sum(m_revenue) as money, count(*) > 1 as often,
               date '2024-01-05' as since, cast(:as_of as varchar) as at
        from paid group by account
    """
    snapshot = snapshot_with(tmp_path, sql)
    found = [
        tuple(row[f"mine_{name}"] for name in ("money", "often", "since", "at"))
        for row in snapshot.table.to_pylist()
    ]
    assert found == [
        (10.0, "false", 6.0, "2024-01-11"), (17.5, "true", 26.0, "2024-01-31"),
        (10.0, "false", 26.0, "2024-01-31"),
    ]  # fmt: skip
    features = {feature.name: feature for feature in snapshot.features}
    assert features["mine_money"].words == "money as I see it"
    assert features["mine_money"].source == "own.mine"
    assert [features[f"mine_{name}"].kind for name in ("often", "since")] == ["category", "number"]


def test_a_relation_in_capitals_is_the_same_relation(tmp_path: Path) -> None:
    sql = "select account as entity_id, count(*) as n from EVENTS_ORDERS group by account"
    snapshot = snapshot_with(tmp_path, sql)
    assert snapshot.table["mine_n"].to_pylist() == [1.0, 2.0, 1.0]


def test_steps_see_earlier_steps_and_recur(tmp_path: Path) -> None:
    sql = """
        with recursive Paid as (select account, m_revenue from events_orders),
        counted(n) as (select 1 union all select n + 1 from counted where n < 3),
        sums as (select account, sum(m_revenue) as money from paid group by account)
        select s.a as entity_id, s.b as money, (select max(n) from counted) as n from sums as s(a, b)
    """
    snapshot = snapshot_with(tmp_path, sql)
    assert snapshot.table["mine_money"].to_pylist() == [10.0, 17.5, 10.0]
    assert snapshot.table["mine_n"].to_pylist() == [3.0, 3.0, 3.0]


@pytest.mark.parametrize(
    "value",
    [
        "median(m_revenue)", "quantile_cont(m_revenue, 0.9)", "stddev_samp(m_revenue)",
        "arg_max(m_revenue, day)",
        "count(*) filter (where c_channel = 'web')", "count(distinct event_id)", "bool_or(is_return)",
        "date_diff('day', min(day), max(day))", "date_part('dow', max(day))", "extract(month from max(day))",
        "max(date_trunc('month', day))::date", "max(year(day))", "strftime(max(day), '%Y-%m')",
        "ln(1 + greatest(sum(m_revenue), 0))", "round(sum(m_revenue) / nullif(count(*), 0), 2)",
        "sqrt(abs(min(m_revenue))) ** 2", "log10(count(*))", "string_agg(c_channel, ',' order by c_channel)",
        "max(upper(trim(c_channel)))", "max(case when c_channel like 'w%' then 1 else 0 end)",
        "max(length(regexp_replace(c_channel, 'e', '')))", "sum(m_revenue) between 1 and 2",
        "max(day - interval 1 day)::date", "coalesce(max(try_cast(c_channel as integer)), -1)",
        "max(substr(c_channel, 1, 2) || 'x')", "mode(c_channel)", "max(isodow(day))", "max(last_day(day))",
    ],
)  # fmt: skip
def test_ordinary_functions_may_be_called(tmp_path: Path, value: str) -> None:
    sql = f"select account as entity_id, {value} as n from events_orders group by account"
    assert "mine_n" in snapshot_with(tmp_path, sql).table.column_names


def test_end_of_an_account_is_hidden_until_it_is_past(tmp_path: Path) -> None:
    accounts = [
        {"id": "a", "company": "A", "since": day(-5), "gone": day(20), "industry": "x"},
        {"id": "b", "company": "B", "since": day(15), "gone": None, "industry": "y"},
    ]
    sql = "select id as entity_id, ended_at is not null as ended, a_industry as kind from accounts"
    snapshot = snapshot_with(tmp_path, sql, tables={"accounts": accounts})
    found = [(row["entity_id"], row["mine_ended"], row["mine_kind"]) for row in snapshot.table.to_pylist()]
    assert found == [("a", "false", "x"), ("b", "false", "y")]
    assert all(feature.undated for feature in snapshot.features if feature.source == "own.mine")


@pytest.mark.parametrize(
    ("sql", "words"),
    [
        ("selec 1", "cannot be read"),
        ("select 1 as entity_id; select 2 as entity_id", "is not one SELECT"),
        ("drop table accounts", "is not one SELECT"),
        ("select account as entity_id from orders", "Did you mean 'events_orders'?"),
        ("select * from read_csv('/etc/passwd')", "reads READ_CSV('/etc/passwd')"),
        ("select * from '/etc/passwd'", 'reads "/etc/passwd"'),
        ("select account as entity_id, getenv('HOME') as h from events_orders", "calls getenv"),
        ("select account as entity_id, current_date as d from events_orders", "calls current_date"),
        ("select account as entity_id from events_orders using sample 1", "calls random"),
        ("select account as entity_id, random() as d from events_orders", "calls rand"),
        ("select account as entity_id from events_orders where day < :until", "The only one is :as_of"),
        ("select account as entity_id, interval 1 day as n from events_orders", "returns n as INTERVAL"),
        ("select account, 1 as n from events_orders", "One of its columns must be entity_id"),
        ("select account as entity_id, [1] as n from events_orders", "returns n as INTEGER[]"),
        ("select id as entity_id, name as n from accounts", '"name" not found'),
        ("select account as entity_id, nothing as n from events_orders", '"nothing" not found'),
        ("with accounts as (select 1 as entity_id) select * from accounts", "Give the step another name"),
        (
            "with EVENTS_ORDERS as (select * from EVENTS_ORDERS) select account from EVENTS_ORDERS",
            "'EVENTS_ORDERS', like a relation",
        ),
        (
            "select id, (select v from s) from accounts where id in (with s as (select '1') select * from s)",
            "reads s",
        ),
        ("with late as (select account from later), later as (select 1) select 1 from late", "reads later"),
        ('with "/x.csv" as (select 1 as x) select x from "/x.csv"', "which is not letters"),
        ("with s as (select 1 as a), S as (select 2 as a) select a from s", "a step of its own 'S' twice"),
        ("select account as entity_id, 'HOME'.getenv() as h from events_orders", "calls getenv"),
        ('select account as entity_id, "current_timestamp" as h from events_orders', "calls current_time"),
        ("select account as entity_id, session_user as h from events_orders", "calls session_user"),
        ("select account as entity_id, age(at) as n from events_orders", "calls age"),
        ("select account as entity_id, uuidv7() as n from events_orders", "calls uuidv7"),
        ("select account as entity_id, write_log('x') as n from events_orders", "calls write_log"),
        (
            "select account as entity_id, list_shuffle([1, 2])[1] as n from events_orders",
            "calls list_shuffle",
        ),
        ("select account as entity_id, columns('m_.*') from events_orders", "calls columns"),
        ("select * from (describe accounts)", "calls describe"),
    ],
)
def test_refused_in_words(tmp_path: Path, sql: str, words: str) -> None:
    with pytest.raises(UsageError) as caught:
        snapshot_with(tmp_path, sql)
    assert words.lower() in str(caught.value).lower()


def test_a_wrong_column_is_answered_with_the_right_ones(tmp_path: Path) -> None:
    accounts: list[Row] = [{"id": "a", "company": "A", "since": day(-5)}]
    with pytest.raises(UsageError) as caught:
        snapshot_with(
            tmp_path, "select account as entity_id, sum(revenue) as n from events_orders group by account",
            tables={"accounts": accounts}, protected=["secret"],
        )  # fmt: skip
    assert "events_orders has account, day, known_day, at, event_id, c_channel, m_pieces, m_revenue" in str(
        caught.value
    )
    assert "accounts has id, acquired_at, ended_at, a_industry, a_employees, a_founded;" in str(caught.value)


@pytest.mark.parametrize("value", ["1e308 * 10", "-1e308 * 10", "'nan'::double", "'inf'::float"])
def test_what_is_not_finite_is_missing(tmp_path: Path, value: str) -> None:
    sql = f"select account as entity_id, {value} as n, 1e308 as m from events_orders group by account"
    table = snapshot_with(tmp_path, sql).table
    assert table["mine_n"].to_pylist() == [None, None, None]
    assert table["mine_m"].to_pylist() == [1e308] * 3


def test_several_rows_of_an_account_are_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError) as caught:
        snapshot_with(tmp_path, "select account as entity_id, day as n from events_orders")
    assert "features.mine returns several rows for 1 accounts at 2024-01-31" in str(caught.value)
    assert "Group by entity_id" in str(caught.value)


def test_protected_columns_are_out_of_reach(tmp_path: Path) -> None:
    accounts = [{"id": "a", "since": day(-5), "secret": "s"}, {"id": "b", "since": day(-5), "secret": "t"}]
    with pytest.raises(SalesmlError) as caught:
        snapshot_with(
            tmp_path, "select id as entity_id, a_secret as n from accounts", tables={"accounts": accounts},
            protected=["secret"],
        )  # fmt: skip
    assert "a_secret" in str(caught.value)
