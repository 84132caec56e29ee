"""How one column becomes numbers: what it holds, its levels, and what stands for a missing number."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from salesml.errors import Fault
from salesml.model.columns import Kind, as_levels, as_numbers, kind_of, misread_levels
from salesml.model.dates import Instants, days_before, instants


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
    dated : bool
        Whether the table holds dates there, of which the booster reads the age in days.
    """

    name: str
    kind: Kind = "number"
    levels: tuple[str, ...] = ()
    fill: float | None = None
    dated: bool = False

    def encode(
        self, column: pd.Series, as_of: Instants | None = None, reference: str = ""
    ) -> NDArray[np.float64] | Fault:
        """The column as floats: numbers, ages in days, or codes of levels; NaN for missing."""
        if self.kind == "empty":
            return np.full(len(column), np.nan)
        if self.kind == "category":
            misread = misread_levels(column, self.levels)
            if misread:
                return misread
            known = pd.Index(list(self.levels), dtype=object)
            codes = known.get_indexer(pd.Index(as_levels(column), dtype=object)).astype(np.float64)
            codes[codes < 0] = np.nan
            return codes
        values = _ages(column, as_of, reference) if self.dated else as_numbers(column)
        if self.fill is not None and not isinstance(values, Fault):
            values = np.where(np.isnan(values), self.fill, values)
        return values

    def aged(self, column: pd.Series, as_of: Instants | None, reference: str) -> Column:
        """The same with the median age to fill in, for a column of dates."""
        if not self.dated:
            return self
        return replace(self, fill=_fill(days_before(instants(column), as_of, reference)))

    def as_dict(self) -> dict[str, Any]:
        """The column as plain data."""
        return asdict(self) | {"levels": list(self.levels)}

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Column:
        """The column from what ``as_dict`` gave."""
        fill = None if data["fill"] is None else float(data["fill"])
        levels = tuple(map(str, data["levels"]))
        return cls(str(data["name"]), data["kind"], levels, fill, bool(data.get("dated", False)))


def learn_column(column: pd.Series, owner: NDArray[np.intp] | None, min_count: int) -> Column | Fault:
    """How a column of training rows is to be read; of dates the median age is still to come."""
    kind = kind_of(column)
    name = str(column.name)
    if isinstance(kind, Fault):
        return kind
    if kind == "category":
        return Column(name, kind, _levels(as_levels(column), owner, min_count))
    if kind == "empty":
        return Column(name, kind)
    if kind == "date":
        return Column(name, dated=True)
    values = as_numbers(column)
    return values if isinstance(values, Fault) else Column(name, kind, fill=_fill(values))


def _fill(values: NDArray[np.float64]) -> float | None:
    return None if np.isnan(values).any() else float(np.median(values))


def _ages(column: pd.Series, as_of: Instants | None, reference: str) -> NDArray[np.float64] | Fault:
    """Days before the as-of date; texts are read where they are dates."""
    moments = instants(column)
    odd = np.isnat(moments) & column.notna().to_numpy()
    if odd.any():
        return _not_a_date(column[odd])
    return days_before(moments, as_of, reference)


def _levels(values: NDArray[np.object_], owner: NDArray[np.intp] | None, min_count: int) -> tuple[str, ...]:
    codes, levels = pd.factorize(values)
    if owner is None:
        counts = np.bincount(codes[codes >= 0], minlength=len(levels))
    else:
        width = int(owner.max(initial=0)) + 1
        pairs = np.unique(codes[codes >= 0].astype(np.int64) * width + owner[codes >= 0])
        counts = np.bincount(pairs // width, minlength=len(levels))
    return tuple(sorted(str(levels[place]) for place in np.flatnonzero(counts >= min_count)))


def _not_a_date(column: pd.Series) -> Fault:
    examples = tuple(str(value) for value in column.head(5))
    return Fault(
        code="other-kind",
        found=f"Column {column.name} was a date in training and now holds {examples[0]!r}",
        allowed="Dates, texts such as 2026-01-31, or nothing where the value is missing",
        do="Pass the column as it was in training",
        column=str(column.name),
        count=len(column),
        examples=examples,
    )
