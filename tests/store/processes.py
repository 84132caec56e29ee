"""Publishing in processes of their own, which start at once and can be killed."""

from __future__ import annotations

import multiprocessing as mp
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from typing import Any

import psycopg  # noqa: F401  # there before processes start
import sqlalchemy as sa

from salesml.errors import SalesmlError
from salesml.store import steps
from salesml.store.beside import Beside
from salesml.store.engine import Store, reading
from salesml.store.generations import Current, current
from salesml.store.models import Reasons, Recent, Score
from salesml.store.publish import publish

SMALL = 40
"""Rows that these processes write in one transaction: many transactions in little time."""

FORK = mp.get_context("forkserver")
FORK.set_forkserver_preload([__name__, "pytest"])


def publishing(address: str, path: Path, *, wait: float = 60, told: Any = None) -> ForkServerProcess:
    """A process that publishes a table, at work; it puts what came of it into a queue."""
    begun = FORK.Event()
    process = FORK.Process(target=_publish, args=(address, path, wait, told, begun), daemon=True)
    process.start()
    begun.wait(60)
    return process


def _publish(address: str, path: Path, wait: float, told: Any, begun: Any) -> None:
    begun.set()
    steps.BATCH = SMALL  # type: ignore[misc]
    try:
        with Store(address) as store:
            recent = path.with_suffix(".events")
            beside = Beside(recent=recent) if recent.exists() else None
            done = publish(store, path, beside=beside, wait=wait)
            outcome = "published" if done.changed else "already"
    except SalesmlError as error:
        outcome = error.code
    except Exception as error:
        outcome = repr(error)
    if told is not None:
        told.put(outcome)


def seen(
    store: Store, name: str = "churn", *, events: bool = False
) -> tuple[Current | None, list[tuple[Any, ...]]]:
    """What a reader sees at one moment: what is current, and all its rows with the reasons, and events."""
    with reading(store.published) as connection:
        now = current(connection, name)
        more = [Recent.events] if events else []
        joined = (Recent.generation_id == Score.generation_id) & (Recent.entity_id == Score.entity_id)
        query = (
            sa.select(Score.entity_id, Score.probability, Reasons.reasons.is_not(None), *more)
            .outerjoin(Reasons, Reasons.score_id == Score.id)
            .outerjoin(Recent, joined)
            .where(Score.generation_id == (now.id if now else 0))
            .order_by(Score.entity_id)
        )
        return now, [tuple(row) for row in connection.execute(query)]
