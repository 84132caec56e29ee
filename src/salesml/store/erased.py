"""Who was erased: keyed digests, so that no later load brings them back, and no name or id is kept."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

import numpy as np
import pyarrow as pa
import sqlalchemy as sa
from numpy.typing import NDArray
from sqlalchemy.dialects import postgresql, sqlite

from salesml.store.models import Erased, Setting
from salesml.store.moments import clock

ACCOUNT: Final = "account"
PROSPECT: Final = "prospect"


def kind_of(task: str) -> str:
    """Whom the scores of a task are about."""
    return ACCOUNT if task == "churn" else PROSPECT


@dataclass(frozen=True)
class Forgotten:
    """The digests of those who were erased, and their key."""

    key: bytes
    digests: frozenset[str]

    @classmethod
    def read(cls, connection: sa.Connection) -> Forgotten:
        """As the store has them now."""
        key = connection.execute(sa.select(Setting.value).where(Setting.name == "key")).scalar_one()
        digests = frozenset(connection.execute(sa.select(Erased.digest)).scalars())
        return cls(bytes.fromhex(key), digests)

    def digest(self, kind: str, entity_id: str) -> str:
        """What is kept of somebody who is erased."""
        return hashlib.blake2b(f"{kind}:{entity_id}".encode(), key=self.key, digest_size=20).hexdigest()

    def has(self, kind: str, entity_id: str | None) -> bool:
        """Whether somebody was erased."""
        return bool(self.digests) and entity_id is not None and self.digest(kind, entity_id) in self.digests

    def keeps(self, ids: pa.Array, kind: str) -> NDArray[np.bool_]:
        """Which of some ids are of nobody who was erased."""
        if not self.digests:
            return np.ones(len(ids), dtype=bool)
        return np.array([not self.has(kind, key) for key in ids.cast(pa.string()).to_pylist()], dtype=bool)


def remember(connection: sa.Connection, digests: Iterable[str]) -> None:
    """Keep digests of those who are erased now."""
    insert = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    moment = clock(connection)
    for digest in digests:
        row = insert(Erased).values(digest=digest, erased_at=moment)
        connection.execute(row.on_conflict_do_nothing())
