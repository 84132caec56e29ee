"""The tables of the contract: their keys, and what kind of column each names."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Kind = Literal["id", "text", "date", "number"]


@dataclass(frozen=True)
class Role:
    """One key of a table of the contract: what kind of column it names, and whether it must be."""

    kind: Kind
    required: bool = False


ID, TEXT, DATE, NUMBER = Role("id"), Role("text"), Role("date"), Role("number")
MUST_ID, MUST_TEXT, MUST_DATE, MUST_NUMBER = (Role(kind, True) for kind in ("id", "text", "date", "number"))

TABLES: dict[str, dict[str, Role]] = {
    "accounts": {"id": MUST_ID, "name": TEXT, "acquired_at": DATE, "ended_at": DATE, "rep": ID},
    "contracts": {
        "account": MUST_ID, "start": MUST_DATE, "end": DATE, "plan": TEXT, "amount": NUMBER,
        "discount": NUMBER,
    },
    "prospects": {
        "id": MUST_ID, "name": TEXT, "created_at": MUST_DATE, "rep": ID, "amount": NUMBER, "won_at": DATE,
        "lost_at": DATE, "lost_reason": TEXT, "account": ID,
    },
    "stages": {"prospect": MUST_ID, "stage": MUST_TEXT, "at": MUST_DATE},
    "activities": {
        "rep": ID, "account": ID, "prospect": ID, "at": MUST_DATE, "kind": TEXT,
        "hours": NUMBER, "cost": NUMBER,
    },
    "reps": {
        "id": MUST_ID, "name": TEXT, "team": TEXT, "login": TEXT, "role": TEXT, "manager": ID,
        "hours_per_week": NUMBER,
    },
    "assignments": {"account": MUST_ID, "rep": MUST_ID, "start": MUST_DATE, "end": DATE},
    "history": {"table": MUST_TEXT, "id": MUST_ID, "column": MUST_TEXT, "value": TEXT, "at": MUST_DATE},
    "costs": {"period": MUST_DATE, "rep": ID, "kind": TEXT, "amount": MUST_NUMBER},
    "workload": {
        "rep": MUST_ID, "period": MUST_DATE, "hours": NUMBER, "overtime_hours": NUMBER, "sick_days": NUMBER,
    },
    "targets": {"rep": MUST_ID, "period": MUST_DATE, "amount": MUST_NUMBER},
    "referrals": {"account": MUST_ID, "at": MUST_DATE, "kind": TEXT, "prospect": ID},
    "feedback": {
        "account": ID, "prospect": ID, "at": MUST_DATE, "what": MUST_TEXT, "rep": ID, "by": TEXT,
        "model": TEXT, "as_of": DATE, "probability": NUMBER, "band": TEXT, "pick_probability": NUMBER,
        "reason": TEXT, "reason_words": TEXT, "withdrawn_at": DATE, "label": NUMBER,
    },
    "market": {"period": MUST_DATE},
}  # fmt: skip
"""Every table but the event logs: its keys in the contract and what they name."""

LISTS = {"accounts": "attributes", "prospects": "attributes", "market": "indicators"}
"""Tables with a key that lists further columns."""

ANSWERS = "feedback"
"""What reps answered to scores. It says what people thought: nothing is observed by it, it may be empty, and
nobody's life is bounded by it."""

NAMED = {
    ANSWERS: {key: key for key in TABLES[ANSWERS]}
    | {"account": "account_id", "prospect": "prospect_id", "rep": "rep_id"}
}
"""Columns of tables that salesml writes itself, which crm.yaml need not name."""
