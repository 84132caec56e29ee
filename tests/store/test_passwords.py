"""Passwords: kept so that they cannot be read back, and looked at so that the time taken tells nothing."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest
import sqlalchemy as sa

pytest.importorskip("argon2", reason="the extra `web` is not installed")

from argon2 import PasswordHasher

from salesml.errors import UsageError
from salesml.store import passwords
from salesml.store.engine import Store
from salesml.store.migrate import migrate
from salesml.store.passwords import NOBODYS, check_password, is_password, kept, made
from salesml.store.people import User
from salesml.store.users import add, disable

GOOD = "a long enough password"
CHEAP = partial(PasswordHasher, time_cost=1, memory_cost=8, parallelism=1)


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Store]:
    monkeypatch.setattr(passwords, "_hasher", CHEAP)
    with Store(f"sqlite:///{tmp_path / 'store.db'}") as store:
        migrate(store)
        add(store, "kim@example.com", by="test", password=GOOD, role="analyst")
        add(store, "lee@example.com", by="test", role="analyst")
        yield store


def as_kept(store: Store) -> str:
    query = sa.select(User.password).where(User.login == "kim@example.com")
    return str(store.read(lambda connection: connection.execute(query).scalar_one(), store.feedback))


def test_a_password_is_theirs_alone(store: Store) -> None:
    assert is_password(store, " KIM@example.com", GOOD)
    assert not is_password(store, "kim@example.com", GOOD + " ")
    assert not is_password(store, "kim@example.com", "")


def test_who_has_no_password_has_none_not_even_an_empty_one(store: Store) -> None:
    assert [is_password(store, "lee@example.com", each) for each in ("", "None", "nobody", GOOD)] == [
        False
    ] * 4


def test_who_is_shut_out_has_no_password(store: Store) -> None:
    disable(store, "kim@example.com", by="test")
    assert not is_password(store, "kim@example.com", GOOD)


@pytest.mark.parametrize("login", ["nobody@example.com", "", "a\0b", "a" * 400])
def test_of_a_name_that_is_nobodys_a_password_is_looked_at_all_the_same(
    store: Store, login: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked = []

    class Looks(PasswordHasher):
        def verify(self, hash: str | bytes, password: str | bytes) -> bool:
            looked.append(hash)
            return True

    monkeypatch.setattr(passwords, "_hasher", Looks)
    assert not is_password(store, login, GOOD)
    assert looked == [NOBODYS]


def test_nobodys_password_takes_as_long_as_one_that_is_kept_now() -> None:
    assert not passwords._hasher().check_needs_rehash(NOBODYS)
    assert kept(GOOD).startswith("$argon2id$v=19$m=65536,t=3,p=4$")


def test_a_password_kept_in_a_weaker_way_is_kept_anew_once_it_is_seen(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = as_kept(store)
    monkeypatch.setattr(passwords, "_hasher", partial(CHEAP, memory_cost=16))
    assert not is_password(store, "kim@example.com", "wrong")
    assert as_kept(store) == before
    assert is_password(store, "kim@example.com", GOOD)
    assert "m=16," in as_kept(store)
    assert is_password(store, "kim@example.com", GOOD)


def test_the_same_letters_are_the_same_however_they_are_typed(store: Store) -> None:
    add(store, "bo@example.com", by="test", password="pa\u0308ssword on a Mac", role="analyst")
    assert is_password(store, "bo@example.com", "p\u00e4ssword on a Mac")


@pytest.mark.parametrize(
    ("password", "said"),
    [
        ("short", "has 5 letters"),
        ("x" * 1025, "has 1025 letters"),
        ("kim@example.com", "is the login"),
        ("abababababababab", "same few letters"),
        ("", "has 0 letters"),
    ],
)
def test_a_password_that_would_be_guessed_is_refused(password: str, said: str) -> None:
    with pytest.raises(UsageError) as error:
        check_password(password, "Kim@example.com")
    assert error.value.code == "weak-password"
    assert said in str(error.value)
    assert "12 to 1024 letters" in str(error.value)
    assert "--generate" in str(error.value)
    assert not password or password not in str(error.value)


def test_a_password_that_was_made_is_good_and_another_each_time() -> None:
    assert len({made() for _ in range(50)}) == 50
    check_password(made(), "kim")
