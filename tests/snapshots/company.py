"""A small company written to files, for the tests of snapshots."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import yaml

from salesml.config import Spec, read_spec
from salesml.crm import CRM

Row = dict[str, Any]

SCHEMAS = {
    "orders": {
        "customer": pa.string(), "ordered": pa.date32(), "loaded": pa.date32(), "invoice": pa.string(),
        "amount": pa.decimal128(12, 2), "pieces": pa.int64(), "channel": pa.string(), "back": pa.bool_(),
    },
    "visits": {"customer": pa.string(), "seen": pa.date32(), "minutes": pa.int64()},
    "accounts": {
        "id": pa.string(), "company": pa.string(), "since": pa.date32(), "gone": pa.date32(),
        "owner": pa.string(), "industry": pa.string(), "employees": pa.int64(), "founded": pa.date32(),
        "secret": pa.string(),
    },
    "contracts": {
        "customer": pa.string(), "begins": pa.date32(), "ends": pa.date32(), "plan": pa.string(),
        "paid": pa.decimal128(12, 2), "rebate": pa.float64(),
    },
    "history": {
        "table": pa.string(), "id": pa.string(), "column": pa.string(), "value": pa.string(),
        "at": pa.date32(),
    },
    "assignments": {
        "customer": pa.string(), "owner": pa.string(), "from": pa.date32(), "to": pa.date32(),
    },
    "prospects": {
        "lead": pa.string(), "company": pa.string(), "made": pa.date32(), "seller": pa.string(),
        "worth": pa.float64(), "signed": pa.date32(), "dropped": pa.date32(), "why": pa.string(),
        "became": pa.string(), "industry": pa.string(), "employees": pa.int64(), "founded": pa.date32(),
    },
    "stages": {"lead": pa.string(), "stage": pa.string(), "entered": pa.date32()},
    "activities": {
        "seller": pa.string(), "customer": pa.string(), "lead": pa.string(), "done": pa.date32(),
        "kind": pa.string(), "hours": pa.float64(), "cost": pa.float64(),
    },
    "clicks": {"customer": pa.string(), "lead": pa.string(), "seen": pa.date32(), "pages": pa.int64()},
}  # fmt: skip

ORDERS = {
    "source": "orders.parquet", "account": "customer", "at": "ordered", "known_at": "loaded",
    "id": "invoice", "measures": {"revenue": "amount", "pieces": "pieces"}, "categories": ["channel"],
    "returns": "back", "words": "order",
}  # fmt: skip
VISITS = {"source": "visits.parquet", "account": "customer", "at": "seen", "measures": {"minutes": "minutes"}}
TABLES: dict[str, Any] = {
    "accounts": {
        "source": "accounts.parquet", "id": "id", "name": "company", "acquired_at": "since",
        "ended_at": "gone", "rep": "owner", "attributes": ["industry", "employees", "founded", "secret"],
    },
    "contracts": {
        "source": "contracts.parquet", "account": "customer", "start": "begins", "end": "ends",
        "plan": "plan", "amount": "paid", "discount": "rebate",
    },
    "history": {
        "source": "history.parquet", "table": "table", "id": "id", "column": "column", "value": "value",
        "at": "at",
    },
    "assignments": {
        "source": "assignments.parquet", "account": "customer", "rep": "owner", "start": "from", "end": "to",
    },
}  # fmt: skip


CLICKS = {
    "source": "clicks.parquet", "account": "customer", "prospect": "lead", "at": "seen",
    "measures": {"pages": "pages"}, "words": "visit",
}  # fmt: skip
TABLES |= {
    "prospects": {
        "source": "prospects.parquet", "id": "lead", "name": "company", "created_at": "made",
        "rep": "seller", "amount": "worth", "won_at": "signed", "lost_at": "dropped", "lost_reason": "why",
        "account": "became", "attributes": ["industry", "employees", "founded"],
    },
    "stages": {"source": "stages.parquet", "prospect": "lead", "stage": "stage", "at": "entered"},
    "activities": {
        "source": "activities.parquet", "rep": "seller", "account": "customer", "prospect": "lead",
        "at": "done", "kind": "kind", "hours": "hours", "cost": "cost",
    },
}  # fmt: skip


def crm_of(folder: Path, tables: Mapping[str, Sequence[Row]], **more: Any) -> CRM:
    """Write the tables and a crm.yaml that names them, and open it.

    ``more`` overrides keys of crm.yaml; ``orders`` and ``visits`` those of the logs.
    """
    for name, rows in tables.items():
        write(folder, name, rows)
    contract: dict[str, Any] = {"version": 1, "currency": "GBP"}
    contract |= {name: table for name, table in TABLES.items() if name in tables}
    logs = {"orders": ORDERS, "visits": VISITS, "clicks": CLICKS}
    events = {name: {**log, **more.pop(name, {})} for name, log in logs.items() if name in tables}
    contract |= {"events": events, **more}
    (folder / "crm.yaml").write_text(yaml.safe_dump(contract))
    return CRM.open(folder / "crm.yaml")


def write(folder: Path, name: str, rows: Sequence[Row]) -> None:
    schema = pa.schema(list(SCHEMAS[name].items()))
    full = [{column: row.get(column) for column in schema.names} for row in rows]
    pq.write_table(pa.Table.from_pylist(full, schema=schema), folder / f"{name}.parquet")


INACTIVITY = {"kind": "inactivity", "events": "orders", "inactive_days": 20, "active_within_days": 40}


def spec_of(folder: Path, **more: Any) -> Spec:
    """A spec of churn by inactivity, with whatever is given on top."""
    keys = {"task": "churn", "label": INACTIVITY, "horizon_days": 20, "windows_days": [7, 30], **more}
    (folder / "churn.yaml").write_text(yaml.safe_dump(keys))
    return read_spec(folder / "churn.yaml")


def conversion_of(folder: Path, **more: Any) -> Spec:
    """A spec of conversion, with whatever is given on top."""
    keys = {
        "task": "conversion", "label": {"kind": "won"}, "horizon_days": 20, "windows_days": [7, 30], **more,
    }  # fmt: skip
    (folder / "conversion.yaml").write_text(yaml.safe_dump(keys))
    return read_spec(folder / "conversion.yaml")


def prospect(
    name: str, made: int | None, won: int | None = None, lost: int | None = None, **more: Any
) -> Row:
    """One prospect by the days on which it was created, won and lost."""
    days = {"made": made, "signed": won, "dropped": lost}
    return {"lead": name, **{key: None if at is None else day(at) for key, at in days.items()}, **more}


def day(number: int) -> dt.date:
    """Day ``number`` of the tests' time."""
    return dt.date(2024, 1, 1) + dt.timedelta(days=number)


def order(customer: str, at: int, amount: str | None = "10.00", **more: Any) -> Row:
    """One row of an order log."""
    late = more.pop("late", 0)
    return {
        "customer": customer, "ordered": day(at), "loaded": day(at + late), "back": False,
        "amount": None if amount is None else Decimal(amount), "pieces": 1, "channel": "web", **more,
    }  # fmt: skip
