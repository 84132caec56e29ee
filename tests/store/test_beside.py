"""What stands beside scores: it comes and goes with them, whole, and once each."""

from __future__ import annotations

import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import sqlalchemy as sa

from salesml.errors import DataError, UsageError
from salesml.store import steps
from salesml.store.beside import Beside
from salesml.store.engine import Store, reading
from salesml.store.erase import erase, people
from salesml.store.models import PLACES, Generation, Moved, Recent
from salesml.store.publish import publish
from tests.store import made

DISPLAY = {"currency": "GBP", "quality": ["Of 100 customers in band A, about 41 left."]}


def beside(folder: Path, count: int = 100, **more: object) -> Beside:
    events, moves = made.recent(folder / "events.parquet", count), made.moves(folder / "moves.parquet", count)
    return Beside(recent=events, moves=moves, display={**DISPLAY, **more})


def rows(store: Store, table: type[Recent | Moved], column: str) -> list[tuple[int, int, str, str]]:
    with reading(store.published) as connection:
        query = sa.select(table.id, table.generation_id, table.entity_id, getattr(table, column))
        return [tuple(row) for row in connection.execute(query.order_by(table.id))]


def test_every_row_is_there_exactly(store: Store, tmp_path: Path) -> None:
    done = publish(store, made.scores(tmp_path / "s.parquet", 6_000), beside=beside(tmp_path, 5_400))
    assert (done.recent, done.moves) == (5_400, 5_400)
    assert "5,400 rows have recent events\n5,400 rows have what moved their score" in done.text()
    found = rows(store, Recent, "events")
    ids = [f"C-{number:06d}" for number in range(5_400)]
    assert [(row[0], *row[1:3]) for row in found] == [(PLACES + at, 1, each) for at, each in enumerate(ids)]
    assert [row[3] for row in found] == made.events_told(5_400)
    moved = [json.loads(row[3]) for row in rows(store, Moved, "moved")]
    assert moved[7] == {"since": "2025-12-25", "before": 0.5, "text": "Up by 7."}
    with reading(store.published) as connection:
        assert json.loads(connection.execute(sa.select(Generation.display)).scalar_one()) == DISPLAY


def test_other_events_or_words_are_other_content(store: Store, tmp_path: Path) -> None:
    path = made.scores(tmp_path / "s.parquet")
    contents = [
        None, beside(tmp_path), Beside(display=DISPLAY), Beside(moves=made.moves(tmp_path / "m", 5)),
        Beside(recent=made.recent(tmp_path / "e", 5)), beside(tmp_path, currency="EUR"),
    ]  # fmt: skip
    for each in contents:
        assert publish(store, path, beside=each, older=True).changed
        assert not publish(store, path, beside=each).changed
    # An earlier one is whole still, and comes back without loading.
    again = publish(store, path, beside=contents[-2], older=True)
    assert (again.changed, again.generation) == (True, 5)


def test_a_load_that_was_stopped_between_events_goes_on(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(steps, "BATCH", 40)
    path, more = made.scores(tmp_path / "s.parquet"), beside(tmp_path)
    for stop in (40, 100, 120, 180, 200, 260, 300):

        def told(done: int, _places: int, stop: int = stop) -> None:
            if done >= stop:
                raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            publish(store, path, beside=more, told=told)
    said: list[str] = []
    done = publish(store, path, beside=more, say=said.append)
    assert (done.generation, done.recent, done.moves) == (1, 100, 100)
    assert said == ["Going on with a load of the same table that was stopped"]
    assert [row[3] for row in rows(store, Recent, "events")] == made.events_told(100)
    assert len(rows(store, Moved, "moved")) == 100


def test_nothing_is_left_of_a_load_that_another_replaced(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(steps, "BATCH", 40)
    path = made.scores(tmp_path / "s.parquet")

    def told(done: int, _places: int) -> None:
        if done >= 280:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        publish(store, path, beside=beside(tmp_path), told=told)
    assert rows(store, Moved, "moved")
    publish(store, path)
    assert (rows(store, Recent, "events"), rows(store, Moved, "moved")) == ([], [])


def test_two_rows_of_one_account_are_refused(store: Store, tmp_path: Path) -> None:
    twice = tmp_path / "twice.parquet"
    table = pq.read_table(made.recent(tmp_path / "e.parquet", 10))
    pq.write_table(pa.concat_tables([table, table.slice(3, 1)]), twice)
    with pytest.raises(DataError) as caught:
        publish(store, made.scores(tmp_path / "s.parquet"), beside=Beside(recent=twice))
    assert caught.value.code == "repeated-entity"
    assert "or a table that is published beside it, has several rows" in str(caught.value)
    assert rows(store, Recent, "events") == []


def test_files_of_another_form_are_refused(tmp_path: Path) -> None:
    pq.write_table(pa.table({"entity_id": ["a"], "events": ["none"]}), tmp_path / "e.parquet")
    with pytest.raises(UsageError) as caught:
        Beside(recent=tmp_path / "e.parquet").files  # noqa: B018
    assert "The column events" in str(caught.value)
    assert "It holds lists of structs" in str(caught.value)
    with pytest.raises(UsageError) as caught:
        Beside(moves=tmp_path / "e.parquet").files  # noqa: B018
    assert "lacks the column moved" in str(caught.value)


def test_who_was_erased_does_not_come_back_with_events(store: Store, tmp_path: Path) -> None:
    publish(store, made.scores(tmp_path / "1.parquet", 10), beside=beside(tmp_path, 10))
    done = erase(store, people(accounts=["C-000003"]))
    assert (done.removed["recent_events"], done.removed["moves"], done.left) == (1, 1, {})
    again = publish(store, made.scores(tmp_path / "2.parquet", 10, run="run-2"), beside=beside(tmp_path, 10))
    assert (again.recent, again.moves, again.erased) == (9, 9, 1)
    assert not any(row[2] == "C-000003" for row in rows(store, Recent, "events"))
