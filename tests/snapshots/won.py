"""A company whose prospects become accounts, written to files, for tests of the ideal customer."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import yaml

from salesml.config import Spec, read_spec
from salesml.crm import CRM

Row = dict[str, Any]
D, S, F = pa.date32(), pa.string(), pa.float64()

SCHEMAS = {
    "prospects": {
        "id": S, "made": D, "won": D, "lost": D, "customer": S, "industry": S, "employees": pa.int64(),
        "plan": S,
    },
    "stages": {"lead": S, "stage": S, "at": D},
    "accounts": {"id": S, "since": D, "gone": D},
    "orders": {"customer": S, "ordered": D, "invoice": S, "margin": F, "back": pa.bool_()},
    "activities": {"rep": S, "customer": S, "lead": S, "at": D, "kind": S, "hours": F, "cost": F},
    "referrals": {"customer": S, "at": D, "kind": S},
    "history": {"table": S, "id": S, "column": S, "value": S, "at": D},
    "visits": {"lead": S, "seen": D, "loaded": D, "pages": pa.int64()},
}  # fmt: skip

TABLES: dict[str, Any] = {
    "prospects": {
        "id": "id", "created_at": "made", "won_at": "won", "lost_at": "lost", "account": "customer",
        "attributes": ["industry", "employees", "plan"],
    },
    "stages": {"prospect": "lead", "stage": "stage", "at": "at"},
    "accounts": {"id": "id", "acquired_at": "since", "ended_at": "gone"},
    "activities": {
        "rep": "rep", "account": "customer", "prospect": "lead", "at": "at", "kind": "kind",
        "hours": "hours", "cost": "cost",
    },
    "referrals": {"account": "customer", "at": "at", "kind": "kind"},
    "history": {"table": "table", "id": "id", "column": "column", "value": "value", "at": "at"},
}  # fmt: skip
LOGS: dict[str, Any] = {
    "orders": {
        "account": "customer", "at": "ordered", "id": "invoice", "measures": {"margin": "margin"},
        "returns": "back",
    },
    "visits": {"prospect": "lead", "at": "seen", "known_at": "loaded", "measures": {"pages": "pages"}},
}  # fmt: skip


def won_crm(folder: Path, tables: Mapping[str, Sequence[Row]], **more: Any) -> CRM:
    """Write the tables and a crm.yaml that names them, and open it.

    ``more`` overrides keys of crm.yaml, and those of a table or log by its name.
    """
    contract: dict[str, Any] = {"version": 1, "currency": "EUR", "events": {}}
    for name, rows in tables.items():
        schema = pa.schema(list(SCHEMAS[name].items()))
        full = [{column: row.get(column) for column in schema.names} for row in rows]
        pq.write_table(pa.Table.from_pylist(full, schema=schema), folder / f"{name}.parquet")
        keys = {"source": f"{name}.parquet", **{**TABLES, **LOGS}[name], **more.pop(name, {})}
        keys = {key: value for key, value in keys.items() if value is not None}
        (contract["events"] if name in LOGS else contract)[name] = keys
    contract |= more
    (folder / "crm.yaml").write_text(yaml.safe_dump(contract))
    return CRM.open(folder / "crm.yaml")


def ideal_spec(folder: Path, **more: Any) -> Spec:
    """A spec of the ideal customer over six months; keys of the label may be given by name."""
    label = {"kind": "ideal", "months": 6, "inactive_days": 30}
    for key in ("months", "weights", "top", "hour_cost", "inactive_days"):
        if key in more:
            label[key] = more.pop(key)
    keys = {"task": "fit", "label": label, "value": "orders.margin", "windows_days": [30, 90], **more}
    (folder / "fit.yaml").write_text(yaml.safe_dump({k: v for k, v in keys.items() if v is not None}))
    return read_spec(folder / "fit.yaml")


def day(number: int) -> dt.date:
    """Day ``number`` of the tests' time."""
    return dt.date(2024, 1, 1) + dt.timedelta(days=number)


def prospect(name: str, made: int, won: int | None = None, **more: Any) -> Row:
    """A prospect, won as the account of its name in capitals."""
    return {
        "id": name, "made": day(made), "won": None if won is None else day(won),
        "customer": None if won is None else name.upper(), **more,
    }  # fmt: skip


def order(customer: str, at: int, margin: float = 10.0, **more: Any) -> Row:
    return {"customer": customer, "ordered": day(at), "margin": margin, "back": False, **more}
