"""What the load benchmark has beside accounts: prospects on lists, a scorecard, and tokens of programs."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from benchmarks.publishing import REPS, block
from benchmarks.serving_store import login
from salesml.scoring.table import schema
from salesml.store.beside import Beside
from salesml.store.engine import Store
from salesml.store.generations import every_current
from salesml.store.publish import publish
from salesml.store.publish_card import publish_scorecard
from salesml.store.tokens import SCORES_READ, make

PER_REP = 200
"""Prospects of a rep; each has a fifth of them on the list of the week."""

LISTED = 40


def add(address: str, folder: Path, card: Path | None) -> None:
    """Publish prospects, and a scorecard where there is one to publish; nothing that is there already."""
    with Store(address) as store:
        there = store.read(every_current)
        if "conversion" not in there:
            display = {"currency": "GBP", "horizon_days": 90}
            path = _write(folder / "prospects.parquet")
            print(publish(store, path, beside=Beside(display=display)).text(), flush=True)
        if card is not None and "scorecard" not in there:
            print(publish_scorecard(store, card).text(), flush=True)


def _write(path: Path) -> Path:
    """A ranked list of everybody's prospects."""
    rows = REPS * PER_REP
    table = block(0, rows)
    losses = table["expected_loss"]
    places = [row // REPS for row in range(rows)]
    given: dict[str, list[object] | pa.ChunkedArray] = {
        "entity_id": [f"P{row:09d}" for row in range(rows)],
        "rep_id": [f"R{row % REPS:04d}" for row in range(rows)],
        "as_of": [dt.date.today()] * rows,
        "model": ["conversion"] * rows,
        "task": ["conversion"] * rows,
        "expected_value": losses,
        "expected_hours": [2.0] * rows,
        "return_on_effort": losses,
    }
    form = schema("conversion")
    columns = {
        field.name: pa.array(made, field.type) if isinstance(made := given.get(field.name), list)
        else (table[field.name] if made is None else made).cast(field.type)
        for field in form
    }  # fmt: skip
    listed = [place < LISTED for place in places]
    columns["rank"] = pa.array([place + 1 if place < LISTED else None for place in places], pa.int64())
    columns["list"] = pa.array(["week"] * rows)
    columns["picked"] = pa.array(["rank" if each else None for each in listed], pa.string())
    columns["unlisted"] = pa.array(
        [None if each else "others filled the list" for each in listed], pa.string()
    )
    pq.write_table(pa.table(columns), path, compression="zstd")
    return path


def bearers(address: str, count: int) -> list[str]:
    """Headers by which programs ask on behalf of the first reps, for a day."""
    with Store(address) as store:
        made = [
            make(store, "benchmark", login(rep), [SCORES_READ], 1, by="benchmark") for rep in range(count)
        ]
    return [f"authorization: Bearer {each}" for each in made]
