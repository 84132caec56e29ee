"""Answers in the store: added once, withdrawn by another line, told with their state."""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
import sqlalchemy as sa

from salesml.errors import DataError
from salesml.store import answers
from salesml.store.answers import Answer, Said, Seen
from salesml.store.engine import Store
from salesml.store.feedback import Feedback
from salesml.store.migrate import migrate

TODAY = dt.date(2026, 3, 1)
SEEN = Seen("churn", "churn", "A-1", dt.date(2026, 2, 27), "salesml-churn/3", 0.3, "R1")
Add = Callable[..., tuple[int, bool]]


@pytest.fixture
def add(store: Store) -> Add:
    """Adds an answer to a store of its own."""
    migrate(store)

    def add(what: str = "contacted", *, key: str = "k", seen: Seen = SEEN, **more: Any) -> tuple[int, bool]:
        by, today = more.pop("by", "kim"), more.pop("today", TODAY)
        said = Said(what, **more)
        return store.write(
            lambda con: answers.add(con, seen, said, by=by, today=today, key=key), store.feedback
        )

    return add


def read(store: Store) -> list[Answer]:
    return list(store.read(answers.every, store.feedback))


def withdraw(store: Store, number: int, by: str = "kim") -> bool:
    def work(connection: sa.Connection) -> bool:
        there = answers.one(connection, number)
        assert there is not None
        return answers.withdraw(connection, there, by=by)

    return store.write(work, store.feedback)


def test_the_same_sending_is_one_answer_and_any_other_is_another(store: Store, add: Add) -> None:
    first = add()
    assert first[1]
    assert add() == (first[0], False)
    others = [add(key="l"), add("saved"), add(note="They called back"), add(by="lee")]
    assert all(new for _, new in others)
    assert len(read(store)) == 5


def test_two_who_send_the_same_at_once_give_one_answer(store: Store, add: Add) -> None:
    gate, found = threading.Barrier(4), []

    def send() -> None:
        gate.wait()
        found.append(add())

    threads = [threading.Thread(target=send) for _ in range(4)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert len({number for number, _ in found}) == 1
    assert [new for _, new in found].count(True) == 1
    assert len(read(store)) == 1


def test_withdrawing_changes_no_line_and_counts_once(store: Store, add: Add) -> None:
    number, _ = add("lost")
    line = sa.select(*Feedback.__table__.c).where(Feedback.id == number)
    before = store.read(lambda con: con.execute(line).one(), store.feedback)
    assert withdraw(store, number)
    assert not withdraw(store, number, by="lee")
    assert store.read(lambda con: con.execute(line).one(), store.feedback) == before
    (answer,) = read(store)
    assert (answer.state(TODAY), answer.withdrawn_by) == ("withdrawn", "kim")


def test_an_answer_holds_to_the_end_of_its_last_day(store: Store, add: Add) -> None:
    add(expires_on=TODAY + dt.timedelta(days=5))
    (answer,) = read(store)
    days = [TODAY + dt.timedelta(days=each) for each in (0, 5, 6)]
    assert [answer.state(day) for day in days] == ["active", "active", "expired"]


@pytest.mark.parametrize("what", answers.WHATS)
def test_each_answer_ends_by_itself(store: Store, add: Add, what: str) -> None:
    add(what, reason="orders_30d", reason_words="Orders", note="I know them")
    (answer,) = read(store)
    assert answer.expires_on == TODAY + dt.timedelta(days=answers.LASTS[what])


def test_lists_show_the_newest_answer_that_holds(store: Store, add: Add) -> None:
    other = Seen("fit", "fit", "A-1", dt.date(2026, 2, 27), "salesml-fit/1", 0.1, "R1")
    add("saved", key="1")
    last, _ = add("lost", key="2")
    add("contacted", key="3", seen=other)

    def shown(day: dt.date) -> dict[str, str]:
        return {
            key: each.what
            for key, each in store.read(
                lambda con: answers.latest(con, ["A-1", "A-2"], ["churn"], day), store.feedback
            ).items()
        }

    assert shown(TODAY) == {"A-1": "lost"}
    withdraw(store, last)
    assert shown(TODAY) == {"A-1": "saved"}
    assert shown(TODAY + dt.timedelta(days=400)) == {}


def test_everything_that_is_wrong_is_said_at_once(add: Add) -> None:
    with pytest.raises(DataError) as caught:
        add("disagree", note=" " * 2_001, expires_on=TODAY)
    assert [each.code for each in caught.value.faults] == ["bad-answer"] * 3
    said = str(caught.value)
    assert "It is not said why you disagree" in said
    assert "The note has 2,001 letters" in said
    assert "It would hold until 2026-03-01" in said
    with pytest.raises(DataError, match="No reason is chosen"):
        add("reason-is-wrong")
    with pytest.raises(DataError, match="contacted, saved, lost"):
        add("withdrawn")


def test_an_answer_keeps_what_the_list_said(store: Store, add: Add) -> None:
    add(seen=replace(SEEN, band="A", rank=3, list="R1", pick_probability=0.25, picked="explore"))
    (answer,) = read(store)
    assert (answer.band, answer.rank, answer.list) == ("A", 3, "R1")
    assert (answer.pick_probability, answer.picked) == (0.25, "explore")
