"""The log of who did what."""

from __future__ import annotations

import datetime as dt

import pytest
import sqlalchemy as sa

from salesml.store.audit import about, count_since, entries, forget_some, note
from salesml.store.engine import Store
from salesml.store.erase import erase, people
from salesml.store.migrate import migrate
from salesml.store.moments import now
from salesml.store.people import Audit


def write(store: Store, what: str, of: str | None = None, days_ago: float = 0) -> None:
    line = {
        "at": now() - dt.timedelta(days=days_ago),
        "by": "kim",
        "what": what,
        "about": of,
        "address": None,
    }
    store.write(lambda connection: connection.execute(sa.insert(Audit), [line]), store.feedback)


def whats(store: Store, **more: object) -> list[str]:
    return [each.what for each in entries(store, **more)]  # type: ignore[arg-type]


def test_lines_come_oldest_first_from_a_moment_on_or_the_newest_few(store: Store) -> None:
    migrate(store)
    for days, what in ((3, "a"), (2, "b"), (1, "c")):
        write(store, what, days_ago=days)
    assert whats(store) == ["a", "b", "c"]
    assert whats(store, since=now() - dt.timedelta(days=2.5)) == ["b", "c"]
    assert whats(store, last=2) == ["b", "c"]


def test_a_line_stands_or_falls_with_what_it_tells_of(store: Store) -> None:
    migrate(store)

    def fails(connection: sa.Connection) -> None:
        note(connection, "kim", "changed")
        raise ValueError

    with pytest.raises(ValueError):
        store.write(fails, store.feedback)
    assert whats(store) == []
    store.write(lambda con: note(con, "kim", "changed", about("login", "lee"), "192.0.2.1"), store.feedback)
    [line] = entries(store)
    assert (line.by, line.about, line.address) == ("kim", "login:lee", "192.0.2.1")
    assert abs(line.at - now()) < dt.timedelta(minutes=1)


def test_old_lines_go_and_others_stay(store: Store) -> None:
    migrate(store)
    write(store, "old", days_ago=401)
    write(store, "new", days_ago=399)
    assert store.write(lambda con: forget_some(con, 400), store.feedback) == 1
    assert whats(store) == ["new"]


def test_counting_stops_where_it_is_told_to(store: Store) -> None:
    migrate(store)
    for what in ("a", "a", "a", "b"):
        write(store, what)
    hour_ago = now() - dt.timedelta(hours=1)
    assert store.read(lambda con: count_since(con, "a", hour_ago, 10), store.feedback) == 3
    assert store.read(lambda con: count_since(con, "a", hour_ago, 2), store.feedback) == 2


def test_an_erased_account_is_in_no_line_and_a_prospect_of_the_same_id_is(store: Store) -> None:
    migrate(store)
    write(store, "exported", about("account", "C-000004"))
    write(store, "exported", about("prospect", "C-000004"))
    write(store, "exported", about("account", "C-0000041"))
    done = erase(store, people(accounts=["C-000004"]))
    assert (done.removed["audit"], done.left) == (1, {})
    abouts = [each.about for each in entries(store)]
    assert abouts == ["account:(erased)", "prospect:C-000004", "account:C-0000041"]


def test_the_search_after_erasing_finds_what_stands_in_the_log(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    migrate(store)
    write(store, "exported", about("account", "C-000004"))
    monkeypatch.setattr("salesml.store.erase.erase_from", lambda *_: 0)
    assert erase(store, people(accounts=["C-000004"])).left == {"audit.about": 1}
