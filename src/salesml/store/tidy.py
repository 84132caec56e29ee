"""What a database needs after many rows came or went: statistics for its plans, and an empty log."""

from __future__ import annotations

import sqlalchemy as sa

from salesml.store.engine import Store, alone

LARGE = (
    "scores", "reasons", "similar_accounts", "recent_events", "moves", "history", "scorecard_rows",
)  # fmt: skip


def tidy(store: Store) -> None:
    """Gather statistics of the large tables; of a SQLite file, move its log into it as far as readers let.

    Never waits for a reader.
    """
    if store.address.is_file:
        store.write(_sqlite_statistics)
        checkpoint(store, store.published, "PASSIVE")
    else:
        store.write(lambda connection: connection.exec_driver_sql(f"ANALYZE {', '.join(LARGE)}"))


def _sqlite_statistics(connection: sa.Connection) -> None:
    connection.exec_driver_sql("PRAGMA analysis_limit = 400")
    connection.exec_driver_sql("ANALYZE")


def checkpoint(store: Store, engine: sa.Engine, mode: str) -> bool:
    """Move the log of a SQLite file into it; whether all of it was moved."""
    with alone(store, engine) as connection:
        busy, pages, moved = connection.exec_driver_sql(f"PRAGMA wal_checkpoint({mode})").one()
    return not busy and pages == moved
