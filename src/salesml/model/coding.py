"""How the columns of a table become the matrix that the booster reads.

Numbers stay as they are. Everything else becomes levels of its own, as text, each with a code. Levels
that fewer than twenty accounts share are not kept: they count as missing, as does a level that was
never seen. The booster knows its columns as ``f0``, ``f1``, …, since it refuses most special
characters; the names live here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from salesml.errors import Fault
from salesml.model.columns import Kind, as_levels, as_numbers, kind_of
from salesml.model.faults import InputError, raise_all
from salesml.model.names import duplicates, mismatch

MIN_COUNT = 20
"""Accounts that must share a level for it to be kept: fewer would tell on a single customer."""


@dataclass(frozen=True)
class Column:
    """One column of the matrix.

    Parameters
    ----------
    name : str
        As in the table.
    kind : {"number", "category", "empty"}
        ``empty``: held nothing in training and is never used.
    levels : tuple of str
        Levels of a category; a level's code is its position.
    fill : float or None
        The median of training for a number that was never missing there. LightGBM would read a
        missing value as 0 then (its issue 6139).
    """

    name: str
    kind: Kind = "number"
    levels: tuple[str, ...] = ()
    fill: float | None = None

    def encode(self, column: pd.Series) -> NDArray[np.float64] | Fault:
        """The column as floats: numbers, or codes of levels with NaN for missing."""
        if self.kind == "empty":
            return np.full(len(column), np.nan)
        if self.kind == "category":
            known = pd.Index(list(self.levels), dtype=object)
            codes = known.get_indexer(pd.Index(as_levels(column), dtype=object)).astype(np.float64)
            codes[codes < 0] = np.nan
            return codes
        values = as_numbers(column)
        if self.fill is not None and not isinstance(values, Fault):
            values = np.where(np.isnan(values), self.fill, values)
        return values


@dataclass(frozen=True)
class Coding:
    """All columns, in order, and whether they had names."""

    columns: tuple[Column, ...]
    named: bool = True

    @classmethod
    def learn(cls, table: Any, *, groups: ArrayLike | None = None, min_count: int = MIN_COUNT) -> Coding:
        """Learn kinds, levels and medians from the training rows.

        Parameters
        ----------
        table : DataFrame, pyarrow.Table or array of shape (rows, features)
        groups : array of shape (rows,), optional
            The account of each row. Levels are counted by accounts; by rows when left out.
        min_count : int
            Accounts that must share a level.

        Raises
        ------
        InputError
            With one fault for each column that cannot be a feature: ``date-column``, ``wrong-type``,
            ``infinite-value``, and for names that occur twice ``duplicate-columns``.
        """
        frame, named = as_frame(table)
        faults = [fault for fault in [duplicates(list(frame.columns))] if fault]
        raise_all(faults)
        owner = None if groups is None else pd.Series(np.asarray(groups))
        learned = [_learn(frame[name], owner, min_count) for name in frame.columns]
        raise_all([item for item in learned if isinstance(item, Fault)])
        return cls(tuple(item for item in learned if isinstance(item, Column)), named)

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

    def encode(self, table: Any) -> NDArray[np.float64]:
        """The matrix that the booster reads.

        Parameters
        ----------
        table : DataFrame, pyarrow.Table or array of shape (rows, features)
            With the names and the order of training.

        Returns
        -------
        ndarray of shape (rows, features), float64, in C order

        Raises
        ------
        InputError
            ``array-for-frame`` and ``wrong-columns`` when the columns are others;
            ``text-in-number``, ``infinite-value``, ``date-column``, all together.
        """
        frame, named = as_frame(table)
        if self.named:
            if not named:
                raise InputError(_array_for_frame(self.names))
            raise_all([fault for fault in [mismatch(self.names, list(frame.columns))] if fault])
        elif frame.shape[1] != len(self.columns):
            raise InputError(_wrong_width(frame.shape[1], len(self.columns)))
        matrix = np.empty((len(frame), len(self.columns)), dtype=np.float64)
        faults = []
        for place, column in enumerate(self.columns):
            values = column.encode(frame.iloc[:, place])
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
            "columns": [
                {"name": c.name, "kind": c.kind, "levels": list(c.levels), "fill": c.fill}
                for c in self.columns
            ],
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Coding:
        """The coding from what ``as_dict`` gave."""
        columns = (
            Column(str(c["name"]), c["kind"], tuple(map(str, c["levels"])), _float(c["fill"]))
            for c in data["columns"]
        )
        return cls(tuple(columns), bool(data["named"]))


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


def _learn(column: pd.Series, owner: pd.Series | None, min_count: int) -> Column | Fault:
    kind = kind_of(column)
    name = str(column.name)
    if isinstance(kind, Fault):
        return kind
    if kind == "category":
        return Column(name, kind, _levels(as_levels(column), owner, min_count))
    if kind == "empty":
        return Column(name, kind)
    values = as_numbers(column)
    if isinstance(values, Fault):
        return values
    return Column(name, kind, fill=None if np.isnan(values).any() else float(np.median(values)))


def _levels(values: NDArray[np.object_], owner: pd.Series | None, min_count: int) -> tuple[str, ...]:
    text = pd.Series(values, dtype=object)
    counts = text.value_counts() if owner is None else owner.groupby(text).nunique()
    return tuple(sorted(str(level) for level in counts.index[counts >= min_count]))


def _float(value: Any) -> float | None:
    return None if value is None else float(value)


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
