"""A small company whose scores are published, and people who sign in to its site."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pyarrow as pa
import pytest
import sqlalchemy as sa

pytest.importorskip("fastapi", reason="the extra `web` is not installed")

from argon2 import PasswordHasher
from fastapi import FastAPI
from fastapi.testclient import TestClient

from salesml.store import directory, passwords
from salesml.store.engine import Store
from salesml.store.moments import now
from salesml.store.people import User
from salesml.store.publish import publish
from salesml.web.app import create_app
from salesml.web.settings import Settings
from tests.store.made import DAY, row, write_rows

KEY = b"a key for tests only"
PASSWORD = "a long enough password"
RETAIL = '{"industry": "Retail"}'
REPS = 7
ACCOUNTS = 100

CHEAP = partial(PasswordHasher, time_cost=1, memory_cost=8, parallelism=1)
"""Looks at passwords, and takes no time."""

Signed = Callable[..., TestClient]


def team() -> pa.Table:
    """Seven reps: R0 leads R1 to R3 and belongs to nobody's team; R4 to R6 report to R4."""
    rows = [
        {"rep_id": f"R{number}", "name": f"Rep {number}", "team": "North" if number < 4 else "South",
         "login": f"rep{number}@example.com", "role": "manager" if number in (0, 4) else "rep",
         "manager_id": "R0" if number in (1, 2, 3) else "R4" if number in (5, 6) else None}
        for number in range(REPS)
    ]  # fmt: skip
    return pa.Table.from_pylist(rows)


def names(ids: list[str]) -> pa.Table:
    return pa.Table.from_pylist(
        [
            {"entity_id": each, "name": f"Company {each}", "attributes": '{"industry": "Retail"}'}
            for each in ids
        ]
    )


@pytest.fixture(scope="session")
def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store in a folder: scores of a hundred accounts and prospects, reps, an analyst, an administrator."""
    folder = tmp_path_factory.mktemp("published")
    with Store(f"sqlite:///{folder / 'store.db'}") as store:
        for model in ("churn", "conversion"):
            rows = [row(number, model=model) for number in range(ACCOUNTS)]
            path = write_rows(folder / f"{model}.parquet", rows)
            publish(store, path, reps=team(), entities=names([each["entity_id"] for each in rows]))
        add_users(store)
    return folder


@pytest.fixture
def store(published: Path, tmp_path: Path) -> Iterator[Store]:
    """The published store, for one test to change."""
    for each in published.glob("store*.db*"):
        shutil.copy(each, tmp_path)
    with Store(f"sqlite:///{tmp_path / 'store.db'}") as store:
        yield store


def add_users(store: Store) -> None:
    """Everybody's password is the same."""
    secret = CHEAP().hash(PASSWORD)
    people = [{"login": f"rep{number}@example.com", "role": None} for number in range(REPS)]
    people += [{"login": f"{role}@example.com", "role": role} for role in ("analyst", "admin")]
    lines = [
        each | {"password": secret, "zone": None, "epoch": 0, "disabled_at": None, "created_at": now()}
        for each in people
    ]
    store.write(lambda connection: connection.execute(sa.insert(User), lines), store.feedback)


@pytest.fixture
def app(store: Store) -> FastAPI:
    return create_app(store, Settings(secure=False), key=KEY)


@pytest.fixture
def visitor(app: FastAPI) -> Iterator[TestClient]:
    """Somebody who has not signed in."""
    with TestClient(app, follow_redirects=False) as client:
        yield client


@pytest.fixture
def signed_in(app: FastAPI) -> Iterator[Signed]:
    """Signs somebody in: ``signed_in("rep1")``."""
    clients = []

    def sign_in(who: str = "rep1", password: str = PASSWORD) -> TestClient:
        client = TestClient(app, follow_redirects=False)
        clients.append(client)
        answer = client.post("/sign-in", data={"login": f"{who}@example.com", "password": password})
        assert answer.status_code == 303, answer.text
        return client

    yield sign_in
    for client in clients:
        client.close()


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Passwords that are cheap to look at, and reps that are read anew for each request."""
    monkeypatch.setattr(passwords, "_hasher", CHEAP)
    monkeypatch.setattr(directory, "LASTS", 0.0)


def form_token(html: str) -> str:
    """The token that the forms of a page carry."""
    found = re.search(r'name="csrf" value="([^"]+)"', html)
    assert found
    return found[1]


def without_token(html: str) -> str:
    """A page but for the token of its forms, whose letters are others each time."""
    return re.sub(r'(name="csrf" value=)"[^"]+"', r"\1", html)


__all__ = ["ACCOUNTS", "DAY", "PASSWORD", "REPS", "Signed", "form_token", "without_token"]


def fields(html: str, **more: str) -> dict[str, str]:
    """The form of a page that takes an answer, filled in."""
    form = html[html.index('class="answer"') :]
    hidden = dict(re.findall(r'type="hidden" name="([^"]+)" value="([^"]*)"', form))
    return hidden | more
