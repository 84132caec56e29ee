"""Further scores for the company of the pages: of a later date, of odd accounts, with much missing."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa
import sqlalchemy as sa

from salesml.store.engine import Store
from salesml.store.models import Generation, Moved, Recent, Score
from salesml.store.publish import publish
from tests.store.made import DAY, row, unscored, write_rows

LATER = DAY + dt.timedelta(days=7)

ODD = (
    "a/b", "a%2Fb", "a//b", "/a/", "q\"u'o<t>&e", "a?b=c&d#e", "a b+c", "%", "%00", "ü ñ/日本", "שלום/1",
    "x" * 300,
    "a\\b", "a;b=c", "{{ 7 * 7 }}", "..a/..", ".", "..", "../..", "./b", "a/./b", "..\\b", "...", "a..b",
    "%2e", "?id=..", "\u00e9", "e\u0301", "accounts", "unscored",
)  # fmt: skip
"""Ids that a path must carry."""

ARABIC = "شركة الأمل للتجارة"
LONGEST_NAME = "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbau AG"


def mine(number: int, **more: Any) -> dict[str, Any]:
    """A row of the first rep's book, of the later date."""
    return row(number, day=LATER, run="run-2") | {"rep_id": "R1"} | more


def publish_rows(
    store: Store, folder: Path, rows: list[dict[str, Any]], names: Mapping[str, str | None]
) -> None:
    """Publish rows of the later date, with names and without attributes."""
    path = write_rows(folder / "later.parquet", rows)
    table = pa.table(
        {
            "entity_id": pa.array(names.keys(), pa.string()),
            "name": pa.array(names.values(), pa.string()),
            "attributes": pa.array(
                ['{"employees": 12, "annual_revenue": 1500000, "since": null}'] * len(names)
            ),
        }
    )
    publish(store, path, entities=table)


def publish_later(store: Store, folder: Path) -> None:
    """Four accounts whose chances went up, down, nowhere, and one that is new; one without a score."""
    before = {each: row(each)["probability"] for each in (1, 8, 15)}
    rows = [
        mine(1, probability=min(before[1] + 0.2, 1.0), expected_loss=40.0, band="A"),
        mine(8, probability=before[8] / 2, expected_loss=30.0, band="B"),
        mine(15, probability=before[15] * 1.001, expected_loss=20.0, band="C"),
        mine(900, probability=0.5, expected_loss=10.0, band="D"),
        unscored(22, day=LATER, run="run-2"),
    ]
    publish_rows(store, folder, rows, {each["entity_id"]: f"Company {each['entity_id']}" for each in rows})


def bare(number: int, entity_id: str) -> dict[str, Any]:
    """A scored row of which only the chance is known."""
    nothing = dict.fromkeys(("band", "value", "expected_loss", "base_value", "other_contribution", "reasons"))
    return mine(number, entity_id=entity_id) | nothing


def put_beside(
    store: Store, entity_id: str, *, events: str = "", moved: str = "", display: str | None = None
) -> None:
    """Events and moves of an account of the latest scores, and what is said of all of them."""

    def write(connection: sa.Connection) -> None:
        query = (
            sa.select(Score.generation_id)
            .join(Generation, Generation.id == Score.generation_id)
            .where(Score.entity_id == entity_id, Generation.name == "churn")
        )
        generation = max(connection.execute(query).scalars())
        about = {"id": generation, "generation_id": generation, "entity_id": entity_id}
        if events:
            connection.execute(sa.insert(Recent).values(**about, events=events))
        if moved:
            connection.execute(sa.insert(Moved).values(**about, moved=moved))
        if display is not None:
            changed = sa.update(Generation).where(Generation.id == generation).values(display=display)
            connection.execute(changed)

    store.write(write)
