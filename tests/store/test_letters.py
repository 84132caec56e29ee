"""Each letter goes out once, whoever else is sending, and whoever was killed."""

from __future__ import annotations

import subprocess
import sys
import threading
from dataclasses import replace

import pytest
import sqlalchemy as sa

from salesml.store.engine import Store
from salesml.store.letters import LASTS, REFUSED, SENDING, SENT, STOPPED, Sender
from salesml.store.migrate import migrate
from salesml.store.moments import now
from salesml.store.people import Audit

KIM = "kim@example.com"

KILLED = """
import os, sys
from salesml.store.engine import Store
from salesml.store.letters import Sender
with Store(sys.argv[1]) as store:
    assert Sender.new(store, "job").claim("kim@example.com", 1) == ""
    os.kill(os.getpid(), 9)
"""


@pytest.fixture
def ready(store: Store) -> Store:
    migrate(store)
    return store


def test_of_many_runs_at_once_one_gets_a_letter(ready: Store) -> None:
    start, found = threading.Barrier(8), []

    def run() -> None:
        sender = Sender.new(ready, "job")
        start.wait()
        found.append(sender.claim(KIM, 1))

    runs = [threading.Thread(target=run) for _ in range(8)]
    for each in runs:
        each.start()
    for each in runs:
        each.join()
    assert sorted(found) == ["", *[SENDING] * 7]


def test_what_was_sent_is_sent_again_only_where_somebody_says_so(ready: Store) -> None:
    first, second = Sender.new(ready, "job"), Sender.new(ready, "job")
    assert first.claim(KIM, 1) == ""
    assert second.claim(KIM, 1, again=True) == SENDING
    first.done(KIM, 1, taken=True)
    assert second.claim(KIM, 1) == SENT
    assert [second.claim(KIM, 2), second.claim("bo@example.com", 1)] == ["", ""]
    assert second.claim(KIM, 1, again=True) == ""


def test_what_the_server_refused_is_sent_by_the_next_run(ready: Store) -> None:
    first = Sender.new(ready, "job")
    first.claim(KIM, 1)
    first.done(KIM, 1, taken=False)
    assert Sender.new(ready, "job").claim(KIM, 1) == ""
    lines = ready.read(lambda con: con.execute(sa.select(Audit.what)).scalars().all(), ready.feedback)
    assert lines == [SENDING, REFUSED, SENDING]


def test_a_letter_of_a_run_that_was_killed_may_have_arrived(ready: Store, address: str) -> None:
    killed = subprocess.run([sys.executable, "-c", KILLED, address], timeout=120, check=False)
    assert killed.returncode == -9
    next_run = Sender.new(ready, "job")
    assert next_run.claim(KIM, 1) == STOPPED
    assert next_run.claim(KIM, 1, again=True) == ""


def test_a_run_elsewhere_is_waited_for_an_hour(ready: Store) -> None:
    elsewhere = replace(Sender.new(ready, "job"), owner="another-machine|7|a boot:1|x")
    assert elsewhere.claim(KIM, 1) == ""
    assert Sender.new(ready, "job").claim(KIM, 1) == SENDING
    earlier = sa.update(Audit).values(at=now() - LASTS * 1.1)
    ready.write(lambda con: con.execute(earlier), ready.feedback)
    assert Sender.new(ready, "job").claim(KIM, 1) == STOPPED
