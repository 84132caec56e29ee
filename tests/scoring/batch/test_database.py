"""A store as the place that a job writes to: whole, once, and again."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pytest
import sqlalchemy as sa

from salesml.errors import DataError, OutsideError, UsageError
from salesml.scoring.batch import Done, Event, Job, Teller, carry_out
from salesml.scoring.batch.alone import alone
from salesml.scoring.batch.database import Database
from salesml.store import steps
from salesml.store.beside import Beside
from salesml.store.engine import Store, reading
from salesml.store.models import Generation, Rep, Score
from salesml.store.publish import publish
from salesml.store.status import status
from tests.postgres import PASSWORD, Server
from tests.scoring.batch.made import DAY, ignored, job
from tests.scoring.made import rows
from tests.store.conftest import address, new_database, server  # noqa: F401  # fixtures
from tests.store.processes import seen

NEXT = "2026-02-01"


def to_store(address: str, work: Path, frame: pd.DataFrame, day: str = DAY, **more: Any) -> Job:  # noqa: F811
    """A job of a few small parts for a store."""
    own = job(work / "unused", frame, day)
    return replace(own, sink=Database(address, "churn", day, work, **more))


def done(own: Job, listener: Any = ignored) -> Done:
    return carry_out(own, Teller(own.identity.run_id, listener))


def shown(address: str) -> tuple[str, int]:  # noqa: F811
    """The run and the rows that readers see."""
    with Store(address) as store:
        now, found = seen(store)
        assert now is not None
        with reading(store.published) as connection:
            run = connection.execute(
                sa.select(Generation.scoring_run_id).where(Generation.id == now.id)
            ).scalar_one()
    return run, len(found)


def test_scores_are_published_with_what_the_job_says_of_itself(address: str, tmp_path: Path) -> None:  # noqa: F811
    frame = rows(60, 1)
    frame.loc[3, "revenue_90"] = float("inf")
    own = replace(to_store(address, tmp_path, frame), quarantine_max=0.1)
    events: list[Event] = []
    told = done(own, events.append).manifest
    assert (told["rows"], told["unscored"]) == (60, 1)
    assert shown(address) == (own.identity.run_id, 60)
    with Store(address) as store, reading(store.published) as connection:
        line = connection.execute(sa.select(Generation)).one()
    kept = json.loads(line.summary)
    assert kept == told
    assert kept["problems"] == {"revenue_90 is infinite": 1}
    assert (line.rows, line.unscored, line.scoring_run_id) == (60, 1, own.identity.run_id)
    stages = [event.facts["stage"] for event in events if event.event == "stage"]
    assert stages == ["score", "publish"]
    loading = [event.facts for event in events if event.event == "progress"][-1]
    assert loading["done"] == loading["rows"] == 120, "the rows that could not be scored make it look twice"
    assert loading["seconds_left"] == 0
    target = own.sink.place.target
    left = [path.name for path in tmp_path.iterdir() if path.name.startswith((".", target.name))]
    assert left == [f"{target.name}.quarantine.parquet"], "of the work nothing"
    assert list(pd.read_parquet(tmp_path / left[0])["entity_id"]) == ["c00003"]


def test_the_same_job_again_changes_nothing(address: str, tmp_path: Path) -> None:  # noqa: F811
    first = done(to_store(address, tmp_path, rows(60, 1)))
    again = to_store(address, tmp_path, rows(60, 1))
    found = done(again)
    assert found.already
    assert not first.already
    assert again.stage.calls == 0  # type: ignore[attr-defined]
    assert found.manifest == first.manifest
    with Store(address) as store, reading(store.published) as connection:
        assert connection.execute(sa.select(sa.func.count()).select_from(Generation)).scalar_one() == 1


def test_names_and_reps_are_asked_when_everybody_is_scored(address: str, tmp_path: Path) -> None:  # noqa: F811
    people = pa.table({"entity_id": ["c00001"], "name": ["Miller Ltd"], "attributes": ['{"size": 3}']})
    one = dict.fromkeys(("name", "team", "login", "role", "manager_id"), "x")
    team = pa.Table.from_pylist([{"rep_id": "R1", **one}])
    done(to_store(address, tmp_path, rows(20, 1), shown=lambda _scores, _folder: (people, team, Beside())))
    with Store(address) as store, reading(store.published) as connection:
        query = sa.select(Score.name, Score.attributes).where(Score.entity_id == "c00001")
        assert connection.execute(query).one() == ("Miller Ltd", '{"size": 3}')
        assert connection.execute(sa.select(Rep.rep_id)).scalars().all() == ["R1"]


def test_another_model_of_the_same_date_and_back(address: str, tmp_path: Path) -> None:  # noqa: F811
    old, new = rows(40, 1), rows(40, 2)
    first = done(to_store(address, tmp_path, old)).manifest["run_id"]
    second = done(to_store(address, tmp_path, new)).manifest["run_id"]
    assert shown(address)[0] == second
    events: list[Event] = []
    assert done(to_store(address, tmp_path, old), events.append).already
    assert shown(address)[0] == first, "whoever runs the earlier job again wants its scores"
    assert any("see generation 1 again" in event.text for event in events)


def test_rows_that_retention_removed_are_scored_again(address: str, tmp_path: Path) -> None:  # noqa: F811
    first = done(to_store(address, tmp_path, rows(40, 1))).manifest["run_id"]
    for seed in (2, 3, 4):
        done(to_store(address, tmp_path, rows(40, seed)))
    assert not done(to_store(address, tmp_path, rows(40, 1))).already
    assert shown(address) == (first, 40)


def test_an_earlier_date_is_refused_before_anything_is_scored(address: str, tmp_path: Path) -> None:  # noqa: F811
    done(to_store(address, tmp_path, rows(40, 1)))
    done(to_store(address, tmp_path, rows(40, 1), NEXT))
    assert done(to_store(address, tmp_path, rows(40, 1))).already, "it was published once"
    before = shown(address)
    own = to_store(address, tmp_path, rows(40, 5))
    with pytest.raises(DataError, match="shows churn as of 2026-02-01 already") as caught:
        done(own)
    assert caught.value.code == "older-scores"
    assert "publish --older" in caught.value.faults[0].do
    assert own.stage.calls == 0  # type: ignore[attr-defined]
    assert shown(address) == before
    assert not list(tmp_path.glob(".*")), "nothing is left of a job that did nothing"


def test_a_ranked_list_of_a_job_is_not_replaced_when_it_is_run_again(
    address: str,  # noqa: F811
    tmp_path: Path,
) -> None:
    frame = rows(40, 1)
    done(to_store(address, tmp_path, frame))
    own = job(tmp_path / "scores.parquet", frame)
    carry_out(own, Teller(own.identity.run_id, ignored))
    ranked = pd.read_parquet(tmp_path / "scores.parquet").iloc[::-1].assign(rank=range(1, 41))
    ranked.to_parquet(tmp_path / "list.parquet")
    with Store(address) as store:
        assert publish(store, tmp_path / "list.parquet").generation == 2
    events: list[Event] = []
    assert done(to_store(address, tmp_path, frame), events.append).already
    assert any("Since then a list made of it was published, as generation 2" in e.text for e in events)
    with Store(address) as store:
        now, _ = seen(store)
    assert now is not None
    assert now.id == 2


def test_too_many_unscored_publish_nothing(address: str, tmp_path: Path) -> None:  # noqa: F811
    done(to_store(address, tmp_path, rows(40, 1)))
    before = shown(address)
    bad = rows(40, 2)
    bad["revenue_90"] = float("inf")
    with pytest.raises(DataError) as caught:
        done(to_store(address, tmp_path, bad, NEXT))
    assert caught.value.code == "too-many-unscored"
    assert shown(address) == before


def test_two_jobs_at_once(address: str, tmp_path: Path) -> None:  # noqa: F811
    own = to_store(address, tmp_path, rows(40, 1))
    with alone(own.sink.place), pytest.raises(OutsideError) as caught:
        done(to_store(address, tmp_path, rows(40, 2)))
    assert caught.value.code == "job-running"
    assert PASSWORD not in str(caught.value)
    assert not list(tmp_path.glob("store.db*")), "nothing was made"


@contextmanager
def at_statement(number: int, do: Callable[[], None]) -> Iterator[None]:
    """Do something once, after the given change of a generation, whose transaction is still open."""
    left = [number]

    def after(_c: Any, _cursor: Any, statement: str, *_: Any) -> None:
        left[0] -= statement.startswith("UPDATE generations")
        if left[0] == 0:
            left[0] = -1
            do()

    sa.event.listen(sa.Engine, "after_cursor_execute", after)
    try:
        yield
    finally:
        sa.event.remove(sa.Engine, "after_cursor_execute", after)


@pytest.mark.parametrize("statement", [2, 4])
def test_a_server_that_stops_while_it_is_loaded(
    server: Server,  # noqa: F811
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    statement: int,
) -> None:
    monkeypatch.setattr(steps, "BATCH", 20)
    monkeypatch.setitem(Store.__init__.__kwdefaults__, "pauses", (0.01, 0.05))
    url = new_database(server)
    done(to_store(url, tmp_path, rows(60, 1)))
    before = shown(url)
    own = to_store(url, tmp_path, rows(60, 2), NEXT)
    events: list[Event] = []
    try:
        with at_statement(statement, server.stop), pytest.raises(OutsideError) as caught:
            done(own, events.append)
    finally:
        server.start()
    assert caught.value.code == "store-away"
    assert caught.value.exit_code == 4
    assert PASSWORD not in str(caught.value) + "".join(event.text for event in events)
    assert shown(url) == before
    monkeypatch.setattr("salesml.store.turn.is_dead", lambda _owner: True)
    again = to_store(url, tmp_path, rows(60, 2), NEXT)
    events.clear()
    done(again, events.append)
    assert again.stage.calls == 0, "what was scored is loaded, and not scored again"  # type: ignore[attr-defined]
    assert any("Going on with a load" in event.text for event in events)
    assert shown(url) == (again.identity.run_id, 60)


def test_a_store_that_is_away_ends_the_job_before_it_scores(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(Store.__init__.__kwdefaults__, "pauses", (0.0,))
    own = to_store("postgresql://u:pa55word@127.0.0.1:9/d", tmp_path, rows(10, 1))
    with pytest.raises(OutsideError) as caught:
        done(own)
    assert caught.value.code == "store-away"
    assert "pa55word" not in str(caught.value)
    assert own.stage.calls == 0  # type: ignore[attr-defined]
    assert not list(tmp_path.iterdir())


def test_wrong_use_is_told_at_once(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"A store is sqlite:///FILE\.db or postgresql://"):
        Database("s3://bucket/scores", "churn", DAY)
    url = f"sqlite:///{tmp_path / 'store.db'}"
    with pytest.raises(UsageError) as caught:
        Database(url, "churn", "", tmp_path / "none").check("fit")
    assert {fault.code for fault in caught.value.faults} == {"other-model", "needs-date", "missing-folder"}


def test_each_store_and_model_has_a_place_of_its_own(tmp_path: Path) -> None:
    def place(url: str, name: str = "churn", work: Path | None = tmp_path) -> Path:
        return Database(url, name, DAY, work).place.private

    server = "postgresql://u:secret@h/sales"  # noqa: F811
    places = [
        place(server), place(server, "fit"), place("postgresql://u:secret@other/sales"),
        place(f"sqlite:///{tmp_path}/a.db"), place(f"sqlite:///{tmp_path}/x/a.db"),
    ]  # fmt: skip
    assert len(set(places)) == 5
    assert all(each.parent == tmp_path and "secret" not in str(each) for each in places)
    assert place(f"sqlite:///{tmp_path}/a.db", work=None) == tmp_path / ".a.db.churn.salesml"


def test_status_tells_a_load_that_did_not_end(address: str, tmp_path: Path, monkeypatch: Any) -> None:  # noqa: F811
    monkeypatch.setattr(steps, "BATCH", 20)
    done(to_store(address, tmp_path, rows(60, 1)))

    def stop(event: Event) -> None:
        if event.event == "progress" and event.facts["rows"] == 60 and 0 < event.facts["done"] < 60:
            raise KeyboardInterrupt

    own = to_store(address, tmp_path, rows(60, 2), NEXT)
    scored = [False]

    def stop_while_loaded(event: Event) -> None:
        scored[0] |= event.facts.get("stage") == "publish"
        if scored[0]:
            stop(event)

    with pytest.raises(KeyboardInterrupt):
        done(own, stop_while_loaded)
    with Store(address) as store:
        found = status(store, today=dt.date.fromisoformat(NEXT))
    assert found.alarming
    assert "The latest load of scores did not end" in found.banner
    assert found.shown[0].as_of == dt.date.fromisoformat(DAY)
    again = to_store(address, tmp_path, rows(60, 2), NEXT)
    done(again)
    assert again.stage.calls == 0  # type: ignore[attr-defined]
    with Store(address) as store:
        assert status(store, today=dt.date.fromisoformat(NEXT)).banner == ""
