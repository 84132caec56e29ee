"""What pages show of accounts, prospects and reps beside scores, from the company's tables."""

from __future__ import annotations

from collections.abc import Collection

import duckdb
import pyarrow as pa

from salesml.crm import CRM
from salesml.crm.sources import identifier
from salesml.lifecycle.recent_sql import Hidden

ATTRIBUTE = "a_"


def entities(crm: CRM, task: str, protected: Collection[str] = ()) -> pa.Table:
    """Names and attributes of accounts, or of prospects, by what a task is about.

    Parameters
    ----------
    protected : collection of str
        Attributes that are not shown, beside those that crm.yaml excludes.

    Returns
    -------
    pyarrow.Table
        ``entity_id``, ``name``, ``attributes`` (a JSON object as text), in the order of the ids.
    """
    relation = "accounts" if task == "churn" else "prospects"
    hidden = Hidden(crm.contract, protected)
    with crm.connect() as con:
        there = [
            name.removeprefix(ATTRIBUTE) for name in _columns(con, relation) if name.startswith(ATTRIBUTE)
        ]
        shown = [name for name in there if not hidden(relation, name)]
        pairs = ", ".join(f"{_text(name)}, {identifier(ATTRIBUTE + name)}" for name in shown)
        query = (
            f"SELECT id AS entity_id, name, CAST(json_object({pairs}) AS VARCHAR) AS attributes "
            f"FROM {identifier(relation)} WHERE id IS NOT NULL "
            "QUALIFY row_number() OVER (PARTITION BY id ORDER BY name, attributes) = 1 ORDER BY id"
        )
        return con.sql(query).to_arrow_table()


def reps(crm: CRM) -> pa.Table | None:
    """The reps, one row each in the order of their ids; nothing where crm.yaml has no table of them."""
    if "reps" not in crm.contract.tables:
        return None
    query = (
        "SELECT id AS rep_id, name, team, login, role, manager AS manager_id, "
        "CASE WHEN isfinite(CAST(hours_per_week AS DOUBLE)) THEN CAST(hours_per_week AS DOUBLE) END "
        "AS hours_per_week FROM reps WHERE id IS NOT NULL "
        "QUALIFY row_number() OVER (PARTITION BY id ORDER BY name, team, login) = 1 ORDER BY id"
    )
    with crm.connect() as con:
        return con.sql(query).to_arrow_table()


def _columns(con: duckdb.DuckDBPyConnection, relation: str) -> list[str]:
    return [row[0] for row in con.execute(f"DESCRIBE {identifier(relation)}").fetchall()]


def _text(name: str) -> str:
    return "'" + name.replace("'", "''") + "'"
