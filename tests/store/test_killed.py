"""A load that is killed at any moment: readers see one whole generation, and running it again is exact."""

from __future__ import annotations

import datetime as dt
import functools
import itertools
import random
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from salesml.store.engine import Store
from tests.store import made
from tests.store.processes import publishing, seen

ROWS = 400
KILLS = {"sqlite": 45, "postgresql": 20}


def day(number: int) -> dt.date:
    return made.DAY + dt.timedelta(days=number)


@functools.cache
def expected(as_of: dt.date) -> list[tuple[Any, ...]]:
    """What a reader must see of a date, by the tables alone."""
    table = [made.row(number, day=as_of) for number in range(ROWS)]
    events = made.events_told(ROWS, as_of)
    return [
        (row["entity_id"], row["probability"], bool(row["reasons"]), told)
        for row, told in zip(table, events, strict=True)
    ]


class Reader(threading.Thread):
    """Reads again and again, and keeps what was not one whole generation."""

    def __init__(self, address: str) -> None:
        super().__init__(daemon=True)
        self.store, self.done = Store(address), threading.Event()
        self.wrong: list[str] = []
        self.looks = 0
        self.dates: list[dt.date] = []

    def run(self) -> None:
        while not self.done.is_set():
            now, rows = seen(self.store, events=True)
            self.looks += 1
            if now is None or rows != expected(now.as_of):
                self.wrong.append(f"{now}: {len(rows)} rows")
            elif not self.dates or self.dates[-1] != now.as_of:
                self.dates.append(now.as_of)
            time.sleep(0.05)

    def stop(self) -> None:
        self.done.set()
        self.join()
        self.store.close()


@contextmanager
def reading_meanwhile(address: str) -> Iterator[Reader]:
    reader = Reader(address)
    reader.start()
    try:
        yield reader
    finally:
        reader.stop()


def test_killed_at_many_moments(address: str, tmp_path: Path) -> None:
    kills = KILLS[address.partition("://")[0].partition("+")[0]]
    drawn, dates = random.Random(7), itertools.count()
    store = Store(address)

    def table() -> tuple[dt.date, Path]:
        as_of = day(next(dates))
        path = tmp_path / f"{as_of}.parquet"
        if not path.exists():
            made.recent(path.with_suffix(".events"), ROWS, day=as_of)
            made.scores(path, ROWS, day=as_of)
        return as_of, path

    as_of, path = table()
    publishing(address, path).join()  # makes the tables
    as_of, path = table()
    process = publishing(address, path)
    begun = time.monotonic()
    process.join()
    takes = time.monotonic() - begun
    before = as_of
    as_of, path = table()
    killed, ended, reach = 0, 0, takes
    with reading_meanwhile(address) as reader:
        while killed < kills:
            process = publishing(address, path)
            process.join(drawn.uniform(0, reach))
            killed += process.is_alive()
            reach *= 1.1  # however busy the machine is, one ends at last
            process.kill()
            process.join()
            now, rows = seen(store, events=True)
            assert now is not None
            assert now.as_of in (before, as_of)
            assert rows == expected(now.as_of)
            if now.as_of == as_of:
                ended, reach = ended + 1, takes
                before = as_of
                as_of, path = table()
        publishing(address, path).join()
        now, rows = seen(store, events=True)
    assert now is not None
    assert (now.as_of, rows) == (as_of, expected(as_of))
    assert (reader.wrong, reader.dates) == ([], sorted(set(reader.dates)))
    assert reader.looks > kills
    store.close()
    assert ended > 0
