"""Recent events: what was known before the date, in words, and nothing that is hidden."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from salesml.crm import CRM
from salesml.crm.sample import sample
from salesml.lifecycle import recent
from salesml.lifecycle.recent import write_recent

AS_OF = dt.date(2025, 6, 1)
CONTRACT = """
version: 1
currency: GBP
timezone: Europe/London
accounts: {source: accounts.csv, id: id, attributes: [age]}
prospects: {source: prospects.csv, id: id, created_at: created}
events:
  orders:
    source: orders.csv
    account: who
    at: day
    known_at: came
    id: number
    measures: {pieces: quantity, revenue: quantity * price}
    returns: quantity < 0
  tickets: {source: tickets.csv, account: who, at: day, words: 'tick''et'}
activities: {source: activities.csv, account: who, prospect: lead, at: day, kind: kind}
stages: {source: stages.csv, prospect: lead, stage: stage, at: day}
contracts: {source: contracts.csv, account: who, start: start, end: end, plan: plan, amount: amount}
"""
TABLES = {
    "accounts": "id,age\nA1,30\nA2,40\nA3,50\n",
    "prospects": "id,created\nP1,2025-01-01\n",
    "orders": "who,day,came,number,quantity,price\n"
    "A1,2025-05-20,,N1,2,10.5\n"
    "A1,2025-05-20,,N1,1,4\n"
    "A1,2025-05-20,,N2,1,5\n"
    "A1,2025-05-21,,N3,-1,10.5\n"
    "A1,2025-05-30,2025-06-02,N4,1,99\n"  # came too late to be known
    "A1,2025-06-01,,N5,1,99\n"  # the day itself
    "A2,2025-01-02,,N6,1,7\n"
    "A3,2025-01-02,,N7,1,7\n",
    "tickets": "who,day\n" + "".join(f"A1,2025-04-{day:02d}\n" for day in range(1, 20)),
    "activities": "who,lead,day,kind\nA1,,2025-05-25,call\nA1,,2025-05-25,call\n,P1,2025-05-02,visit\n",
    "stages": "lead,stage,day\nP1,new,2025-01-02\nP1,offer,2025-05-03\nP1,won,2025-06-03\n",
    "contracts": "who,start,end,plan,amount\nA2,2024-01-01,2025-01-01,gold,120\n"
    "A2,2025-01-01,2026-01-01,gold,150\n",
}


def crm_of(folder: Path, more: str = "") -> CRM:
    for name, text in TABLES.items():
        (folder / f"{name}.csv").write_text(text, encoding="utf-8")
    (folder / "crm.yaml").write_text(CONTRACT + more, encoding="utf-8")
    return CRM.open(folder / "crm.yaml")


def found(
    folder: Path, ids: list[str], task: str = "churn", more: str = "", **given: Any
) -> dict[str, list[tuple[str, str, str | None, float | None]]]:
    path = folder / "recent.parquet"
    path.unlink(missing_ok=True)
    assert write_recent(crm_of(folder, more), task, AS_OF, pa.array(ids), path, **given)
    return {
        row["entity_id"]: [
            (f"{each['day']:%m-%d}", each["words"], each["detail"], each["amount"]) for each in row["events"]
        ]
        for row in pq.read_table(path).to_pylist()
    }


def test_events_of_a_day_are_one_and_nothing_later_is_told(tmp_path: Path) -> None:
    events = found(tmp_path, ["A1", "A2", "nobody"])
    assert list(events) == ["A1", "A2"]
    assert events["A1"][:4] == [
        ("05-25", "2 activities", "call", None),
        ("05-21", "Returned order", None, -10.5),
        ("05-20", "2 orders", None, 30.0),
        ("04-19", "Tick'et", None, None),
    ]
    assert len(events["A1"]) == 10
    assert events["A2"] == [
        ("01-02", "Order", None, 7.0),
        ("01-01", "Contract that began", "gold", 150.0),
        ("01-01", "Contract that ended", "gold", 120.0),
        ("01-01", "Contract that began", "gold", 120.0),
    ]


def test_a_busy_kind_does_not_hide_the_others(tmp_path: Path) -> None:
    rows = "".join(f"A1,2025-05-{day:02d}\n" for day in range(1, 32))
    crm_of(tmp_path)
    (tmp_path / "tickets.csv").write_text(TABLES["tickets"] + rows, encoding="utf-8")
    path = tmp_path / "recent.parquet"
    write_recent(CRM.open(tmp_path / "crm.yaml"), "churn", AS_OF, pa.array(["A1"]), path)
    events = pq.read_table(path)["events"][0].as_py()
    kinds = [each["words"] for each in events]
    assert kinds.count("Tick'et") == 7
    assert {"2 orders", "Returned order", "2 activities"} < set(kinds)
    assert [each["day"] for each in events] == sorted((each["day"] for each in events), reverse=True)


def test_prospects_have_stages_and_activities(tmp_path: Path) -> None:
    assert found(tmp_path, ["P1", "A1"], "fit") == {
        "P1": [
            ("05-03", "Stage", "offer", None),
            ("05-02", "Activity", "visit", None),
            ("01-02", "Stage", "new", None),
        ]
    }


@pytest.mark.parametrize(
    ("more", "given"),
    [
        ("exclude: [events.orders.revenue, contracts.amount, contracts.plan, activities.kind]", {}),
        ("exclude: [events.orders.price, contracts.amount, contracts.plan, activities.kind]", {}),
        ("", {"protected": ("price", "amount", "plan", "kind")}),
    ],
)
def test_what_is_excluded_or_protected_is_not_shown(tmp_path: Path, more: str, given: dict[str, Any]) -> None:
    events = found(tmp_path, ["A1", "A2"], more=more, **given)
    assert all((detail, amount) == (None, None) for rows in events.values() for *_, detail, amount in rows)
    began, ended = "Contract that began", "Contract that ended"
    assert [each[1] for each in events["A2"]] == ["Order", began, ended, began]


def test_stages_that_are_excluded_are_no_events(tmp_path: Path) -> None:
    assert found(tmp_path, ["P1"], "conversion", "exclude: [stages.stage]") == {
        "P1": [("05-02", "Activity", "visit", None)]
    }


def test_the_same_tables_give_the_same_file_however_many_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sample(tmp_path / "company", size=1000, seed=1, days=400, say=lambda _: None)
    crm = CRM.open(tmp_path / "company" / "crm.yaml")
    with crm.connect() as con:
        ids = con.sql("SELECT id FROM accounts").to_arrow_table()["id"].combine_chunks()
    day = dt.date(2025, 12, 1)
    write_recent(crm, "churn", day, ids, tmp_path / "1.parquet")
    write_recent(crm, "churn", day, pa.concat_arrays([ids.slice(500), ids]), tmp_path / "2.parquet")
    assert (tmp_path / "1.parquet").read_bytes() == (tmp_path / "2.parquet").read_bytes()
    monkeypatch.setattr(recent, "AT_ONCE", 100)
    write_recent(crm, "churn", day, ids, tmp_path / "3.parquet")
    table = pq.read_table(tmp_path / "1.parquet")
    assert pq.read_table(tmp_path / "3.parquet").equals(table)
    assert table["entity_id"].to_pylist() == sorted(
        set(ids.to_pylist()) & set(table["entity_id"].to_pylist())
    )
    events = [each for row in table["events"].to_pylist() for each in row]
    assert max(each["day"] for each in events) < day
    assert len(table) > 900
