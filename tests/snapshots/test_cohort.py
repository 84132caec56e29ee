"""Who is in a snapshot, the label, and who is left out and why."""

from __future__ import annotations

from pathlib import Path

import pytest

from salesml.errors import UsageError
from salesml.snapshots import take
from tests.snapshots.company import Row, crm_of, day, order, spec_of


def accounts(**gone: int | None) -> list[Row]:
    return [
        {"id": name, "since": day(0), "gone": None if at is None else day(at)} for name, at in gone.items()
    ]


def test_contract_label_and_its_gap(tmp_path: Path) -> None:
    table = accounts(a=None, b=29, c=30, d=34, e=35, f=54, g=55)
    table.append({"id": "h", "since": day(30), "gone": None})
    crm = crm_of(tmp_path, {"accounts": table}, observed_until=day(60))
    spec = spec_of(tmp_path, label={"kind": "contract"}, horizon_days=20, gap_days=5)
    snapshot = take(spec, crm, [day(30)])
    rows = snapshot.table.select(["entity_id", "label"]).to_pylist()
    assert {row["entity_id"]: row["label"] for row in rows} == {"a": 0, "e": 1, "f": 1, "g": 0}
    dropped = {(each.reason, each.count) for each in snapshot.dropped}
    assert dropped == {("already-ended", 1), ("ended-in-gap", 2)}
    assert "left out: 1 ended before the as-of date" in snapshot.summary()


def test_no_label_before_the_horizon_is_observed(tmp_path: Path) -> None:
    crm = crm_of(tmp_path, {"orders": [order("a", 0), order("a", 49)]})
    spec = spec_of(tmp_path)
    assert take(spec, crm, [day(30)]).table.column("label").to_pylist() == [0]
    late = take(spec, crm, [day(31)])
    assert late.table.num_rows == 0
    assert [(each.reason, each.count) for each in late.dropped] == [("not-observed", 1)]
    assert take(spec, crm, [day(31)], labels=False).table.num_rows == 1


def test_inactivity_leaves_out_the_inactive_the_ended_and_the_unknown(tmp_path: Path) -> None:
    orders = [order(name, 45) for name in ("a", "b", "c")] + [order("d", 5), order("z", 100)]
    orders.append(order("e", 45, back=True))
    crm = crm_of(tmp_path, {"orders": orders, "accounts": accounts(a=None, b=47, d=None, e=None, z=None)})
    snapshot = take(spec_of(tmp_path), crm, [day(50)])
    assert snapshot.table.column("entity_id").to_pylist() == ["a"]
    dropped = {(each.reason, each.count) for each in snapshot.dropped}
    assert dropped == {("already-ended", 1), ("unknown-account", 1), ("not-active", 1)}


def test_returns_are_no_activity_in_the_label(tmp_path: Path) -> None:
    orders = [order("a", 25), order("a", 40, back=True), order("b", 25), order("b", 40), order("z", 100)]
    rows = take(spec_of(tmp_path), crm_of(tmp_path, {"orders": orders}), [day(30)]).table.to_pylist()
    assert {row["entity_id"]: row["label"] for row in rows} == {"a": 1, "b": 0}


def test_contract_label_needs_an_end(tmp_path: Path) -> None:
    crm = crm_of(tmp_path, {"orders": [order("a", 0)]})
    with pytest.raises(UsageError) as caught:
        take(spec_of(tmp_path, label={"kind": "contract"}), crm, [day(30)])
    assert "crm.yaml does not say when accounts ended" in str(caught.value)
    assert "Name the column in accounts.ended_at" in str(caught.value)


def test_an_empty_date_is_the_first_known_event_or_contract(tmp_path: Path) -> None:
    names = ("event", "late", "after", "contract", "nothing", "ended")
    table: list[Row] = [{"id": name, "gone": day(9) if name == "ended" else None} for name in names]
    orders = [order("event", 10), order("late", 10, late=40), order("after", 31)]
    tables = {
        "accounts": [*table, {"id": "dated", "since": day(0)}], "orders": orders,
        "contracts": [{"customer": "contract", "begins": day(20)}],
    }  # fmt: skip
    crm = crm_of(tmp_path, tables, observed_until=day(90))
    snapshot = take(spec_of(tmp_path, label={"kind": "contract"}), crm, [day(30)])
    assert snapshot.table["entity_id"].to_pylist() == ["contract", "dated", "event"]
    dropped = {(each.reason, each.count) for each in snapshot.dropped}
    assert dropped == {("no-beginning", 1), ("already-ended", 1)}
    assert "left out: 1 nothing says when they became customers" in snapshot.summary()
    assert snapshot.table["tenure_days"].to_pylist() == [None, 30.0, None]
