"""How the columns of a table become the matrix that the booster reads.

Numbers stay as they are. Dates become ages: days before the row's as-of date or, in rows without one,
before a reference that is kept: the latest as-of date of training, or the latest date seen there.
Everything else becomes levels of its own, as text, each with a code. Levels that fewer than twenty
accounts share are not kept: they count as missing, as does a level that was never seen. The booster
knows its columns as ``f0``, ``f1``, …, since it refuses most special characters; the names live here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from salesml.errors import Fault
from salesml.model.column import Column, learn_column
from salesml.model.dates import instants, latest, read_as_of
from salesml.model.faults import InputError, raise_all
from salesml.model.names import duplicates, mismatch

MIN_COUNT = 20
"""Accounts that must share a level for it to be kept: fewer would tell on a single customer."""


@dataclass(frozen=True)
class Coding:
    """All columns, in order, and whether they had names.

    ``reference`` is the day, as ISO text, before which the ages of dates count in rows without an as-of
    date; empty where no column holds dates.
    """

    columns: tuple[Column, ...]
    named: bool = True
    reference: str = ""

    @classmethod
    def learn(
        cls,
        table: Any,
        *,
        groups: ArrayLike | None = None,
        min_count: int = MIN_COUNT,
        as_of: ArrayLike | None = None,
    ) -> Coding:
        """Learn kinds, levels and medians from the training rows.

        Parameters
        ----------
        table : DataFrame, pyarrow.Table or array of shape (rows, features)
        groups : array of shape (rows,), optional
            The account of each row. Levels are counted by accounts; by rows when left out.
        min_count : int
            Accounts that must share a level.
        as_of : array of shape (rows,), optional
            The as-of date of each row; read only where columns hold dates.

        Raises
        ------
        InputError
            With one fault for each column that cannot be a feature: ``wrong-type``,
            ``infinite-value``, and for names that occur twice ``duplicate-columns``; ``bad-as-of``.
        """
        frame, named = as_frame(table)
        faults = [fault for fault in [duplicates(list(frame.columns))] if fault]
        raise_all(faults)
        owner = None if groups is None else pd.factorize(np.asarray(groups))[0]
        learned = [learn_column(frame[name], owner, min_count) for name in frame.columns]
        raise_all([item for item in learned if isinstance(item, Fault)])
        columns = [item for item in learned if isinstance(item, Column)]
        if not any(column.dated for column in columns):
            return cls(tuple(columns), named)
        until = read_as_of(as_of, len(frame))
        known = [instants(frame[column.name]) for column in columns if column.dated]
        reference = latest(known if until is None else [until]) or latest(known)
        aged = [column.aged(frame[column.name], until, reference) for column in columns]
        return cls(tuple(aged), named, reference)

    @property
    def names(self) -> tuple[str, ...]:
        """The columns' names, as in the table."""
        return tuple(column.name for column in self.columns)

    @property
    def internal_names(self) -> list[str]:
        """What the booster calls them."""
        return [f"f{position}" for position in range(len(self.columns))]

    @property
    def categories(self) -> list[int]:
        """Positions of the categories."""
        return [place for place, column in enumerate(self.columns) if column.kind == "category"]

    @property
    def dated(self) -> tuple[str, ...]:
        """Names of the columns of dates."""
        return tuple(column.name for column in self.columns if column.dated)

    @property
    def empty(self) -> tuple[str, ...]:
        """Names of the columns that held nothing in training."""
        return tuple(column.name for column in self.columns if column.kind == "empty")

    @property
    def of_ages(self) -> Coding:
        """The same coding for tables in which dates stand as ages already."""
        return replace(self, columns=tuple(replace(column, dated=False) for column in self.columns))

    def encode(
        self, table: Any, *, as_of: ArrayLike | None = None, order: Literal["C", "F"] = "C"
    ) -> NDArray[np.float64]:
        """The matrix that the booster reads.

        Parameters
        ----------
        table : DataFrame, pyarrow.Table or array of shape (rows, features)
            With the names and the order of training.
        as_of : date, or array of shape (rows,), optional
            The as-of date of each row; the reference stands for one that is missing.
        order : {"C", "F"}
            Whether the matrix lies in memory row by row or column by column, which takes less time.

        Returns
        -------
        ndarray of shape (rows, features), float64

        Raises
        ------
        InputError
            ``array-for-frame`` and ``wrong-columns`` when the columns are others;
            ``text-in-number``, ``other-kind``, ``infinite-value``, all together.
        """
        frame, named = as_frame(table)
        if self.named:
            if not named:
                raise InputError(_array_for_frame(self.names))
            raise_all([fault for fault in [mismatch(self.names, list(frame.columns))] if fault])
        elif frame.shape[1] != len(self.columns):
            raise InputError(_wrong_width(frame.shape[1], len(self.columns)))
        matrix = np.empty((len(frame), len(self.columns)), dtype=np.float64, order=order)
        until = read_as_of(as_of, len(frame)) if self.dated else None
        faults = []
        for place, column in enumerate(self.columns):
            values = column.encode(frame.iloc[:, place], until, self.reference)
            if isinstance(values, Fault):
                faults.append(values)
            else:
                matrix[:, place] = values
        raise_all(faults)
        return matrix

    def as_dict(self) -> dict[str, Any]:
        """The coding as plain data."""
        return {
            "named": self.named,
            "reference": self.reference,
            "columns": [column.as_dict() for column in self.columns],
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Coding:
        """The coding from what ``as_dict`` gave."""
        columns = (Column.from_dict(column) for column in data["columns"])
        return cls(tuple(columns), bool(data["named"]), str(data.get("reference", "")))


def as_frame(table: Any) -> tuple[pd.DataFrame, bool]:
    """The table as a frame, and whether its columns have names of their own."""
    if hasattr(table, "to_pandas") and not isinstance(table, pd.DataFrame):
        table = table.to_pandas()
    if isinstance(table, pd.DataFrame):
        if all(isinstance(name, str) for name in table.columns):
            return table.reset_index(drop=True), True
        return _numbered(table.reset_index(drop=True)), False
    return _numbered(pd.DataFrame(np.asarray(table), copy=False)), False


def _numbered(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.set_axis([f"x{place}" for place in range(frame.shape[1])], axis=1)


def _array_for_frame(names: Sequence[str]) -> Fault:
    return Fault(
        code="array-for-frame",
        found="The model was fitted on named columns and is now given an array without names",
        allowed=f"A frame with the columns {', '.join(names[:5])}{', …' if len(names) > 5 else ''}",
        do="Pass a DataFrame: an array in another order would change the scores without a word",
    )


def _wrong_width(found: int, expected: int) -> Fault:
    return Fault(
        code="wrong-columns",
        found=f"X has {found} features, but PropensityClassifier is expecting {expected} features as input",
        do="Pass as many columns as in training",
    )
