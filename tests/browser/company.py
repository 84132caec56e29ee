"""A company for a browser: accounts and prospects with names, attributes, reasons, events, and what moved."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import Any

import pyarrow as pa

from salesml.store.beside import Beside
from salesml.store.engine import Store
from salesml.store.publish import publish
from tests.store.made import moves, recent, row, unscored, write_rows
from tests.web.conftest import add_users, team

ACCOUNTS = 135
"""Twenty of the first rep, the last of which is not scored."""

LONGEST = "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft"
REP, MANAGER = "rep1", "rep0"
ACCOUNT, PROSPECT, NOT_SCORED = "C-000001", "C-000008", "C-000134"
"""Of the rep."""

DISPLAY = {
    "currency": "GBP", "horizon_days": 60, "words": {"employees": "People employed"}, "version": "3",
    "trained": "2025-12-01", "features": 41, "verdict": "good",
    "quality": ["Of a hundred accounts that were said to leave, 61 did."],
    "tested": {"bands": [{"band": "A", "count": 10, "rate": 0.6}, {"band": "B", "count": 90, "rate": 0.2}]},
}  # fmt: skip


def publish_company(store: Store, folder: Path) -> None:
    """Two nights of customers a week apart, then prospects; of today, so that no page says they are old."""
    today = dt.datetime.now(dt.UTC).date()
    for day in (today - dt.timedelta(days=7), today):
        for model in ("churn", "conversion"):
            rows = [_row(number, day, model) for number in range(ACCOUNTS - 1)]
            rows.append(unscored(ACCOUNTS - 1, day=day, model=model, run=str(day)))
            beside = Beside(
                recent(folder / "recent.parquet", ACCOUNTS, day=day, model=model),
                moves(folder / "moves.parquet", ACCOUNTS, day=day, model=model), DISPLAY,
            )  # fmt: skip
            path = write_rows(folder / "scores.parquet", rows)
            publish(store, path, reps=team(), entities=_entities(rows), beside=beside)
    add_users(store)


def _row(number: int, day: dt.date, model: str) -> dict[str, Any]:
    made = row(number, day=day, model=model, run=str(day))
    if model == "conversion":
        made |= {"expected_hours": 2.0, "return_on_effort": made["expected_value"] / 2}
    for place, reason in enumerate(made["reasons"]):
        reason["direction"] = "lowers" if place == 1 else "raises"
        reason["tag"] = "actionable" if place == 0 else "fixed"
        reason["strength"] = "strong" if place == 0 else "slight"
    return made


def _entities(rows: list[dict[str, Any]]) -> pa.Table:
    attributes = {"industry": "Retail", "employees": 120, "annual_revenue": 1_500_000, "since": "2019-05-01"}
    ids = [each["entity_id"] for each in rows]
    names = [f"Company {each}" for each in ids]
    names[8] = LONGEST
    return pa.table({"entity_id": ids, "name": names, "attributes": [json.dumps(attributes)] * len(ids)})
