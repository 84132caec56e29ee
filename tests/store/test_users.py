"""Letting people in and shutting them out."""

from __future__ import annotations

from functools import partial

import pytest

pytest.importorskip("argon2", reason="the extra `web` is not installed")

from argon2 import PasswordHasher

from salesml.errors import DataError, UsageError
from salesml.store import directory, passwords
from salesml.store.audit import entries
from salesml.store.engine import Store
from salesml.store.keys import SESSIONS, key
from salesml.store.passwords import is_password
from salesml.store.users import (
    Listed,
    add,
    change,
    check_new,
    disable,
    enable,
    listed,
    named,
    set_password,
    sign_out,
    sign_out_all,
)
from tests.store.company import company, rep

GOOD = "a long enough password"


@pytest.fixture(autouse=True)
def _quick(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        passwords, "_hasher", partial(PasswordHasher, time_cost=1, memory_cost=8, parallelism=1)
    )
    monkeypatch.setattr(directory, "LASTS", 0.0)
    company(store, rep("R1"), rep("R2", login="two@example.com"), rep("R3", login="Two@example.com"))


def epoch(store: Store, login: str) -> int:
    import datetime as dt

    from salesml.store.access import person

    found = person(store, login, dt.date(2026, 1, 1))
    assert found
    return found.epoch


def whats(store: Store) -> list[tuple[str, str, str | None]]:
    return [(each.by, each.what, each.about) for each in entries(store)]


def test_every_change_is_kept_with_who_made_it(store: Store) -> None:
    assert add(store, " R1@Example.com", by="root", password=GOOD) == "r1@example.com"
    set_password(store, "r1@example.com", GOOD + "2", by="root")
    change(store, "r1@example.com", by="ana", role="analyst")
    change(store, "r1@example.com", by="ana", role="", zone="Europe/Berlin")
    disable(store, "r1@example.com", by="ana")
    enable(store, "r1@example.com", by="ana")
    sign_out(store, "r1@example.com", by="ana")
    sign_out_all(store, by="ana")
    of = "login:r1@example.com"
    assert whats(store) == [
        ("root", "added-user", of), ("root", "set-password", of), ("ana", "set-role-analyst", of),
        ("ana", "set-role-by-table", of), ("ana", "disabled-user", of), ("ana", "enabled-user", of),
        ("ana", "signed-out-user", of), ("ana", "signed-out-everybody", None),
    ]  # fmt: skip


def test_another_password_and_shutting_out_end_sessions(store: Store) -> None:
    add(store, "r1@example.com", by="test", password=GOOD)
    assert epoch(store, "r1@example.com") == 0
    set_password(store, "R1@example.com", GOOD + "2", by="test")
    assert epoch(store, "r1@example.com") == 1
    assert [is_password(store, "r1@example.com", each) for each in (GOOD, GOOD + "2")] == [False, True]
    disable(store, "r1@example.com", by="test")
    enable(store, "r1@example.com", by="test")
    assert epoch(store, "r1@example.com") == 2
    change(store, "r1@example.com", by="test", zone="Europe/Berlin")
    assert epoch(store, "r1@example.com") == 2


def test_a_rep_who_never_had_a_line_is_shut_out_and_signed_out(store: Store) -> None:
    sign_out(store, "R1@example.com", by="test")
    assert epoch(store, "r1@example.com") == 1
    disable(store, "r1@example.com", by="test")
    assert [each.problem for each in listed(store) if each.login == "r1@example.com"] == ["shut out"]


def test_signing_everybody_out_makes_another_key(store: Store) -> None:
    before = key(store, SESSIONS)
    sign_out_all(store, by="test")
    assert key(store, SESSIONS) != before


def test_the_list_says_why_somebody_cannot_sign_in(store: Store) -> None:
    add(store, "ana@example.com", by="test", role="analyst", password=GOOD)
    add(store, "bo@example.com", by="test", zone="Europe/Berlin")
    plain = {"rep_id": None, "role": None, "zone": None, "disabled_at": None}
    assert listed(store) == [
        Listed(login="ana@example.com", way_in="password", problem="", **plain | {"role": "analyst"}),
        Listed(login="bo@example.com", way_in="elsewhere", **plain | {"zone": "Europe/Berlin"},
               problem="no rep has this login, and no role was given"),
        Listed(login="r1@example.com", way_in="elsewhere", problem="", **plain | {"rep_id": "R1"}),
        Listed(login="two@example.com", way_in="elsewhere", **plain | {"rep_id": "R2, R3"},
               problem="the company's table gives this login to 2 reps"),
    ]  # fmt: skip


def test_all_that_is_wrong_is_said_together(store: Store) -> None:
    with pytest.raises(UsageError) as error:
        add(store, "a\nb", by="test", role="boss", zone="Mars/Base", password="short")
    assert [fault.code for fault in error.value.faults] == [
        "bad-login",
        "bad-role",
        "bad-zone",
        "weak-password",
    ]
    said = str(error.value)
    assert "'boss' is not a role. One of rep, manager, analyst, admin." in said
    assert "'Mars/Base' is not a time zone. A name such as Europe/Berlin." in said
    assert "short" not in said
    assert entries(store) == []


def test_nobody_is_added_twice(store: Store) -> None:
    add(store, "kim", by="test")
    for again in (lambda: add(store, "KIM", by="test"), lambda: check_new(store, "Kim ", None, None)):
        with pytest.raises(DataError) as error:
            again()
        assert error.value.code == "user-there"
        assert "There is a user kim already. Use `salesml users set-password`" in str(error.value)


def test_of_whom_there_is_no_line_nothing_is_changed(store: Store) -> None:
    for verb in (
        lambda: set_password(store, "nobody", GOOD, by="test"), lambda: named(store, "nobody"),
        lambda: disable(store, "nobody", by="test"), lambda: enable(store, "nobody", by="test"),
        lambda: sign_out(store, "nobody", by="test"), lambda: change(store, "nobody", by="test", zone="UTC"),
    ):  # fmt: skip
        with pytest.raises(DataError) as error:
            verb()
        assert error.value.code == "no-user"
        assert "There is no user nobody. `salesml users list` shows who there is" in str(error.value)
    with pytest.raises(UsageError) as missing:
        change(store, "nobody", by="test")
    assert missing.value.code == "missing-option"
    assert entries(store) == []
