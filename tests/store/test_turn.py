"""One writer at a time, none that outlives its process, and none that writes after it was replaced."""

from __future__ import annotations

import datetime as dt
import subprocess
import sys
import time
from pathlib import Path

import pytest
import sqlalchemy as sa

from salesml.errors import OutsideError
from salesml.store.engine import Store, reading
from salesml.store.migrate import ready
from salesml.store.models import Setting, Turn
from salesml.store.moments import now
from salesml.store.turn import Writer, _born, holder, turn

DIES = """
import os, sys
from salesml.store.engine import Store
from salesml.store.turn import turn
with turn(Store(sys.argv[1])):
    os._exit(0)
"""


def say(writer: Writer, word: str) -> None:
    row = sa.insert(Setting).values(name=word, value=word)
    writer.write(lambda connection: connection.execute(row))


def said(store: Store) -> set[str]:
    with reading(store.published) as connection:
        return set(connection.execute(sa.select(Setting.name)).scalars()) - {"key"}


def who(store: Store) -> Turn | None:
    with reading(store.published) as connection:
        return holder(connection)


def test_a_second_writer_is_told_who_writes(store: Store) -> None:
    ready(store)
    with turn(store) as first:
        with pytest.raises(OutsideError) as caught, turn(store, wait=0):
            pass
        assert caught.value.code == "publishing-elsewhere"
        assert caught.value.exit_code == 4
        assert "Somebody else is writing to the store since " in str(caught.value)
        assert "nothing was written" in str(caught.value)
        say(first, "first")
        assert who(store) is not None
    assert who(store) is None
    with turn(store, wait=0) as second:
        say(second, "second")
    assert said(store) == {"first", "second"}


def test_the_turn_of_a_process_that_is_no_more_is_free_at_once(tmp_path: Path) -> None:
    address = f"sqlite:///{tmp_path / 'store.db'}"
    with Store(address) as store:
        ready(store)
        subprocess.run([sys.executable, "-c", DIES, address], check=True)
        assert who(store) is None
        with turn(store, wait=0) as writer:
            say(writer, "here")


def test_a_process_that_has_ended_and_is_not_counted_yet_is_no_more() -> None:
    process = subprocess.Popen([sys.executable, "-c", "pass"])
    while Path(f"/proc/{process.pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z":
        time.sleep(0.01)
    try:
        assert _born(process.pid) == ""
    finally:
        process.wait()


def test_one_that_was_replaced_can_write_no_more(store: Store) -> None:
    ready(store)
    with turn(store) as slow:
        past = sa.update(Turn).values(expires_at=now() - dt.timedelta(seconds=1))
        store.write(lambda connection: connection.execute(past))
        with turn(store, wait=0) as quick:
            with pytest.raises(OutsideError) as caught:
                say(slow, "slow")
            say(quick, "quick")
            slow.end()
            say(quick, "still")
    assert caught.value.code == "lost-turn"
    assert "it has published nothing" in str(caught.value)
    assert said(store) == {"quick", "still"}


def test_a_turn_is_given_back_when_work_fails(store: Store) -> None:
    ready(store)
    with pytest.raises(ValueError), turn(store):
        raise ValueError
    assert who(store) is None
