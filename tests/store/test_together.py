"""Sixteen writers at once on a store that does not exist yet: one after the other, and none mixed."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import sqlalchemy as sa

from salesml.store.engine import Store, reading
from salesml.store.models import LOADING, Generation, Pointer
from tests.store import made
from tests.store.processes import FORK, publishing, seen

WRITERS = 16


def test_sixteen_writers_on_a_new_store(address: str, tmp_path: Path) -> None:
    paths = [
        made.scores(tmp_path / f"{each}.parquet", 90 + each, run=f"run-{each}") for each in range(WRITERS)
    ]
    told = FORK.Queue()
    # Half of them wait for their turn, half give up at once.
    processes = [
        publishing(address, path, wait=0 if number % 2 else 120, told=told)
        for number, path in enumerate(paths)
    ]
    outcomes = Counter(told.get(timeout=120) for _ in processes)
    for process in processes:
        process.join()
    assert set(outcomes) <= {"published", "publishing-elsewhere"}
    assert outcomes["published"] >= WRITERS / 2
    with Store(address) as store, reading(store.published) as connection:
        now, rows = seen(store)
        assert now is not None
        assert len(connection.execute(sa.select(Pointer.name)).all()) == 1
        states = Counter(connection.execute(sa.select(Generation.state)).scalars())
        run = connection.execute(
            sa.select(Generation.scoring_run_id).where(Generation.id == now.id)
        ).scalar_one()
    assert (states[LOADING], sum(states.values())) == (0, outcomes["published"])
    table = [made.row(number, run=run) for number in range(90 + int(run.removeprefix("run-")))]
    assert rows == [(row["entity_id"], row["probability"], bool(row["reasons"])) for row in table]


def test_the_same_table_from_eight_jobs_is_published_once(address: str, tmp_path: Path) -> None:
    path = made.scores(tmp_path / "s.parquet", 60)
    told = FORK.Queue()
    processes = [publishing(address, path, told=told) for _ in range(8)]
    outcomes = Counter(told.get(timeout=120) for _ in processes)
    for process in processes:
        process.join()
    assert outcomes == {"published": 1, "already": 7}
