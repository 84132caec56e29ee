"""A few generations stay whole, of older ones figures stay now and then, of the oldest nothing."""

from __future__ import annotations

import datetime as dt
from itertools import pairwise
from pathlib import Path

import pytest
import sqlalchemy as sa

from salesml.errors import UsageError
from salesml.store.beside import Beside
from salesml.store.engine import Store, reading
from salesml.store.models import GONE, HISTORY, WHOLE, Generation, History, Moved, Reasons, Recent, Score
from salesml.store.publish import publish
from salesml.store.retention import Line, Retention, plan
from tests.store import made


def day(number: int) -> dt.date:
    return made.DAY + dt.timedelta(days=number)


def nightly(count: int) -> list[Line]:
    return [Line(number + 1, day(number), WHOLE) for number in range(count)]


def test_the_newest_stay_whole_and_one_a_week_leaves_figures() -> None:
    states = plan(nightly(20), Retention(whole=3, days=400, every=7), 20)
    assert [key for key, state in states.items() if state == WHOLE] == [18, 19, 20]
    assert [key for key, state in states.items() if state == HISTORY] == [1, 8, 15]


def test_planning_night_by_night_comes_to_the_same() -> None:
    rule = Retention(whole=2, days=60, every=7)
    lines: list[Line] = []
    for number in range(120):
        lines.append(Line(number + 1, day(number), WHOLE))
        states = plan(lines, rule, number + 1)
        lines = [Line(line.id, line.as_of, states[line.id]) for line in lines if states[line.id] != GONE]
    figures = [line.as_of for line in lines if line.state == HISTORY]
    assert {(after - before).days for before, after in pairwise(figures)} == {7}
    assert day(119) - figures[0] <= dt.timedelta(days=60)
    assert len(figures) in (8, 9)


def test_the_current_one_stays_and_replaced_ones_leave_nothing() -> None:
    lines = [*nightly(3), Line(4, day(1), WHOLE), Line(5, day(20), WHOLE), Line(6, day(21), WHOLE)]
    states = plan(lines, Retention(whole=2, days=400, every=1), 1)
    assert states == {1: WHOLE, 2: GONE, 3: HISTORY, 4: HISTORY, 5: WHOLE, 6: WHOLE}


def test_a_rule_that_would_take_rows_from_readers_is_refused() -> None:
    with pytest.raises(UsageError) as caught:
        Retention(whole=1, days=-1, every=0)
    assert [fault.allowed for fault in caught.value.faults] == [
        "It is 2 or more", "It is 0 or more", "It is 1 or more",
    ]  # fmt: skip


def test_rows_go_and_figures_stay(store: Store, tmp_path: Path) -> None:
    rule = Retention(whole=2, days=4, every=2)
    for number in range(9):
        table = [*(made.row(each, day=day(number)) for each in range(20)), made.unscored(99, day=day(number))]
        path = made.write_rows(tmp_path / f"{number}.parquet", table)
        events, moves = (
            made.recent(tmp_path / "events.parquet", 20),
            made.moves(tmp_path / "moves.parquet", 20),
        )
        publish(store, path, beside=Beside(events, moves), retention=rule)
    with reading(store.published) as connection:
        states = {row.id: row.state for row in connection.execute(sa.select(Generation.id, Generation.state))}
        states = dict(sorted(states.items()))
        of_scores = connection.execute(
            sa.select(Score.generation_id).distinct().order_by(Score.generation_id)
        )
        assert of_scores.scalars().all() == [8, 9]
        assert connection.execute(sa.select(sa.func.count()).select_from(Reasons)).scalar() == 2 * 15
        for table in (Recent, Moved):
            held = connection.execute(
                sa.select(table.generation_id, sa.func.count()).group_by(table.generation_id)
            )
            assert sorted(map(tuple, held)) == [(8, 20), (9, 20)]
        kept = sorted(connection.execute(sa.select(History.generation_id).distinct()).scalars())
        assert kept == [key for key, state in states.items() if state == HISTORY]
        query = sa.select(History.entity_id, History.probability).where(History.generation_id == kept[0])
        found = [tuple(row) for row in connection.execute(query.order_by(History.entity_id))]
    expected = [made.row(each, day=day(kept[0] - 1)) for each in range(20)]
    assert found == [(each["entity_id"], each["probability"]) for each in expected]
    assert [states[key] for key in (1, 8, 9)] == [GONE, WHOLE, WHOLE]
