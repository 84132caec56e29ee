"""What decides the meaning of a model's rows: a spec and a contract, kept to compare them later."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from salesml.config import Spec
from salesml.crm.contract import Contract, EventLog, Table
from salesml.errors import Fault, ModelError

DECIDING_TABLES = ("accounts", "prospects", "contracts")
"""Tables that say who is in the cohort and what becomes of them."""

PROCESS_TABLES = ("activities", "stages")
"""Tables that features are made of, where they are."""

LATER_KEYS = ("open_days",)
"""Keys of the label that older models do not know."""

DIGEST = "SQL "
"""What stands before the digest of a SQL text, which is not kept itself: it may name somebody."""


def meaning(spec: Spec, contract: Contract) -> dict[str, str]:
    """What decides the meaning of a row and its outcome, by key; neither places nor words of tables.

    Parameters
    ----------
    spec : Spec
    contract : Contract
        Of each table its columns, and of each log its SQL as a digest. Where a table comes from and
        what reps call things do not change a score.
    """
    found = {
        "task": spec.task,
        "label": _plain(_label(spec)),
        "horizon_days": str(spec.horizon_days),
        "gap_days": str(spec.gap_days),
        "windows_days": _plain(spec.windows_days),
        "value": spec.value,
        "currency": contract.currency,
        "timezone": contract.timezone,
    }
    found |= {f"features.{own.name}.sql": _sql(own.sql) for own in spec.features}
    for name in DECIDING_TABLES:
        found |= {f"{name}.{key}": text for key, text in _of_table(contract.tables.get(name)).items()}
    for name in PROCESS_TABLES:
        if name in contract.tables:
            found |= {f"{name}.{key}": text for key, text in _of_table(contract.tables[name]).items()}
    for log in contract.events.values():
        found |= {f"events.{log.name}.{key}": text for key, text in _of_log(log).items()}
    return found


def refuse_other_meaning(trained: Mapping[str, str], spec: Spec, contract: Contract) -> None:
    """That rows still mean what they meant in training; logs and measures that came since do not matter.

    Raises
    ------
    ModelError
        ``other-meaning`` for each difference.
    """
    now = meaning(spec, contract)
    faults = [_other(key, was, now.get(key, "")) for key, was in trained.items() if now.get(key, "") != was]
    if faults:
        raise ModelError(faults)


def _label(spec: Spec) -> dict[str, Any]:
    """The label's keys; one that came later counts only where it says something."""
    return {key: value for key, value in asdict(spec.label).items() if value or key not in LATER_KEYS}


def _of_table(table: Table | None) -> dict[str, str]:
    """Empty texts for a table that is not there, so that one that comes later is noticed."""
    if table is None:
        return {"columns": "", "null_values": "", "date_format": ""}
    return {
        "columns": _plain(dict(table.columns)),
        "null_values": _plain({key: list(texts) for key, texts in table.null_values.items()}),
        "date_format": table.date_format,
    }


def _of_log(log: EventLog) -> dict[str, str]:
    return {
        "at": log.at,
        "account": log.account,
        "prospect": log.prospect,
        "known_at": log.known_at,
        "id": log.id,
        "categories": _plain(sorted(log.categories)),
        "where": _sql(log.where),
        "returns": _sql(log.returns),
        "null_values": _plain({key: list(texts) for key, texts in log.null_values.items()}),
        "date_format": log.date_format,
        **{f"measures.{name}": _sql(sql) for name, sql in log.measures.items()},
    }


def _plain(value: Any) -> str:
    return json.dumps(value, sort_keys=True) if value else ""


def _sql(text: str) -> str:
    """The digest of a SQL text, whatever its blanks; nothing for none."""
    words = " ".join(text.split())
    return DIGEST + hashlib.sha256(words.encode()).hexdigest()[:12] if words else ""


def _other(key: str, was: str, now: str) -> Fault:
    return Fault(
        code="other-meaning",
        found=f"{key} is not as in training: trained with {was or 'nothing'}, now {now or 'nothing'}",
        allowed="A model scores only what its rows meant in training",
        do="Train again, or score with the spec and the crm.yaml it was trained with (they lie in its run)",
    )
