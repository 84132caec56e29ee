"""All that pages show beside the scores of one model and date: names, events, and what is true of all."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pyarrow as pa

from salesml.config import Tracking
from salesml.crm import CRM
from salesml.lifecycle import shown
from salesml.lifecycle.display import Trained, display
from salesml.lifecycle.recent import write_recent
from salesml.model.bundle import Bundle
from salesml.store.beside import Beside
from salesml.store.source import ScoreTable
from salesml.tracking.tested import run_of

RECENT: Final = "recent.parquet"


@dataclass
class Show:
    """What pages show beside scores of a task, as far as it is known.

    Parameters
    ----------
    task : str
    crm : CRM, optional
        Gives names, attributes, reps and events.
    protected : collection of str
        Columns that are not shown, beside those that crm.yaml excludes.
    trained : Trained, optional
        The model that made the scores.
    """

    task: str
    crm: CRM | None = None
    protected: Collection[str] = ()
    trained: Trained | None = None

    def __call__(self, scores: Path, folder: Path) -> tuple[pa.Table | None, pa.Table | None, Beside]:
        """Names, reps, and what stands beside some scores.

        Parameters
        ----------
        scores : Path
            A score table.
        folder : Path
            Where files are made that must stay until it is published.
        """
        people, team = self.names(), shown.reps(self.crm) if self.crm else None
        return people, team, self.beside(ScoreTable(scores), folder)

    def names(self) -> pa.Table | None:
        """Names and attributes of those who were scored."""
        return shown.entities(self.crm, self.task, self.protected) if self.crm else None

    def beside(self, table: ScoreTable, folder: Path, moves: Path | None = None) -> Beside:
        """Recent events and what is true of all scores, beside what moved them."""
        recent = self._recent(table, folder / RECENT) if self.crm else None
        told = (
            display(self.task, self.crm, self.trained, self.protected) if self.crm or self.trained else None
        )
        return Beside(recent=recent, moves=moves, display=told)

    def _recent(self, table: ScoreTable, path: Path) -> Path | None:
        parts = [batch.column("entity_id") for batch in table.batches(["entity_id"], 65_536)]
        ids = pa.concat_arrays([part.cast(pa.string()) for part in parts])
        crm = self.crm
        return write_recent(crm, self.task, table.about.as_of, ids, path, self.protected) if crm else None


def trained_by(bundle: Bundle, address: str, version: str, tracking: Tracking) -> Trained:
    """The model of an address with what its training left beside it."""
    return Trained(bundle, run_of(address, tracking), version)
