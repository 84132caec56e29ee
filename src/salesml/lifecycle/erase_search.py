"""How a row of a file is known to be about somebody, and a text to mention them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from salesml.scoring.write import text_cell
from salesml.store.erase import Person
from salesml.store.erased import ACCOUNT, PROSPECT, kind_of
from salesml.store.traces import SHORTEST


@dataclass(frozen=True)
class Search:
    """What is looked for in files.

    Parameters
    ----------
    whom : tuple of Person
    """

    whom: tuple[Person, ...]

    COLUMNS: ClassVar[dict[str, str]] = {
        "entity_id": "",
        "account_id": ACCOUNT,
        "account": ACCOUNT,
        "prospect_id": PROSPECT,
        "prospect": PROSPECT,
        "id": "",
    }
    """Columns that say whom a row is about, and of which kind, if only one."""

    BESIDE: ClassVar[tuple[str, ...]] = ("task", "place")
    """Columns that say of which kind the others are."""

    @cached_property
    def pattern(self) -> str | None:
        """A regular expression of ids that can be told within a text; nothing when there is none such."""
        ids = [each.id for each in self.whom if len(each.id) >= SHORTEST and not each.id.isdigit()]
        return rf"(?:^|[^\w])(?:{'|'.join(map(re.escape, ids))})(?:[^\w]|$)" if ids else None

    def mentions(self, text: str) -> bool:
        """Whether a text has one of the ids."""
        return self.pattern is not None and re.search(self.pattern, text) is not None

    def about_row(self, row: Mapping[str, str]) -> bool:
        """Whether a row of a CSV file is about somebody."""
        task, similar = row.get("task"), "place" in row
        there = [name for name in self.COLUMNS if name in row]
        return any(self._is(row[name], self._kind(name, task, similar)) for name in there)

    def about(self, batch: pa.RecordBatch) -> NDArray[np.bool_]:
        """Which rows of a batch are about somebody."""
        found = np.zeros(len(batch), dtype=bool)
        names = batch.schema.names
        tasks = batch.column("task").to_pylist() if "task" in names else [None] * len(batch)
        for name in (name for name in self.COLUMNS if name in names):
            ids = batch.column(name).cast(pa.string()).to_pylist()
            kinds = {task: self._kind(name, task, "place" in names) for task in set(tasks)}
            found |= np.array(
                [self._is(key, kinds[task]) for key, task in zip(ids, tasks, strict=True)], dtype=bool
            )
        return found

    def _kind(self, column: str, task: str | None, similar: bool) -> str:
        """Of which kind a column's ids are; nothing where it cannot be told, and both are meant."""
        if self.COLUMNS[column]:
            return self.COLUMNS[column]
        if column == "entity_id" and similar:
            return PROSPECT
        return kind_of(task) if task else ""

    def _is(self, key: str | None, kind: str) -> bool:
        return key is not None and key in self._ids.get(kind, frozenset())

    @cached_property
    def _ids(self) -> dict[str, frozenset[str]]:
        """Ids by kind, also as CSV writes those that a spreadsheet would run; all of them under no kind."""
        found: dict[str, set[str]] = {ACCOUNT: set(), PROSPECT: set(), "": set()}
        for each in self.whom:
            for kind in (each.kind, ""):
                found[kind] |= {each.id, text_cell(each.id)}
        return {kind: frozenset(ids) for kind, ids in found.items()}
