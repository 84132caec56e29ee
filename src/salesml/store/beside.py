"""What is published beside scores: recent events, what moved them, and what is true of all of them.

Events and moves are Parquet files of one row for each account or prospect, so that a load can go on where it
was stopped, and none of it need fit in memory.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Final

import numpy as np
import pyarrow as pa

from salesml.store.json_text import json_text
from salesml.store.kinds import MOVES_TABLE, RECENT_TABLE
from salesml.store.models import Moved, Recent
from salesml.store.source import Parquet

RECENT_NEEDED: Final = ("entity_id", "events")
MOVES_NEEDED: Final = ("entity_id", "moved")

_RECENT = "Recent events are a Parquet file of `entity_id` and `events`, a list of structs"
_MOVES = "Moves are a Parquet file of `entity_id` and `moved`, a struct"


@dataclass(frozen=True)
class Beside:
    """What pages show beside scores.

    Parameters
    ----------
    recent : Path, optional
        A Parquet file of ``entity_id`` and ``events``, a list of structs, newest first; one row for each
        account or prospect that has any.
    moves : Path, optional
        A Parquet file of ``entity_id`` and ``moved``, a struct.
    display : mapping, optional
        What is true of all scores, as plain data.
    """

    recent: Path | None = None
    moves: Path | None = None
    display: Mapping[str, Any] | None = None

    @cached_property
    def files(self) -> tuple[BesideFile, ...]:
        """Its files, in the order of loading.

        Raises
        ------
        UsageError
            ``missing-file``, ``not-parquet``, ``missing-column``, ``bad-column``.
        """
        found = []
        if self.recent:
            file = Parquet(self.recent, RECENT_NEEDED, RECENT_TABLE, _RECENT)
            found.append(BesideFile(Recent.__tablename__, "events", file))
        if self.moves:
            file = Parquet(self.moves, MOVES_NEEDED, MOVES_TABLE, _MOVES)
            found.append(BesideFile(Moved.__tablename__, "moved", file))
        return tuple(found)

    @cached_property
    def told(self) -> str | None:
        """``display`` as text, the same whenever it is the same."""
        if not self.display:
            return None
        return json.dumps(self.display, sort_keys=True, ensure_ascii=False, separators=(",", ":"))

    @property
    def digests(self) -> tuple[str, ...]:
        """What tells its content from any other."""
        return (*(f"{each.table} {each.file.digest}" for each in self.files), self.told or "")


@dataclass(frozen=True)
class BesideFile:
    """A file of rows beside scores: the store's table and column that it goes to."""

    table: str
    column: str
    file: Parquet

    def rows(self, batch: pa.RecordBatch, first: int, generation: int) -> pa.RecordBatch:
        """Rows of the store's table.

        Parameters
        ----------
        batch : RecordBatch
            ``entity_id`` and the column.
        first : int
            The id of the first.
        """
        count = len(batch)
        return pa.RecordBatch.from_arrays(
            [
                pa.array(np.arange(first, first + count, dtype=np.int64)),
                pa.array(np.full(count, generation, dtype=np.int64)),
                batch.column("entity_id").cast(pa.string()),
                json_text(batch.column(self.column)),
            ],
            names=["id", "generation_id", "entity_id", self.column],
        )
