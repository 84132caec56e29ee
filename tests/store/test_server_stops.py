"""A server that stops in the middle of a transaction: tried again, or given up with the old scores whole."""

from __future__ import annotations

import datetime as dt
import random
import string
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from salesml.errors import DataError, OutsideError
from salesml.store import steps
from salesml.store.engine import Store, alone
from salesml.store.migrate import ready
from salesml.store.publish import publish
from salesml.store.status import status
from tests.postgres import PASSWORD, Server
from tests.store import made
from tests.store.conftest import new_database
from tests.store.processes import seen

NEXT = made.DAY + dt.timedelta(days=1)


@pytest.fixture(autouse=True)
def small_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(steps, "BATCH", 40)


def at_statement(store: Store, number: int, do: Callable[[], None]) -> None:
    """Do something once, after the given writing statement, whose transaction is still open."""
    left = [number]

    def after(_c: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if statement.startswith(("UPDATE generations", "UPDATE pointers")):
            left[0] -= 1
            if left[0] == 0:
                do()

    sa.event.listen(store.published, "after_cursor_execute", after)


def first_and_next(server: Server, tmp_path: Path) -> tuple[str, Path]:
    address = new_database(server)
    with Store(address) as store:
        publish(store, made.scores(tmp_path / "1.parquet", 200))
    return address, made.scores(tmp_path / "2.parquet", 200, day=NEXT)


@pytest.mark.parametrize("statement", [1, 3, 6, 7])
def test_a_short_stop_is_waited_out(server: Server, tmp_path: Path, statement: int) -> None:
    address, path = first_and_next(server, tmp_path)

    def restart() -> None:
        server.stop()
        server.start()

    with Store(address, pauses=(0.01, 0.1, 1.0)) as store:
        at_statement(store, statement, restart)
        assert publish(store, path).changed
        now, rows = seen(store)
    assert now is not None
    assert (now.as_of, len(rows)) == (NEXT, 200)


@pytest.mark.parametrize("statement", [2, 7])
def test_a_long_stop_ends_the_job_and_nothing_else(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, statement: int
) -> None:
    address, path = first_and_next(server, tmp_path)
    with Store(address, pauses=(0.01, 0.05)) as store:
        at_statement(store, statement, server.stop)
        try:
            with pytest.raises(OutsideError) as caught:
                publish(store, path)
        finally:
            server.start()
        assert caught.value.code == "store-away"
        assert PASSWORD not in str(caught.value)
        now, rows = seen(store)
        assert now is not None
        assert (now.as_of, len(rows)) == (made.DAY, 200)
    # The job's process has ended by the time that it is run again.
    monkeypatch.setattr("salesml.store.turn.is_dead", lambda _owner: True)
    with Store(address) as store:
        said: list[str] = []
        assert publish(store, path, say=said.append).changed
        now, rows = seen(store)
    assert now is not None
    table = [made.row(number, day=NEXT) for number in range(200)]
    assert rows == [(row["entity_id"], row["probability"], bool(row["reasons"])) for row in table]
    assert said == ["Going on with a load of the same table that was stopped"]


@pytest.mark.parametrize("wrong", ["password", "database"])
def test_a_server_that_lets_nobody_in_is_not_asked_again(server: Server, wrong: str) -> None:
    url = server.url.replace(PASSWORD, "wrong-one") if wrong == "password" else f"{server.url}_missing"
    with Store(url, pauses=(60.0,)) as store, pytest.raises(OutsideError) as caught:
        ready(store)
    assert caught.value.code == "store-refused"
    assert "wrong-one" not in str(caught.value)
    assert "Mend the user, the password or the database" in str(caught.value)


def test_an_id_that_no_index_takes_is_a_fault_of_the_data(server: Server, tmp_path: Path) -> None:
    address, path = first_and_next(server, tmp_path)
    rows = [made.row(number, day=NEXT) for number in range(90)]
    rows[70]["entity_id"] = "".join(random.Random(1).choices(string.ascii_letters, k=20_000))
    made.write_rows(path, rows)
    with Store(address) as store:
        with pytest.raises(DataError) as caught:
            publish(store, path)
        assert caught.value.code == "not-storable"
        now, seen_rows = seen(store)
        assert now is not None
        assert (now.as_of, len(seen_rows)) == (made.DAY, 200)
        assert status(store, today=made.DAY).partial == (), "it would not come to another end"


def test_what_stands_outside_of_transactions_fails_in_words_too(tmp_path: Path) -> None:
    with Store(f"sqlite:///{tmp_path / 'store.db'}", pauses=()) as store:
        publish(store, made.scores(tmp_path / "1.parquet", 5))
        with pytest.raises(OutsideError) as caught, alone(store, store.published) as connection:
            connection.exec_driver_sql("VACUUM INTO '/no/such/folder/copy.db'")
    assert caught.value.code == "store-away"
