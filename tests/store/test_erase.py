"""Who is erased is gone everywhere, down to the bytes, and no later load brings them back."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
import sqlalchemy as sa

from salesml.errors import DataError, UsageError
from salesml.store.beside import Beside
from salesml.store.engine import Store, reading
from salesml.store.erase import erase, people
from salesml.store.feedback import Feedback
from salesml.store.models import Erased, History, Moved, Recent, Score, Similar
from salesml.store.moments import now
from salesml.store.publish import publish
from salesml.store.retention import Retention
from tests.store import made

GONE = "C-000004"
NAME = "Quillfeather & Sons"
BESIDE = {"recent_events": 2, "moves": 2}


def day(number: int) -> dt.date:
    return made.DAY + dt.timedelta(days=number)


def names(prefix: str, count: int) -> pa.Table:
    ids = [f"{prefix}-{number:06d}" for number in range(count)]
    called = [NAME if each == GONE else f"Company {each}" for each in ids]
    return pa.table({"entity_id": ids, "name": called, "attributes": ['{"industry":"health"}'] * count})


def answer(store: Store, entity_id: str, note: str, task: str = "churn") -> None:
    row = sa.insert(Feedback).values(
        at=now(), by="kim.baker", what="disagree", name=task, task=task, entity_id=entity_id, note=note
    )
    store.write(lambda connection: connection.execute(row), store.feedback)


def filled(store: Store, tmp_path: Path) -> None:
    """Generations whole and as history, similar accounts and feedback, of accounts and prospects."""
    rule = Retention(whole=2, days=30, every=1)
    for number in range(4):
        path = made.scores(tmp_path / f"{number}.parquet", 12, day=day(number))
        beside = Beside(made.recent(tmp_path / "e.parquet", 12), made.moves(tmp_path / "m.parquet", 12))
        publish(store, path, entities=names("C", 12), beside=beside, retention=rule)
    # A prospect with the very id of the account, and another account that prospects resemble.
    rows = [made.row(number, model="fit") for number in range(30)]
    rows[4]["entity_id"] = GONE
    near = made.similar(tmp_path / "near.parquet", 30)
    publish(store, made.write_rows(tmp_path / "fit.parquet", rows), similar=near)
    answer(store, GONE, "They told me that they stay")
    answer(store, "C-000005", "A friend of quillfeather & sons told me")
    answer(store, "C-000006", "Nothing to add")


def count(store: Store, table: Any, *conditions: sa.ColumnElement[bool], feedback: bool = False) -> int:
    with reading(store.feedback if feedback else store.published) as connection:
        query = sa.select(sa.func.count()).select_from(table).where(*conditions)
        return int(connection.execute(query).scalar_one())


def test_an_account_is_gone_from_every_table(store: Store, tmp_path: Path) -> None:
    filled(store, tmp_path)
    done = erase(store, people(accounts=[GONE]))
    assert (
        done.removed
        == {"scores": 2, "reasons": 0, "similar_accounts": 0, "history": 2, "feedback": 1, "audit": 0}
        | BESIDE
    )
    assert (done.left, done.mentioned) == ({}, {"feedback.note": 1})
    assert done.alarming
    assert "A search of every table afterwards found nothing about them" in done.text()
    assert "may mention them, which a person must read: 1 in feedback.note" in done.text()
    assert count(store, Score, Score.entity_id == GONE) == 1  # the prospect of the same id
    assert count(store, History, History.entity_id == GONE) == 0
    assert count(store, Score) == 2 * 11 + 30
    assert count(store, Feedback, feedback=True) == 2
    assert count(store, Score, Score.name == NAME) == 0
    assert [count(store, each) for each in (Recent, Moved)] == [22, 22]


def test_a_prospect_of_the_same_id_is_another(store: Store, tmp_path: Path) -> None:
    filled(store, tmp_path)
    done = erase(store, people(prospects=[GONE, "F-000007"]))
    assert done.removed == {
        "scores": 2,
        "reasons": 1,
        "similar_accounts": 1,
        "history": 0,
        "feedback": 0,
        "audit": 0,
    } | dict.fromkeys(BESIDE, 0)
    assert (done.left, done.mentioned, done.alarming) == ({}, {}, False)
    assert count(store, Score, Score.entity_id == GONE) == 2
    assert count(store, Similar) == 29


def test_an_account_leaves_the_lists_of_those_who_resemble_it(store: Store, tmp_path: Path) -> None:
    filled(store, tmp_path)
    done = erase(store, people(accounts=["A-003"]))
    with reading(store.published) as connection:
        lists = [json.loads(text) for text in connection.execute(sa.select(Similar.accounts)).scalars()]
    resembled = sum(3 in {(number + place) % 11 for place in (1, 2, 3)} for number in range(30))
    assert done.removed["similar_accounts"] == sum(len(each) == 2 for each in lists) == resembled
    assert not any(account["account_id"] == "A-003" for each in lists for account in each)
    assert (len(lists), done.left) == (30, {})


def test_what_is_published_later_does_not_bring_them_back(store: Store, tmp_path: Path) -> None:
    filled(store, tmp_path)
    erase(store, people(accounts=[GONE, "A-003"]))
    again = publish(store, made.scores(tmp_path / "later.parquet", 12, day=day(9)), entities=names("C", 12))
    assert (again.rows, again.erased) == (11, 1)
    assert "Left out, as whom they are about was erased: 1" in again.text()
    near = made.similar(tmp_path / "near2.parquet", 30, day=day(1))
    publish(store, made.scores(tmp_path / "fit2.parquet", 30, model="fit", day=day(1)), similar=near)
    twice = erase(store, people(accounts=[GONE, "A-003"]))
    assert sum(twice.removed.values()) == 0
    assert "nothing was there" in twice.text()
    with reading(store.published) as connection:
        kept = connection.execute(sa.select(Erased.digest)).scalars().all()
    assert len(kept) == 2
    assert not any(GONE in digest or "A-003" in digest for digest in kept)


def test_the_bytes_are_gone_from_the_files(tmp_path: Path) -> None:
    with Store(f"sqlite:///{tmp_path / 'store.db'}") as store:
        filled(store, tmp_path)
        note = "They told me that they stay"
        files = [path for each in store.address.files for path in (each, each.with_name(each.name + "-wal"))]

        def found(text: str) -> bool:
            return any(text.encode() in path.read_bytes() for path in files if path.exists())

        assert all(found(text) for text in (GONE, NAME, note))
        done = erase(store, [*people(accounts=[GONE], prospects=[GONE])])
        assert done.wiped.done
        assert not any(found(text) for text in (GONE, NAME, note))
        assert found("C-000005")


def test_bytes_that_a_reader_holds_are_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in ("wipe", "engine"):
        monkeypatch.setattr(f"salesml.store.{module}.BUSY", 0.1)
    with Store(f"sqlite:///{tmp_path / 'store.db'}") as store, Store(str(store.address)) as other:
        filled(store, tmp_path)
        with reading(other.published) as connection:
            connection.execute(sa.select(sa.func.count()).select_from(Score)).all()
            done = erase(store, people(accounts=[GONE]))
        assert (done.wiped.done, done.alarming) == (False, True)
        assert "run this again when nobody is" in done.text()
        assert erase(store, people(accounts=[GONE])).wiped.done


def test_names_are_found_in_capitals_of_any_script(store: Store, tmp_path: Path) -> None:
    called = pa.table({"entity_id": [GONE], "name": ["Ärztehaus Übersee"], "attributes": ["{}"]})
    publish(store, made.scores(tmp_path / "s.parquet", 6), entities=called)
    answer(store, "C-000005", "siehe ÄRZTEHAUS ÜBERSEE")
    answer(store, "C-000005", "siehe Ärztehaus Überseehafen")
    assert erase(store, people(accounts=[GONE])).mentioned == {"feedback.note": 1}


def test_postgresql_rewrites_its_files_when_asked(request: pytest.FixtureRequest, tmp_path: Path) -> None:
    from tests.store.conftest import new_database

    with Store(new_database(request.getfixturevalue("server"))) as store:
        filled(store, tmp_path)
        assert "--rewrite would also rewrite" in erase(store, people(accounts=[GONE])).text()
        done = erase(store, people(accounts=["C-000005"]), rewrite=True)
        assert "The tables' files were rewritten without them" in done.text()
        assert "backups hold old bytes" in done.text()


def test_a_load_that_was_stopped_does_not_go_on_with_them(store: Store, tmp_path: Path) -> None:
    from salesml.store.generations import begin
    from salesml.store.source import ScoreTable

    filled(store, tmp_path)
    path = made.scores(tmp_path / "half.parquet", 12, day=day(20))
    about = ScoreTable(path).about
    store.write(lambda connection: begin(connection, about, "digest", by="test", summary=None))
    erase(store, people(accounts=[GONE]))
    assert publish(store, path).rows == 11


def test_nobody_named_or_no_store(tmp_path: Path) -> None:
    with pytest.raises(UsageError) as nobody:
        people()
    assert "Give --account ID or --prospect ID" in str(nobody.value)
    with pytest.raises(DataError) as nowhere:
        erase(Store(f"sqlite:///{tmp_path / 'store.db'}"), people(accounts=["A"]))
    assert nowhere.value.code == "no-store"
