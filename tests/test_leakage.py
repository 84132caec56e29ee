"""A second guard against leakage: corrupt everything from the as-of date on, expect the same bytes."""

from __future__ import annotations

import random
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from salesml.crm import CRM
from salesml.snapshots import take
from tests.snapshots.company import Row, crm_of, day, order, spec_of

T = 60
LAST = 130
OWN = {
    "deals": {
        "sql": "select account as entity_id, count(*) as n, sum(m_revenue) as money, "
        "max(c_channel) as channel, max(day) as last_day from events_orders "
        "where day < :as_of group by account"
    },
    "forgetful": {  # No condition on time at all: what it can see is what was known.
        "sql": """
            select a.id as entity_id, count(o.day) as rows, sum(o.m_pieces) as pieces,
                   any_value(a.ended_at) as ended, count(distinct c.start) as contracts,
                   count(h.value) as changes
            from accounts a
            left join events_orders o on o.account = a.id
            left join contracts c on c.account = a.id
            left join history h on h.id = a.id
            group by a.id
        """
    },
}
LABELS = {
    "inactivity": {"kind": "inactivity", "events": "orders", "inactive_days": 20, "active_within_days": 40},
    "contract": {"kind": "contract"},
}
Tables = dict[str, list[Row]]


def company(seed: int = 1) -> Tables:
    """Tables with something before, at and after the as-of date."""
    chance = random.Random(seed)
    names = [f"c{number}" for number in range(12)]
    orders = [
        order(
            chance.choice(names), at, str(Decimal(chance.randrange(100, 9999)) / 100),
            invoice=chance.choice([None, f"i{at}"]), late=chance.choice([0, 0, 0, 3, 50]),
            channel=chance.choice(["web", "shop"]), back=chance.random() < 0.15,
        )
        for at in range(LAST) for _ in range(3)
    ]  # fmt: skip
    visits = [
        {"customer": chance.choice(names), "seen": day(at), "minutes": chance.randrange(60)}
        for at in range(LAST)
    ]
    accounts = [
        {
            "id": name, "company": f"{name} Ltd", "since": day(-number), "owner": "rep1", "secret": "x",
            "gone": day(T + 10 + number) if number % 4 == 0 else None, "industry": "old",
            "employees": number, "founded": day(-900 + 90 * number),
        }
        for number, name in enumerate(names)
    ]  # fmt: skip
    contracts = [
        {
            "customer": name, "begins": day(at), "ends": day(at + 50), "plan": chance.choice(["s", "m"]),
            "paid": Decimal(chance.randrange(9999)) / 100, "rebate": 0.1,
        }
        for name in names for at in (-20, 31, 82)
    ]  # fmt: skip
    history = [
        {"table": "accounts", "id": name, "column": "industry", "value": f"at{at}", "at": day(at)}
        for name in names
        for at in (-5, 40, 90)
    ]
    books = [
        {"customer": name, "owner": f"rep{at}", "from": day(at), "to": day(at + 55)}
        for name in names
        for at in (0, 55)
    ]
    return {
        "orders": orders, "visits": visits, "accounts": accounts, "contracts": contracts,
        "history": history, "assignments": books,
    }  # fmt: skip


def features(folder: Path, tables: Tables, label: str, as_of: int = T) -> bytes:
    """The snapshot at the as-of date as bytes."""
    folder.mkdir(exist_ok=True)
    crm: CRM = crm_of(folder, tables)
    spec = spec_of(
        folder, label=LABELS[label], features=OWN, windows_days=[7, 30, 60], value="orders.revenue",
        protected=["secret"],
    )  # fmt: skip
    table = take(spec, crm, [day(as_of)], labels=False).table
    assert table.num_rows > 5
    return as_bytes(table)


def as_bytes(table: pa.Table) -> bytes:
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table.combine_chunks())
    result: bytes = sink.getvalue().to_pybytes()
    return result


def known(row: Row) -> bool:
    return max(row["ordered"], row["loaded"]) < day(T)


def change_values(tables: Tables) -> None:
    for row in tables["orders"]:
        if not known(row):
            row |= {"amount": Decimal("99999.99"), "pieces": 777, "channel": "new", "back": not row["back"]}


def change_invoices(tables: Tables) -> None:
    for row in tables["orders"]:
        if not known(row):
            row["invoice"] = "i41"


def remove_rows(tables: Tables) -> None:
    tables["orders"] = [row for row in tables["orders"] if known(row)] + [order("c1", LAST)]
    tables["visits"] = [row for row in tables["visits"] if row["seen"] < day(T)]


def add_rows(tables: Tables) -> None:
    more = [order(f"c{n}", at, "5.55") for n in range(12) for at in (T, T + 1, T + 40)]
    tables["orders"] += [*more, order("stranger", T + 2)]
    tables["visits"] += [{"customer": "c1", "seen": day(T), "minutes": 9}] * 5


def add_late_rows(tables: Tables) -> None:
    tables["orders"] += [
        order(f"c{n}", at, "5.55", late=T - at, invoice=invoice, channel="late")
        for n in range(12)
        for at, invoice in ((-30, None), (5, "i5"), (T - 1, None))
    ]


def change_ends(tables: Tables) -> None:
    for number, row in enumerate(tables["accounts"]):
        row["gone"] = day(T + number) if row["gone"] is None else None


def change_contracts(tables: Tables) -> None:
    tables["contracts"] = [row for row in tables["contracts"] if row["begins"] < day(T)]
    tables["contracts"] += [
        {
            "customer": "c1",
            "begins": day(T),
            "ends": day(T + 9),
            "plan": "xl",
            "paid": Decimal(1),
            "rebate": 0.9,
        }
    ]


def change_history(tables: Tables) -> None:
    tables["history"] = [row for row in tables["history"] if row["at"] < day(T)]
    tables["history"] += [
        {"table": "accounts", "id": f"c{n}", "column": "industry", "value": "later", "at": day(T)}
        for n in range(12)
    ]
    for row in tables["accounts"]:
        row["industry"] = "overwritten"


def change_dates(tables: Tables) -> None:
    for row in tables["accounts"]:
        if row["founded"] >= day(T):
            row["founded"] = day(T + 500)


def change_books(tables: Tables) -> None:
    for row in tables["assignments"]:
        row["to"] = day(T + 300) if row["to"] >= day(T) else row["to"]
    tables["assignments"] += [{"customer": "c2", "owner": "new", "from": day(T), "to": None}]
    for row in tables["accounts"]:
        row["company"] = "renamed"


CORRUPTIONS = [
    change_values, change_invoices, remove_rows, add_rows, add_late_rows, change_ends, change_contracts,
    change_history, change_dates, change_books,
]  # fmt: skip


@pytest.fixture(scope="module")
def clean(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    return {label: features(tmp_path_factory.mktemp(label), company(), label) for label in LABELS}


@pytest.mark.parametrize("corrupt", CORRUPTIONS, ids=lambda corrupt: corrupt.__name__)
def test_nothing_from_the_as_of_date_on_is_seen(
    corrupt: Callable[[Tables], None], clean: dict[str, bytes], tmp_path: Path
) -> None:
    tables = company()
    corrupt(tables)
    assert tables != company()
    label = "contract" if corrupt in (change_ends, change_contracts) else "inactivity"
    assert features(tmp_path, tables, label) == clean[label]


def test_everything_at_once(clean: dict[str, bytes], tmp_path: Path) -> None:
    tables = company()
    for corrupt in CORRUPTIONS:
        corrupt(tables)
    for label in LABELS:
        assert features(tmp_path / label, tables, label) == clean[label]


@pytest.mark.parametrize("table", ["orders", "visits", "accounts", "contracts", "history", "assignments"])
def test_the_guard_sees_a_change_of_the_past(table: str, clean: dict[str, bytes], tmp_path: Path) -> None:
    tables = company()
    changes: dict[str, Any] = {
        "orders": lambda rows: rows.append(order("c1", T - 1)),
        "visits": lambda rows: rows.append({"customer": "c1", "seen": day(T - 1), "minutes": 1}),
        "accounts": lambda rows: rows[1].update(employees=5),
        "contracts": lambda rows: rows[1].update(paid=Decimal("0.01"), plan="l"),
        "history": lambda rows: rows[1].update(value="other"),
        "assignments": lambda rows: rows[3].update(owner="other"),
    }  # fmt: skip
    changes[table](tables[table])
    assert features(tmp_path, tables, "inactivity") != clean["inactivity"]
