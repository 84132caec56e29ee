"""Scores into a store night after night, each time killed at another place, and run again.

``python -m tests.faults.store_driver FOLDER ADDRESS [STEP]`` prints a JSON report. Places are before and
after each write to the disk of the work folder, and each transaction of the store.
"""

from __future__ import annotations

import datetime as dt
import gc
import json
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg  # noqa: F401  # warmed for the children
import pyarrow.parquet as pq
import sqlalchemy as sa

import salesml.scoring.batch.database  # noqa: F401
from salesml.config import Tracking
from salesml.lifecycle.score import How, score_table
from salesml.scoring.batch import job as jobs
from salesml.scoring.batch import journal, parts
from salesml.store import engine, steps
from salesml.store.engine import Store, reading
from salesml.store.models import LOADING, Generation, Pointer, Reasons, Score
from salesml.store.status import status
from tests.faults.driver import forked

FIRST = dt.date(2026, 1, 31)
STEPS = 20
"""Rows of a transaction, so that there are several."""

Seen = tuple[dt.date | None, list[tuple[Any, ...]]]


class Killer:
    """Ends this process at the place of a number, and knows how many there were."""

    def __init__(self, at: int) -> None:
        self.at, self.count = at, 0

    def __call__(self) -> None:
        self.count += 1
        if self.count == self.at:
            os.kill(os.getpid(), signal.SIGKILL)

    def around(self, owner: Any, name: str) -> None:
        """Two places at each call of a function."""
        real = getattr(owner, name)

        def watched(*given: Any, **named: Any) -> Any:
            self()
            done = real(*given, **named)
            self()
            return done

        setattr(owner, name, watched)


def job(folder: Path, address: str, night: int, kill: int = 0) -> Callable[[], None]:
    """The job of a night: two tables take turns."""

    work = folder / "work" if "://" in address else None

    def run() -> None:
        steps.BATCH = STEPS  # type: ignore[misc]
        killer = Killer(kill)
        for owner, name in (
            (journal.Journal, "add"), (parts, "put"), (jobs.shutil, "rmtree"), (engine.Store, "write"),
        ):  # fmt: skip
            killer.around(owner, name)
        score_table(
            "churn", folder / f"{('old', 'new')[night % 2]}.parquet", address,
            id_column="customer", as_of=FIRST + dt.timedelta(days=night), model=str(folder / "bundle"),
            tracking=Tracking(), how=How(chunk=40, workers=1, work=work, listener=lambda event: None),
        )  # fmt: skip

    return run


def seen(address: str) -> Seen:
    """What a reader sees at one moment."""
    query = (
        sa.select(Score.entity_id, Score.status, Score.probability, Reasons.reasons.is_not(None))
        .join(Pointer, Pointer.generation_id == Score.generation_id)
        .outerjoin(Reasons, Reasons.score_id == Score.id)
        .order_by(Score.entity_id)
    )
    day = sa.select(Generation.as_of).join(Pointer, Pointer.generation_id == Generation.id)
    with Store(address) as store, reading(store.published) as connection:
        rows = [tuple(row) for row in connection.execute(query)]
        return connection.execute(day).scalar(), rows


def expected(folder: Path, night: int) -> Seen:
    """The same from a file that was scored without faults."""
    path = folder / f"expected-{night % 2}.parquet"
    if not path.exists():
        assert forked(job(folder, str(path), night)) == 0
    table = pq.read_table(path, columns=["entity_id", "status", "probability", "reasons"]).to_pylist()
    rows = [(row["entity_id"], row["status"], row["probability"], bool(row["reasons"])) for row in table]
    return FIRST + dt.timedelta(days=night), sorted(rows)


def unfinished(address: str) -> int:
    """Loads that did not end."""
    query = sa.select(sa.func.count()).select_from(Generation).where(Generation.state == LOADING)
    with Store(address) as store, reading(store.published) as connection:
        return int(connection.execute(query).scalar_one())


def main(folder: Path, address: str, step: int = 1) -> dict[str, Any]:
    """Nights until a job ends before its place comes."""
    gc.freeze()
    (folder / "work").mkdir()
    report: dict[str, Any] = {"killed": 0, "loading": 0, "told": 0, "flipped": 0, "bad": []}
    assert forked(job(folder, address, 0)) == 0
    night, place = 1, 1
    while True:
        before, after = expected(folder, night - 1), expected(folder, night)
        code = forked(job(folder, address, night, kill=place))
        now = seen(address)
        where = f"place {place}"
        if now not in (before, after):
            report["bad"].append(f"{where}: readers see {now[0]} with {len(now[1])} rows")
        if code == 0:
            report["bad"] += [] if now == after else [f"{where}: it ended, and nothing is seen"]
            break
        report["killed"] += code == -signal.SIGKILL
        report["flipped"] += now == after
        if unfinished(address):
            report["loading"] += 1
            with Store(address) as store:
                report["told"] += "did not end" in status(store, today=now[0]).banner
        again = forked(job(folder, address, night))
        if again != 0 or seen(address) != after or unfinished(address):
            report["bad"].append(f"{where}: the rerun ended with {again}")
        left = [path.name for path in (folder / "work").iterdir() if "quarantine" not in path.name]
        report["bad"] += [f"{where}: left over {left}"] if left else []
        night, place = night + 1, place + step
    report["places"] = place - 1
    return report


if __name__ == "__main__":
    print(json.dumps(main(Path(sys.argv[1]), sys.argv[2], *map(int, sys.argv[3:]))))
