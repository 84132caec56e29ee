"""Attributes, their history, contracts, reps and the month, by hand."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from pathlib import Path

from salesml.snapshots import Snapshot, take
from tests.snapshots.company import Row, crm_of, day, order, spec_of

ACCOUNTS: list[Row] = [
    {
        "id": "a", "company": "A", "since": day(-10), "industry": "now", "employees": 7, "founded": day(-365),
        "owner": "rep9", "secret": "s",
    },
    {"id": "b", "company": "B", "since": day(-20), "industry": "now", "founded": day(40), "owner": "rep8"},
]  # fmt: skip
ORDERS = [order("a", 20), order("b", 20), order("a", 80)]


def snapshot_of(folder: Path, more: dict[str, list[Row]], **keys: object) -> Snapshot:
    crm = crm_of(folder, {"orders": ORDERS, "accounts": ACCOUNTS, **more}, exclude=["accounts.employees"])
    return take(spec_of(folder, **keys), crm, [day(30)], labels=False)


def column(snapshot: Snapshot, name: str) -> list[object]:
    values: list[object] = snapshot.table.column(name).to_pylist()
    return values


def test_attributes_without_history_are_undated(tmp_path: Path) -> None:
    snapshot = snapshot_of(tmp_path, {}, protected=["secret"])
    features = {feature.name: feature for feature in snapshot.features}
    assert features["account_industry"].undated
    assert features["account_industry"].kind == "category"
    assert column(snapshot, "tenure_days") == [40, 50]
    assert column(snapshot, "account_founded") == [395, None], "a date that was not past is not known"
    assert column(snapshot, "rep_id") == ["rep9", "rep8"]
    assert not {"account_employees", "account_secret", "account_company"} & set(features)


def test_history_gives_the_value_of_then(tmp_path: Path) -> None:
    history = [
        {"table": "accounts", "id": "a", "column": "industry", "value": value, "at": day(at)}
        for value, at in (("first", 5), ("second", 29), ("third", 30))
    ]
    history.append({"table": "accounts", "id": "b", "column": "industry", "value": "later", "at": day(40)})
    snapshot = snapshot_of(tmp_path, {"history": history})
    assert column(snapshot, "account_industry") == ["second", None]
    assert not next(each for each in snapshot.features if each.name == "account_industry").undated


def test_contracts_as_they_stood(tmp_path: Path) -> None:
    def contract(begins: int, ends: int, plan: str, paid: int) -> Row:
        return {
            "customer": "a", "begins": day(begins), "ends": day(ends), "plan": plan, "paid": Decimal(paid),
            "rebate": paid / 100,
        }  # fmt: skip

    rows = [contract(-50, 10, "old", 99), contract(11, 50, "main", 20), contract(25, 40, "extra", 5)]
    rows.append(contract(30, 400, "future", 500))
    snapshot = snapshot_of(tmp_path, {"contracts": rows})
    expected = {
        "days_to_end": 10, "days_since_end": None, "days_since_start": 5, "days_since_first": 80, "count": 3,
        "running": 2, "plan": "main", "amount": 25, "discount": 0.2,
    }  # fmt: skip
    found = {name: column(snapshot, f"contract_{name}")[0] for name in expected}
    assert found == expected
    assert column(snapshot, "contract_count") == [3, 0]


def test_past_books_name_the_rep_of_then(tmp_path: Path) -> None:
    books = [
        {"customer": "a", "owner": "rep1", "from": day(0), "to": day(20)},
        {"customer": "a", "owner": "rep2", "from": day(20), "to": day(60)},
        {"customer": "a", "owner": "rep3", "from": day(60), "to": None},
    ]
    assert column(snapshot_of(tmp_path, {"assignments": books}), "rep_id") == ["rep2", "rep8"]


def test_month_only_when_training_saw_each_twice(tmp_path: Path) -> None:
    months = [dt.date(2021 + number // 12, number % 12 + 1, 15) for number in range(24)]
    crm = crm_of(tmp_path, {"orders": [order("a", -1200), order("a", 1), order("a", 200)]})
    for train, there in ((months, True), (months[1:], False)):
        spec = spec_of(tmp_path, as_of={"train": train, "test": [day(60)]})
        snapshot = take(spec, crm, [day(20)], labels=False)
        assert ("calendar_month" in snapshot.table.column_names) is there
        if there:
            assert column(snapshot, "calendar_month") == ["01"]
