"""A store whose company has some reps, and nothing else."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from salesml.store.engine import Store
from salesml.store.migrate import migrate
from salesml.store.models import Rep

EMPTY = {"name": None, "team": None, "login": None, "role": None, "manager_id": None}


def rep(rep_id: str, **more: Any) -> dict[str, Any]:
    return {"rep_id": rep_id, **EMPTY, "login": f"{rep_id.lower()}@example.com", **more}


def company(store: Store, *reps: dict[str, Any]) -> None:
    """Make the store, or give it other reps."""
    migrate(store)

    def work(connection: sa.Connection) -> None:
        connection.execute(sa.delete(Rep))
        if reps:
            connection.execute(sa.insert(Rep), list(reps))

    store.write(work)
