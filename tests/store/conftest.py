"""Stores to test on: a SQLite file, and a database of a real PostgreSQL server."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from salesml.store.engine import Store
from tests.postgres import Server, running

_NUMBER = itertools.count(1)


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    """One server for all tests of the store."""
    with running() as server:
        yield server


def new_database(server: Server) -> str:
    """The address of an empty database."""
    name = f"store_{next(_NUMBER)}"
    engine = sa.create_engine(server.url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(sa.text(f"CREATE DATABASE {name}"))
    engine.dispose()
    return server.url.removesuffix("postgres") + name


@pytest.fixture(params=["sqlite", "postgresql"])
def address(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of a store that does not exist yet."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'store.db'}"
    return new_database(request.getfixturevalue("server"))


@pytest.fixture
def store(address: str) -> Iterator[Store]:
    """A store that does not exist yet."""
    with Store(address) as store:
        yield store
