"""A store's connections: how each database is set up, and transactions that are tried again."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cached_property
from typing import Any, Final, TypeVar

import sqlalchemy as sa

from salesml.errors import Fault, UsageError
from salesml.store.address import SCHEMAS, Address
from salesml.store.failures import away, collides, from_database, passing

T = TypeVar("T")

SHORT: Final = ("jit TO off", "max_parallel_workers_per_gather TO 0")
"""PostgreSQL's settings for many short queries: to begin with either takes longer than they do."""

PAUSES: Final = (0.2, 0.5, 1.0, 2.0, 4.0, 8.0)
"""Seconds between tries while a database is away."""

KEPT: Final = 10
"""Connections to a server that a process keeps for scores, and as many for answers: to open one costs more
than a page's queries. With :data:`FURTHER` two processes of `salesml serve` have at most 60, of the 100 that
PostgreSQL allows unless told otherwise."""

FURTHER: Final = 5
"""Connections that a process opens beside them for a moment."""

BUSY: Final = 10
"""Seconds that one try waits for another writer of a SQLite file, or for a server's answer."""


class Store:
    """A store of published scores and of feedback.

    Parameters
    ----------
    address : str
        ``sqlite:///FILE.db`` or ``postgresql://USER@HOST/DATABASE``.
    pauses : tuple of float
        Seconds to wait before each further try while the database is away.

    Raises
    ------
    UsageError
        ``bad-store``; ``needs-package`` when the driver is not installed.
    """

    def __init__(self, address: str, *, pauses: tuple[float, ...] = PAUSES) -> None:
        self.address = Address.of(address)
        self.pauses = pauses
        if not self.address.is_file:
            _need_driver()

    def __repr__(self) -> str:
        return f"Store({str(self.address)!r})"

    def __enter__(self) -> Store:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    @cached_property
    def published(self) -> sa.Engine:
        """The engine of published scores."""
        # After a power cut a SQLite file may be as it was some commits ago, but never broken: a load that is
        # run again puts that right.
        return _engine(self.address.published, SCHEMAS[0], synchronous="NORMAL")

    @cached_property
    def feedback(self) -> sa.Engine:
        """The engine of what people answer."""
        # Nobody can be asked to answer again: every commit is on disk.
        return _engine(self.address.feedback, SCHEMAS[1], synchronous="FULL")

    def close(self) -> None:
        """Give back every connection."""
        for name in ("published", "feedback"):
            if name in self.__dict__:
                self.__dict__.pop(name).dispose()

    def write(self, work: Callable[[sa.Connection], T], engine: sa.Engine | None = None) -> T:
        """Do some work in one transaction that may write; again when the database was away meanwhile.

        Parameters
        ----------
        work : callable
            Called with a connection; it must bear being called again although its last commit may have
            succeeded unheard.

        Raises
        ------
        OutsideError
            ``store-away`` when every try failed.
        """
        chosen = engine or self.published
        return self._tried(lambda: _in_transaction(chosen, work), chosen)

    def read(self, work: Callable[[sa.Connection], T], engine: sa.Engine | None = None) -> T:
        """Do some reading, all of it as of one moment; again when the database was away."""
        chosen = engine or self.published

        def once() -> T:
            with reading(chosen) as connection:
                return work(connection)

        return self._tried(once, chosen)

    def _tried(self, once: Callable[[], T], engine: sa.Engine) -> T:
        for pause in (*self.pauses, None):
            try:
                return once()
            except Exception as error:
                if not from_database(error) or collides(error):
                    raise
                engine.dispose()
                if pause is None or not passing(error):
                    raise away(self.address, error) from error
            time.sleep(pause)
        raise AssertionError("the last try returns or raises")


@contextmanager
def reading(engine: sa.Engine) -> Iterator[sa.Connection]:
    """A connection that sees the store as of one moment, whatever is published meanwhile."""
    options: dict[str, Any] = {}
    if engine.dialect.name == "postgresql":
        options = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
    with engine.connect().execution_options(**options) as connection, connection.begin():
        yield connection


@contextmanager
def alone(store: Store, engine: sa.Engine) -> Iterator[sa.Connection]:
    """A connection on which each statement stands alone, for those that no transaction may hold.

    Raises
    ------
    OutsideError
        ``store-away``, such as on a full disk.
    """
    options: dict[str, Any] = {"alone": True}
    if engine.dialect.name == "postgresql":
        options = {"isolation_level": "AUTOCOMMIT"}
    try:
        with engine.connect().execution_options(**options) as connection:
            yield connection
    except Exception as error:
        if from_database(error):
            raise away(store.address, error) from error
        raise


def _in_transaction(engine: sa.Engine, work: Callable[[sa.Connection], T]) -> T:
    with engine.connect().execution_options(writes=True) as connection:
        try:
            with connection.begin():
                return work(connection)
        except Exception as error:
            if passing(error) and not connection.closed:
                connection.invalidate()  # the driver may not have noticed yet that it is of no more use
            raise


def _engine(url: sa.URL, schema: str, *, synchronous: str) -> sa.Engine:
    if url.get_backend_name() == "sqlite":
        engine = sa.create_engine(url, connect_args={"timeout": BUSY})
        sa.event.listen(engine, "connect", _sqlite_settings(synchronous))
        sa.event.listen(engine, "begin", _begin)
        return engine
    engine = sa.create_engine(
        url, connect_args={"connect_timeout": BUSY}, pool_pre_ping=True, pool_use_lifo=True,
        pool_size=KEPT, max_overflow=FURTHER,
    )  # fmt: skip
    sa.event.listen(engine, "connect", _search_path(schema), insert=True)
    return engine


def _sqlite_settings(synchronous: str) -> Callable[[Any, Any], None]:
    def connect(connection: Any, _record: Any) -> None:
        connection.isolation_level = None  # transactions begin where SQLAlchemy begins them
        cursor = connection.cursor()
        cursor.execute(f"PRAGMA synchronous = {synchronous}")
        cursor.execute("PRAGMA foreign_keys = ON")
        cursor.execute("PRAGMA cache_size = -65536")
        cursor.execute("PRAGMA journal_size_limit = 67108864")
        cursor.close()

    return connect


def _begin(connection: sa.Connection) -> None:
    """A transaction that writes takes its turn at once, and so never fails half-way for another's."""
    options = connection.get_execution_options()
    if not options.get("alone"):
        connection.exec_driver_sql("BEGIN IMMEDIATE" if options.get("writes") else "BEGIN")


def _search_path(schema: str) -> Callable[[Any, Any], None]:
    def connect(connection: Any, _record: Any) -> None:
        before = connection.autocommit
        try:
            connection.autocommit = True
            for setting in (f"search_path TO {schema}", *SHORT):
                connection.execute(f"SET {setting}")
            connection.autocommit = before
        except Exception:
            connection.close()  # nobody else will: it was never handed out
            raise

    return connect


def _need_driver() -> None:
    try:
        import psycopg  # noqa: F401
    except ImportError:
        raise UsageError(
            Fault(
                code="needs-package",
                found="PostgreSQL needs the package psycopg, which is not installed",
                do="pip install 'salesml[postgresql]'",
            )
        ) from None
