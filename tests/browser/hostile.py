"""A company whose every text is markup: ids, names, attributes, reasons, events, what moved, reps, units."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from salesml.lifecycle.moves import SCHEMA as MOVES
from salesml.lifecycle.recent import SCHEMA as RECENT
from salesml.scoring.similar import SCHEMA as SIMILAR
from salesml.store.beside import Beside
from salesml.store.engine import Store
from salesml.store.publish import publish
from tests.browser.payloads import PAYLOADS
from tests.store.made import reason, row, unscored, write_rows
from tests.web.conftest import add_users, team

MANY = 10
"""Payloads that one account holds in each list that it has."""


def publish_hostile(store: Store, folder: Path) -> None:
    """Customers and prospects of one rep, each a payload; then the same again a week later."""
    today = dt.datetime.now(dt.UTC).date()
    for day in (today - dt.timedelta(days=7), today):
        for model in ("churn", "conversion"):
            rows = [_row(place, day, model) for place in range(len(PAYLOADS))]
            rows.append(_not_scored(day, model))
            path = write_rows(folder / "scores.parquet", rows)
            similar = _similar(folder / "similar.parquet", day) if model == "conversion" else None
            publish(
                store, path, similar=similar, accounts=_entities() if similar else None, reps=_reps(),
                entities=_entities(), beside=Beside(_recent(folder), _moves(folder, day), _display()),
            )  # fmt: skip
    add_users(store)


def _some(place: int) -> list[str]:
    """Payloads of one account: each is in the lists of several."""
    return [PAYLOADS[(place * MANY + each) % len(PAYLOADS)] for each in range(MANY)]


def _row(place: int, day: dt.date, model: str) -> dict[str, Any]:
    reasons = [
        reason(each + 1, text) | {
            "value_text": text, "features": [text], "direction": ("raises", "lowers")[each % 2],
            "tag": ("actionable", "fixed")[each % 2],
        }
        for each, text in enumerate(_some(place)[:5])
    ]  # fmt: skip
    return row(place, day=day, model=model, run=str(day)) | {
        "entity_id": PAYLOADS[place], "rep_id": "R1", "reasons": reasons,
    }  # fmt: skip


def _not_scored(day: dt.date, model: str) -> dict[str, Any]:
    made = unscored(0, day=day, model=model, run=str(day))
    return made | {"entity_id": f"not {PAYLOADS[0]}", "rep_id": "R1", "problem": PAYLOADS[1]}


def _entities() -> pa.Table:
    ids = [*PAYLOADS, f"not {PAYLOADS[0]}"]
    attributes = [json.dumps({text: text for text in _some(place)}) for place in range(len(ids))]
    return pa.table({"entity_id": ids, "name": ids, "attributes": attributes})


def _recent(folder: Path) -> Path:
    day = dt.date(2026, 1, 1)
    events = [
        [{"day": day, "words": text, "detail": text, "amount": 1.0} for text in _some(place)]
        for place in range(len(PAYLOADS))
    ]
    path = folder / "recent.parquet"
    pq.write_table(pa.table([pa.array(PAYLOADS), pa.array(events)], schema=RECENT), path)
    return path


def _moves(folder: Path, day: dt.date) -> Path:
    moved = []
    for place in range(len(PAYLOADS)):
        said = [{"words": text, "direction": "raises", "strength": "strong"} for text in _some(place)[:4]]
        moved.append(
            {"since": day - dt.timedelta(days=7), "before": 0.1, "now": 0.2, "headline": PAYLOADS[place],
             "text": PAYLOADS[place], "data": said, "model": said, "model_changed": True}
        )  # fmt: skip
    path = folder / "moves.parquet"
    pq.write_table(
        pa.table([pa.array(PAYLOADS), pa.array(moved, MOVES.field("moved").type)], schema=MOVES), path
    )
    return path


def _similar(path: Path, day: dt.date) -> Path:
    rows = [
        {"entity_id": text, "as_of": day, "place": 1, "account_id": text, "similarity": 0.9,
         "shared": [{"features": [text], "words": text}]}
        for text in PAYLOADS
    ]  # fmt: skip
    pq.write_table(pa.Table.from_pylist(rows, schema=SIMILAR), path)
    return path


def _reps() -> pa.Table:
    """Those of every test, with names that are payloads, and a team of which each payload is one."""
    rows = team().to_pylist()
    for place, each in enumerate(rows):
        each |= {"name": PAYLOADS[place], "team": PAYLOADS[place]}
    rows += [
        {"rep_id": text, "name": text, "team": text, "login": None, "role": None, "manager_id": "R0"}
        for text in PAYLOADS
    ]
    return pa.Table.from_pylist(rows)


def _display() -> dict[str, Any]:
    return {
        "currency": PAYLOADS[0], "horizon_days": 60, "words": {text: f"{text} {text}" for text in PAYLOADS},
        "quality": list(PAYLOADS[:MANY]), "verdict": PAYLOADS[2], "version": PAYLOADS[3], "timezone": "UTC",
        "trained": PAYLOADS[4],
    }  # fmt: skip
