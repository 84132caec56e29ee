"""Few sign in at once, so that a flood takes neither memory nor the threads that pages need."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from salesml.store.attempts import Place
from salesml.store.audit import entries
from salesml.store.engine import Store
from salesml.web import door
from salesml.web.door import AT_ONCE, BUSY, WAITING, Door
from salesml.web.refused import SlowDown
from salesml.web.settings import Settings
from tests.web.conftest import PASSWORD

HERE = Place("192.0.2.1")


@pytest.fixture
def slow(store: Store, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Door, threading.Event, list[int]]]:
    """A door where each password is looked at until it is let go, and how many were at once."""
    go, lock, now, most = threading.Event(), threading.Lock(), [0], [0]

    def look(*_: object) -> bool:
        with lock:
            now[0] += 1
            most[0] = max(most[0], now[0])
        go.wait(60)
        with lock:
            now[0] -= 1
        return False

    monkeypatch.setattr(door, "is_password", look)
    yield Door(store, Settings()), go, most
    go.set()


def test_more_than_a_few_are_sent_away_at_once(slow: tuple[Door, threading.Event, list[int]]) -> None:
    door, go, most = slow
    threads = [
        threading.Thread(target=door.by_password, args=(f"rep{number}", "x", Place(f"192.0.2.{number}")))
        for number in range(WAITING)
    ]
    for thread in threads:
        thread.start()
    while door._places._value:
        pass
    with pytest.raises(SlowDown) as error:
        door.by_password("rep1@example.com", PASSWORD, HERE)
    assert error.value.seconds == BUSY
    go.set()
    for thread in threads:
        thread.join()
    assert most[0] <= AT_ONCE
    assert door._places._value == WAITING
    assert door._looking._value == AT_ONCE


def test_whoever_waits_too_long_is_sent_away(
    slow: tuple[Door, threading.Event, list[int]], monkeypatch: pytest.MonkeyPatch
) -> None:
    at, _, _ = slow
    monkeypatch.setattr(door, "PATIENCE", 0.01)
    for _ in range(AT_ONCE):
        at._looking.acquire()
    with pytest.raises(SlowDown):
        at.by_password("rep1@example.com", PASSWORD, HERE)
    assert at._places._value == WAITING


def test_a_flood_leaves_few_lines_in_the_log(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(door, "PER_HOUR", 3)
    at = Door(store, Settings())
    for number in range(6):
        assert at.by_password(f"guess{number}", "x", Place(f"192.0.2.{number}")) is None
    assert [each.by for each in entries(store)] == ["(unknown)"] * 3
    who = at.by_password("rep1@example.com", PASSWORD, HERE)
    assert who
    assert entries(store)[-1].what == "sign-in"  # those who come in are always told
