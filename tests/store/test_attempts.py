"""How often somebody may try, whichever process they ask and wherever they are."""

from __future__ import annotations

import datetime as dt
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import sqlalchemy as sa

from salesml.store import attempts
from salesml.store.attempts import FREE, OF_ADDRESS, OF_LOGIN, Place, Try, begin, network, went_well
from salesml.store.engine import Store
from salesml.store.migrate import migrate
from salesml.store.moments import now
from salesml.store.people import Attempt

HERE = Place("192.0.2.1")
BROWSER = Place("192.0.2.1", "b1")


class Clock:
    """The time that the store goes by."""

    def __init__(self) -> None:
        self.at = now()

    def __call__(self, _: sa.Connection) -> dt.datetime:
        return self.at

    def wait(self, seconds: float) -> None:
        self.at += dt.timedelta(seconds=seconds)


@pytest.fixture
def clock(store: Store, monkeypatch: pytest.MonkeyPatch) -> Clock:
    migrate(store)
    clock = Clock()
    monkeypatch.setattr(attempts, "clock", clock)
    return clock


def wrong(store: Store, times: int, login: str = "kim", place: Place = HERE) -> list[Try]:
    return [begin(store, login, place) for _ in range(times)]


def right(store: Store, tried: Try) -> None:
    store.write(lambda connection: went_well(connection, tried), store.feedback)


def lines(store: Store) -> list[sa.Row[tuple[str, str, bool]]]:
    query = sa.select(Attempt.login, Attempt.address, Attempt.well)
    return list(store.read(lambda connection: connection.execute(query).all(), store.feedback))


def test_after_some_wrong_tries_there_is_a_pause_that_doubles(store: Store, clock: Clock) -> None:
    assert [each.wait for each in wrong(store, FREE)] == [0] * FREE
    waits = []
    for _ in range(9):
        waits.append(begin(store, "kim", HERE).wait)
        clock.wait(waits[-1])
        assert begin(store, "kim", HERE).wait == 0
    assert waits == [10, 20, 40, 80, 160, 320, 640, 900, 900]


def test_a_try_that_may_not_be_made_writes_nothing(store: Store, clock: Clock) -> None:
    wrong(store, FREE)
    assert all(each.wait and each.id is None for each in wrong(store, 20))
    assert len(lines(store)) == FREE


def test_the_right_password_ends_the_count(store: Store, clock: Clock) -> None:
    *_, last = wrong(store, FREE)
    right(store, last)
    assert [each.earlier for each in wrong(store, FREE)] == list(range(FREE))
    assert begin(store, "kim", HERE).wait > 0


def test_another_login_and_another_place_do_not_wait(store: Store, clock: Clock) -> None:
    wrong(store, FREE)
    assert begin(store, "kim", HERE).wait > 0
    assert begin(store, " KIM ", HERE).wait > 0
    assert begin(store, "lee", HERE).wait == 0
    assert begin(store, "kim", Place("192.0.2.2")).wait == 0


def test_a_login_that_is_tried_from_everywhere_waits_but_in_a_known_browser(
    store: Store, clock: Clock
) -> None:
    for number in range(OF_LOGIN):
        assert begin(store, "kim", Place(f"198.51.100.{number}")).wait == 0
    assert begin(store, "kim", Place("203.0.113.1")).wait > 1_800
    assert begin(store, "lee", Place("203.0.113.1")).wait == 0
    assert begin(store, "kim", BROWSER).wait == 0
    clock.wait(3_601)
    assert begin(store, "kim", Place("203.0.113.1")).wait == 0


def test_an_address_that_tries_many_logins_waits_but_a_known_browser_there_does_not(
    store: Store, clock: Clock
) -> None:
    for number in range(OF_ADDRESS):
        assert begin(store, f"rep{number}", HERE).wait == 0
    assert begin(store, "kim", HERE).wait > 1_800
    assert begin(store, "kim", BROWSER).wait == 0


def test_those_who_sign_in_well_from_one_address_never_wait(store: Store, clock: Clock) -> None:
    for number in range(OF_ADDRESS + 5):
        tried = begin(store, f"rep{number}", HERE)
        assert tried.wait == 0
        right(store, tried)


def test_a_known_browser_has_few_tries_too(store: Store, clock: Clock) -> None:
    wrong(store, FREE, place=BROWSER)
    assert begin(store, "kim", BROWSER).wait == 10
    assert begin(store, "kim", HERE).wait == 0


def test_many_at_once_are_no_way_round(store: Store, clock: Clock) -> None:
    begin(store, "kim", Place("192.0.2.9"))  # the key is there
    with ThreadPoolExecutor(8) as pool:
        tries = list(pool.map(lambda _: begin(store, "kim", HERE), range(24)))
    assert sum(each.wait == 0 for each in tries) == FREE


def test_lines_are_forgotten_and_never_say_what_was_typed(store: Store, clock: Clock) -> None:
    wrong(store, 2, login="my password")
    clock.wait(3_601)
    begin(store, "x", Place("192.0.2.7"))
    [line] = lines(store)
    assert line.address == "192.0.2.7"
    assert "x" not in line.login
    assert len(line.login) == 32


@pytest.mark.parametrize(
    ("address", "counted"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("testclient", "unknown"),
        ("", "unknown"),
    ],
)
def test_what_one_subscriber_has_counts_together(address: str, counted: str) -> None:
    assert network(address) == counted


def test_every_question_goes_by_an_index(tmp_path: Path) -> None:
    store = Store(f"sqlite:///{tmp_path / 'store.db'}")
    migrate(store)
    wanted = [
        "SELECT at FROM attempts WHERE login = 'a' AND address = 'b' AND at > '2026' ORDER BY at DESC",
        "SELECT at FROM attempts WHERE address = 'b' AND well = 0 AND at > '2026' ORDER BY at DESC LIMIT 1",
        "DELETE FROM attempts WHERE at < '2026'",
    ]
    for query in wanted:
        plan = store.read(
            lambda con, q=query: con.exec_driver_sql(f"EXPLAIN QUERY PLAN {q}").all(), store.feedback
        )
        assert "USING" in str(plan), (query, plan)
        assert "SCAN" not in str(plan), (query, plan)
    store.close()
