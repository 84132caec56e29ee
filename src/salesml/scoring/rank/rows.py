"""What ranking looks at: a few columns of a score table, checked, as arrays."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from salesml.errors import DataError, Fault
from salesml.scoring.table import SCORED, expected_column, schema

EVERYONE = "all"
"""The one list there is where no row names a rep."""

NOBODY = "unassigned"
"""The list of those without a rep, where others have one."""


@dataclass(frozen=True)
class Rows:
    """One entry for each row of a score table, in its order.

    ``day`` and ``list_of`` are places in ``days`` and ``lists``, which are sorted. ``expected`` and
    ``hours`` are NaN where they are not known; ``bad_hours`` marks hours that are given, but not above 0.
    """

    day: NDArray[np.int64]
    days: list[str]
    list_of: NDArray[np.int64]
    lists: list[str]
    entity: NDArray[np.object_]
    scored: NDArray[np.bool_]
    expected: NDArray[np.float64]
    raw: NDArray[np.float64]
    hours: NDArray[np.float64]
    bad_hours: NDArray[np.bool_]

    @classmethod
    def of(cls, frame: pd.DataFrame, task: str) -> Rows:
        """The rows of a score table of one task."""
        # A date and its midnight are one day, by which lots are drawn alike.
        day, days = _coded(np.array([text[:10] for text in _texts(frame["as_of"])], dtype=object))
        reps = _texts(frame["rep_id"])
        nobody = EVERYONE if all(rep == "" for rep in reps) else NOBODY
        which, lists = _coded(np.array([rep or nobody for rep in reps], dtype=object))
        hours = _finite(frame["expected_hours"])
        return cls(
            day=day,
            days=days,
            list_of=which,
            lists=lists,
            entity=_texts(frame["entity_id"]),
            scored=(frame["status"] == SCORED).to_numpy(dtype=bool),
            expected=_finite(frame[expected_column(task)]),
            raw=_finite(frame["raw_score"]),
            hours=np.where(hours > 0, hours, np.nan),
            bad_hours=hours <= 0,
        )

    def __len__(self) -> int:
        return len(self.scored)

    @property
    def return_on_effort(self) -> NDArray[np.float64]:
        """What an hour is expected to bring; NaN where that is not known."""
        return self.expected / self.hours


def columns(task: str) -> list[str]:
    """The columns of a score table that ranking looks at."""
    expected = expected_column(task)
    return ["task", "entity_id", "as_of", "rep_id", "status", "raw_score", expected, "expected_hours"]


def task_of(tasks: Iterable[object], names: Collection[str]) -> str:
    """The one task of a score table; where it has no rows, one that has such columns.

    Raises
    ------
    DataError
        ``not-scores`` when it mixes tasks.
    """
    found = sorted({str(task) for task in tasks if task is not None and task == task})
    if len(found) > 1:
        raise DataError(
            Fault(
                code="not-scores",
                found=f"The scores are of the tasks {', '.join(found)}",
                allowed="One task a list",
            )
        )
    if found:
        return found[0]
    return "conversion" if expected_column("conversion") in names else "churn"


def check_names(names: list[str], task: str) -> None:
    """That a table has the columns of a score table.

    Raises
    ------
    DataError
        ``not-scores`` with the names of those it lacks.
    """
    missing = [name for name in schema(task).names if name not in names]
    if missing:
        raise DataError(
            Fault(
                code="not-scores",
                found=f"The table lacks {', '.join(missing)}",
                allowed="It must be a score table, as `salesml score` writes it",
                count=len(missing),
            )
        )


def _texts(column: pd.Series[Any]) -> NDArray[np.object_]:
    """The column as text, empty where nothing stands."""
    codes, values = pd.factorize(column.astype(object))
    names = np.array([*map(str, values), ""], dtype=object)
    return names[codes]


def _coded(texts: NDArray[np.object_]) -> tuple[NDArray[np.int64], list[str]]:
    """Each text's place among the sorted ones."""
    codes, values = pd.factorize(texts, sort=True)
    return codes.astype(np.int64), [str(value) for value in values]


def _finite(column: pd.Series[Any]) -> NDArray[np.float64]:
    """The column as floats, NaN where nothing finite stands."""
    values = pd.to_numeric(column, errors="coerce").to_numpy(dtype=np.float64, na_value=np.nan)
    odd = column[np.isnan(values) & column.notna().to_numpy()]
    if len(odd):
        raise DataError(
            Fault(
                code="not-scores",
                found=f"{column.name} holds what is not a number",
                allowed="It must be a score table, as `salesml score` writes it",
                column=str(column.name),
                count=len(odd),
                examples=tuple(str(value) for value in odd.unique()[:5]),
            )
        )
    return np.where(np.isfinite(values), values, np.nan)
