"""Publishing a score table: rows per second beside the obvious script, and how long anybody waits.

    python -m benchmarks.publishing --rows 200000 --postgresql postgresql://USER@HOST/DATABASE

The obvious script reads the table with pandas, makes text of the reasons and calls `to_sql`, in one
transaction without an index, as of one process. Then the same scores are published with ten recent events of
each account and what moved its score beside them. Rates are of scores, by the clock and by processor time of
the publishing process, since a machine has other work.
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import sqlalchemy as sa

from salesml.lifecycle import moves, recent
from salesml.scoring.table import REASON, schema
from salesml.store.beside import Beside
from salesml.store.engine import Store
from salesml.store.feedback import Feedback
from salesml.store.migrate import ready
from salesml.store.moments import now
from salesml.store.publish import publish

BLOCK, REASONS, REPS, EVENTS = 50_000, 5, 500, 10


def write_scores(path: Path, rows: int) -> None:
    """A score table of the form and about the size of a real one."""
    with pq.ParquetWriter(path, schema("churn"), compression="zstd") as writer:
        for start in range(0, rows, BLOCK):
            writer.write_table(block(start, min(BLOCK, rows - start)))


def block(start: int, rows: int) -> pa.Table:
    rng = np.random.default_rng(start)
    same = {
        "scoring_run_id": "run", "model": "churn", "task": "churn", "as_of": dt.date(2026, 1, 1),
        "status": "scored", "model_version": "salesml-churn/1",
    }  # fmt: skip
    columns: dict[str, pa.Array] = {name: pa.array([value] * rows) for name, value in same.items()}
    columns["entity_id"] = pa.array([f"A{start + row:09d}" for row in range(rows)])
    columns["rep_id"] = pa.array([f"R{rep:04d}" for rep in rng.integers(0, REPS, rows)])
    columns["band"] = pa.array(list("ABCD")).take(pa.array(rng.integers(0, 4, rows)))
    columns["reasons"] = reasons(rng, rows)
    empty = {"problem", "expected_low", "expected_high", "expected_hours", "return_on_effort"}
    for field in schema("churn"):
        if field.name not in columns:
            made = pa.nulls(rows, field.type) if field.name in empty else pa.array(rng.random(rows))
            columns[field.name] = made
    return pa.table({field.name: columns[field.name].cast(field.type) for field in schema("churn")})


def reasons(rng: np.random.Generator, rows: int) -> pa.ListArray:
    count = rows * REASONS
    words = pa.array([f"Orders on {days} of the last 60 days" for days in range(60)])
    told = words.take(pa.array(rng.integers(0, 60, count)))
    places = pa.array(np.arange(count + 1), pa.int32())
    features = pa.ListArray.from_arrays(places, pa.array(["orders_60d"] * count))
    number = pa.array(rng.normal(size=count))
    same = {"direction": "raises", "strength": "++", "tag": "actionable"}
    of: dict[str, pa.Array] = {name: pa.array([value] * count) for name, value in same.items()}
    of |= {"features": features, "words": told, "value_text": told}
    of |= dict.fromkeys(("value_number", "contribution", "share"), number)
    struct = pa.StructArray.from_arrays([of[field.name] for field in REASON], fields=list(REASON))
    return pa.ListArray.from_arrays(pa.array(np.arange(0, count + 1, REASONS), pa.int32()), struct)


def write_beside(folder: Path, rows: int) -> Beside:
    """Events and moves of every account, of about the size of real ones."""
    files = {"events": recent.SCHEMA, "moved": moves.SCHEMA}
    for name, form in files.items():
        with pq.ParquetWriter(folder / f"{name}.parquet", form, compression="zstd") as writer:
            for start in range(0, rows, BLOCK):
                count = min(BLOCK, rows - start)
                ids = pa.array([f"A{start + row:09d}" for row in range(count)])
                made = events(start, count) if name == "events" else moved(count)
                writer.write_table(pa.table([ids, made], schema=form))
    return Beside(folder / "events.parquet", folder / "moved.parquet", {"currency": "GBP"})


def events(start: int, rows: int) -> pa.ListArray:
    rng = np.random.default_rng(start)
    count = rows * EVENTS
    days = pa.array(rng.integers(20_000, 20_400, count).astype(np.int32)).cast(pa.date32())
    amount = pa.array(rng.lognormal(4, 1, count).round(2))
    same = [pa.array([text] * count, pa.string()) for text in ("2 orders", None)]
    event = recent.SCHEMA.field("events").type.value_type
    struct = pa.StructArray.from_arrays([days, *same, amount], fields=list(event))
    return pa.ListArray.from_arrays(pa.array(np.arange(0, count + 1, EVENTS), pa.int32()), struct)


def moved(rows: int) -> pa.StructArray:
    reason = {"words": "No order for 74 days (40 days on 1 December 2025)", "direction": "raises"}
    one = {
        "since": dt.date(2025, 12, 1), "before": 0.12, "now": 0.31, "model": [], "model_changed": False,
        "headline": "Risk of leaving: up from 12% to 31% since 1 December 2025.",
        "text": "Risk of leaving: up from 12% to 31% since 1 December 2025. What changed and raises it: …",
        "data": [{**reason, "strength": "strong"}] * 4,
    }  # fmt: skip
    return pa.array([one] * rows, moves.MOVED)


def obvious(path: Path, address: str) -> None:
    frame = pd.read_parquet(path)
    frame["reasons"] = [json.dumps([plain(each) for each in cell]) for cell in frame["reasons"]]
    engine = sa.create_engine(address)
    with engine.begin() as connection:
        frame.to_sql("obvious", connection, index=False, if_exists="replace")
    engine.dispose()


def plain(reason: dict[str, Any]) -> dict[str, Any]:
    return {**reason, "features": list(reason["features"])}


class Answers(threading.Thread):
    """A rep who answers again and again while rows are loaded, and how long each answer took."""

    def __init__(self, address: str) -> None:
        super().__init__(daemon=True)
        self.store, self.done, self.took = Store(address), threading.Event(), [0.0]

    def run(self) -> None:
        row = sa.insert(Feedback).values(
            at=now(), by="rep", what="contacted", name="churn", task="churn", entity_id="A000000001"
        )
        while not self.done.wait(0.2):
            before = time.perf_counter()
            self.store.write(lambda connection: connection.execute(row), self.store.feedback)
            self.took.append(time.perf_counter() - before)


def timed(name: str, rows: int, work: Callable[[], None]) -> float:
    """Print a rate; rows per second of processor time."""
    clock, processor = time.perf_counter(), time.process_time()
    work()
    clock, processor = time.perf_counter() - clock, time.process_time() - processor
    print(
        f"{name:<44}{rows / clock:>12,.0f} rows/s{rows / processor:>12,.0f} per processor second", flush=True
    )
    return rows / processor


def published(name: str, path: Path, rows: int, address: str, beside: Beside | None = None) -> float:
    with Store(address) as store:
        ready(store)
        answers = Answers(address)
        answers.start()
        rate = timed(name, rows, lambda: print(publish(store, path, beside=beside).text()))
        answers.done.set()
        answers.join()
        answers.store.close()
    print(f"  {len(answers.took) - 1} answers of a rep meanwhile; the slowest took {max(answers.took):.3f} s")
    return rate


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--postgresql", metavar="URL", help="an empty database")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="salesml-") as folder:
        path = Path(folder, "scores.parquet")
        write_scores(path, given.rows)
        beside = write_beside(Path(folder), given.rows)
        places = {"SQLite": f"sqlite:///{folder}/store.db"}
        places |= {"PostgreSQL": given.postgresql} if given.postgresql else {}
        for kind, address in places.items():
            apart = f"sqlite:///{folder}/obvious.db" if kind == "SQLite" else address
            ours = published(f"salesml publish, {kind}", path, given.rows, address)
            theirs = timed(f"pandas to_sql, {kind}", given.rows, lambda apart=apart: obvious(path, apart))  # type: ignore[misc]
            published(f"the same with events and moves, {kind}", path, given.rows, address, beside)
            print(f"{kind}: {ours / theirs:.1f} times the rate of the obvious script")


if __name__ == "__main__":
    main()
