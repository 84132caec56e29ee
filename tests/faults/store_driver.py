"""Scores into a store night after night, each time killed at another place, and run again.

``python -m tests.faults.store_driver FOLDER ADDRESS CALLS[:STEP]`` prints a JSON report. Places are before
and after each write to the disk of the work folder, and each transaction of the store. With the preloaded
library of faults and one of its kinds, ``FULL[:STEP]`` and so on, they are changes of files, of the store's
too.
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
from tests.faults import shim
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


CASE = "/case/"
"""Where the work folder and a store of one file are."""


def job(folder: Path, address: str, night: int, kill: int = 0) -> Callable[[], None]:
    """The job of a night: two tables take turns."""
    work = folder / "case" / "work" if "://" in address else None

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


def faulty(folder: Path, address: str, night: int, kind: str, place: int) -> Callable[[], None]:
    """The job of a night with a fault at a place."""
    if kind == "CALLS":
        return job(folder, address, night, kill=place)

    def run() -> None:
        shim.arm(CASE, getattr(shim, kind), place)
        job(folder, address, night)()

    return run


def changes(folder: Path, address: str, night: int) -> int:
    """How many changes of files the job of a night makes, which it does."""
    told = folder / "count.txt"

    def run() -> None:
        shim.arm(CASE, shim.FULL, -1)
        job(folder, address, night)()
        told.write_text(str(shim.seen()))

    assert forked(run) == 0
    return int(told.read_text())


def main(folder: Path, address: str, wanted: str = "CALLS") -> dict[str, Any]:
    """Nights with a fault each; of calls, until a job ends before its place comes."""
    gc.freeze()
    kind, _, number = wanted.partition(":")
    step = int(number or 1)
    (folder / "case" / "work").mkdir(parents=True)
    report: dict[str, Any] = {
        "killed": 0, "refused": 0, "codes": {}, "loading": 0, "told": 0, "flipped": 0, "bad": [],
    }  # fmt: skip
    said = folder / "said.txt"
    assert forked(job(folder, address, 0)) == 0
    night, place, last = 1, 1, sys.maxsize
    if kind != "CALLS":
        for night in (1, 2, 3):  # retention has something to do from then on
            last = changes(folder, address, night)
        night = 4
    while place <= last:
        before, after = expected(folder, night - 1), expected(folder, night)
        said.unlink(missing_ok=True)
        code = forked(faulty(folder, address, night, kind, place), said)
        now = seen(address)
        where = f"place {place}"
        if now not in (before, after):
            report["bad"].append(f"{where}: readers see {now[0]} with {len(now[1])} rows")
        if code == 0:
            report["bad"] += [] if now == after else [f"{where}: it ended, and nothing is seen"]
            if kind == "CALLS":
                break
        elif code == -signal.SIGKILL:
            report["killed"] += 1
        elif code == 4:
            report["refused"] += 1
            report["codes"][said.read_text()] = report["codes"].get(said.read_text(), 0) + 1
        else:
            report["bad"].append(f"{where}: it ended with {code}")
        report["flipped"] += now == after
        if unfinished(address):
            report["loading"] += 1
            with Store(address) as store:
                report["told"] += "did not end" in status(store, today=now[0]).banner
        again = forked(job(folder, address, night))
        if again != 0 or seen(address) != after or unfinished(address):
            report["bad"].append(f"{where}: the rerun ended with {again}")
        left = [path.name for path in (folder / "case" / "work").iterdir() if "quarantine" not in path.name]
        report["bad"] += [f"{where}: left over {left}"] if left else []
        night, place = night + 1, place + step
    report["places"] = place - 1
    return report


if __name__ == "__main__":
    print(json.dumps(main(Path(sys.argv[1]), *sys.argv[2:])))
