"""How a store's connections are kept."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import sqlalchemy as sa

from salesml.store.engine import KEPT, Store
from tests.postgres import Server
from tests.store.conftest import new_database


def test_a_burst_of_readers_finds_the_connections_of_the_one_before(server: Server) -> None:
    opened = []
    with Store(new_database(server)) as store:
        sa.event.listen(store.published, "connect", lambda *_: opened.append(1))
        together = Barrier(KEPT)

        def read(connection: sa.Connection) -> int:
            together.wait(timeout=60)
            return int(connection.execute(sa.text("SELECT 1")).scalar_one())

        with ThreadPoolExecutor(KEPT) as readers:
            for _ in range(3):
                assert sum(readers.map(lambda _: store.read(read), range(KEPT))) == KEPT
    assert len(opened) == KEPT


def test_readers_one_after_the_other_share_a_connection(server: Server) -> None:
    opened = []
    with Store(new_database(server)) as store:
        sa.event.listen(store.published, "connect", lambda *_: opened.append(1))
        for _ in range(5):
            store.read(lambda connection: connection.execute(sa.text("SELECT 1")).scalar_one())
    assert len(opened) == 1
