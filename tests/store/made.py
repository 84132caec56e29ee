"""Score tables and tables of similar accounts, made for tests."""

from __future__ import annotations

import datetime as dt
import random
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from salesml.scoring import table
from salesml.scoring.rank import EXTRA
from salesml.scoring.similar import SCHEMA

DAY = dt.date(2026, 1, 1)
EVENTS = pa.list_(
    pa.struct(
        [("day", pa.date32()), ("words", pa.string()), ("detail", pa.string()), ("amount", pa.float64())]
    )
)
MOVED = pa.struct([("since", pa.date32()), ("before", pa.float64()), ("text", pa.string())])


def reason(number: int, words: str = "") -> dict[str, Any]:
    return {
        "features": [f"orders_{number}d"], "words": words or f"Orders on {number} of the last 60 days",
        "value_text": f"{number} of 60", "value_number": float(number), "contribution": 0.1 * number,
        "direction": "raises", "share": 0.5, "strength": "++", "tag": "actionable",
    }  # fmt: skip


def row(number: int, *, day: dt.date = DAY, model: str = "churn", run: str = "run-1") -> dict[str, Any]:
    drawn = random.Random(f"{number} {day} {run}")
    probability = drawn.random()
    return {
        "scoring_run_id": run, "model": model, "task": model, "entity_id": f"{model[0].upper()}-{number:06d}",
        "as_of": day, "rep_id": f"R{number % 7}", "status": "scored", "problem": None,
        "probability": probability, "raw_score": drawn.gauss(0, 1), "base_value": -1.0,
        "other_contribution": 0.25, "band": "ABCD"[number % 4], "value": 100.0,
        table.expected_column(model): 100 * probability, "expected_low": None, "expected_high": None,
        "expected_hours": None, "return_on_effort": None,
        "reasons": [reason(each) for each in range(1, number % 4 + 1)], "model_version": f"salesml-{model}/3",
    }  # fmt: skip


def unscored(number: int, **more: Any) -> dict[str, Any]:
    empty = dict.fromkeys(
        ("probability", "raw_score", "base_value", "other_contribution", "band", "value"), None
    )
    return row(number, **more) | empty | {
        "status": "not scored", "problem": "revenue is infinite", "reasons": None,
    }  # fmt: skip


def write_rows(path: Path, rows: list[dict[str, Any]]) -> Path:
    task = rows[0]["task"] if rows else "churn"
    pq.write_table(pa.Table.from_pylist(rows, schema=table.schema(task)), path)
    return path


def write_ranked(path: Path, rows: list[dict[str, Any]]) -> Path:
    """As `salesml rank` writes it: the columns of a score table and its own."""
    extra = {
        "rank": 1, "list": "R1", "pick_probability": 1.0, "seed": 0, "picked": "order", "unlisted": None,
    }  # fmt: skip
    schema = pa.schema([*table.schema(rows[0]["task"]), *EXTRA])
    ranked = [each | extra | {"rank": place} for place, each in enumerate(rows, start=1)]
    pq.write_table(pa.Table.from_pylist(ranked, schema=schema), path)
    return path


def scores(path: Path, count: int = 100, **more: Any) -> Path:
    return write_rows(path, [row(number, **more) for number in range(count)])


def similar(path: Path, prospects: int, *, day: dt.date = DAY, model: str = "fit", accounts: int = 3) -> Path:
    rows = [
        {
            "entity_id": f"{model[0].upper()}-{number:06d}", "as_of": day, "place": place,
            "account_id": f"A-{(number + place) % 11:03d}", "similarity": 1 / place,
            "shared": [{"features": ["industry"], "words": f"Industry: both \"{place}\""}],
        }
        for number in range(prospects)
        for place in range(1, accounts + 1)
    ]  # fmt: skip
    pq.write_table(pa.Table.from_pylist(rows, schema=SCHEMA), path)
    return path


def recent(path: Path, count: int = 100, *, day: dt.date = DAY, model: str = "churn") -> Path:
    """Two events of each, the first of them in so many words."""
    rows = [
        {
            "entity_id": f"{model[0].upper()}-{number:06d}",
            "events": [
                {
                    "day": day - dt.timedelta(days=1),
                    "words": f'{number} "orders"',
                    "detail": None,
                    "amount": 9.5,
                },
                {"day": day - dt.timedelta(days=40), "words": "Activity", "detail": "call", "amount": None},
            ],
        }
        for number in range(count)
    ]
    schema = pa.schema([("entity_id", pa.string()), ("events", EVENTS)])
    pq.write_table(pa.Table.from_pylist(rows, schema=schema), path)
    return path


def events_told(count: int, day: dt.date = DAY) -> list[str]:
    """What :func:`recent` comes to in the store."""
    told = '[{{"day":"{}","words":"{} \\"orders\\"","detail":null,"amount":9.5}},'
    told += '{{"day":"{}","words":"Activity","detail":"call","amount":null}}]'
    days = day - dt.timedelta(days=1), day - dt.timedelta(days=40)
    return [told.format(days[0], number, days[1]) for number in range(count)]


def moves(path: Path, count: int = 100, *, day: dt.date = DAY, model: str = "churn") -> Path:
    rows = [
        {
            "entity_id": f"{model[0].upper()}-{number:06d}",
            "moved": {"since": day - dt.timedelta(days=7), "before": 0.5, "text": f"Up by {number}."},
        }
        for number in range(count)
    ]
    schema = pa.schema([("entity_id", pa.string()), ("moved", MOVED)])
    pq.write_table(pa.Table.from_pylist(rows, schema=schema), path)
    return path
