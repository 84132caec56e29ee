"""Addresses of stores: which are allowed, and that no password is ever shown."""

from __future__ import annotations

import pytest

from salesml.errors import UsageError
from salesml.store.address import Address
from salesml.store.engine import Store


def test_a_file_and_the_one_beside_it() -> None:
    address = Address.of("sqlite:////srv/sales/store.db")
    assert [str(path) for path in address.files] == ["/srv/sales/store.db", "/srv/sales/store-feedback.db"]
    assert str(address) == "sqlite:////srv/sales/store.db"


def test_a_server_by_any_of_its_names() -> None:
    for text in ("postgresql://u@h/d", "postgresql+psycopg://u@h/d", "postgresql+psycopg2://u@h/d"):
        assert Address.of(text).published.drivername == "postgresql+psycopg"
        assert Address.of(text).files == ()


@pytest.mark.parametrize(
    "text",
    [
        "postgresql://u:pa55word@h/d",
        "postgresql://u:pa55word@h/d?sslpassword=pa55word",
        "postgresql://u@h/d?password=pa55word",
    ],
)
def test_passwords_are_never_shown(text: str) -> None:
    address = Address.of(text)
    assert "pa55word" not in f"{address} {address!r} {Store(text)!r}"
    assert "pa55word" not in address.without_secrets(f'bad pa55word in "{text}"')


def test_variables_stand_in_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET_OF_STORE", "pa55word")
    assert Address.of("postgresql://u:${SECRET_OF_STORE}@h/d").published.password == "pa55word"
    with pytest.raises(UsageError) as caught:
        Address.of("postgresql://u:$NO_SUCH_VARIABLE@h/d")
    assert "NO_SUCH_VARIABLE, which is not set" in str(caught.value)


@pytest.mark.parametrize(
    "text",
    ["store.db", "mysql://u:pa55word@h/d", "sqlite://", "sqlite:///:memory:", "pa55word", "::pa55word@/"],
)
def test_other_addresses_are_refused_without_being_repeated(text: str) -> None:
    with pytest.raises(UsageError) as caught:
        Address.of(text)
    assert caught.value.code == "bad-store"
    assert "pa55word" not in str(caught.value)
    assert "sqlite:///FILE.db or postgresql://USER@HOST/DATABASE" in str(caught.value)
