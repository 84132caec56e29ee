"""A table as the checks see it: every column as codes of its values, as coarse cells, and as numbers."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

Codes = NDArray[np.int64]
Floats = NDArray[np.float64]

CELLS = 32
"""Equal-mass cells into which a number with more values than this is cut."""
SPIKE = 0.01
"""A value that this share of rows hold is a cell of its own."""
LOOKED_AT = 200
"""Texts looked at to tell what a column holds."""
ISO_DATE = re.compile(r"\d{4}-\d{2}-\d{2}([T ].*)?")


@dataclass(frozen=True)
class Column:
    """One column.

    Parameters
    ----------
    name : str
    kind : {"number", "category", "date"}
        ``date``: dates, or texts that are dates; their numbers are days.
    codes : ndarray of shape (rows,)
        A code for each distinct value, from 0 in order of appearance; -1 where missing.
    distinct : int
        How many values there are.
    numbers : ndarray of shape (rows,)
        Floats, NaN where missing; empty for a category.
    levels : sequence
        The distinct values, by code.
    """

    name: str
    kind: Literal["number", "category", "date"]
    codes: Codes
    distinct: int
    numbers: Floats
    levels: Sequence[Any]

    @cached_property
    def missing(self) -> NDArray[np.bool_]:
        """Where nothing is filled in."""
        return np.asarray(self.codes < 0)

    @cached_property
    def cells(self) -> tuple[Codes, int]:
        """Coarse cells in the order of the numbers, levels of a category; and how many, the last for
        missing."""
        if self.kind == "category" or self.distinct <= CELLS:
            places = self._ranked() if self.kind != "category" else self.codes
            return np.where(self.missing, self.distinct, places), self.distinct + 1
        edges = self._edges()
        cells = np.searchsorted(edges, self.numbers, side="right")
        return np.where(self.missing, len(edges) + 1, cells).astype(np.int64), len(edges) + 2

    @cached_property
    def fine(self) -> tuple[Codes, int]:
        """Each value a cell of its own; the last for missing."""
        return np.where(self.missing, self.distinct, self.codes), self.distinct + 1

    @cached_property
    def spread(self) -> float:
        """How wide the middle half of the numbers is; 0 for a category."""
        if not self.ordered:
            return 0.0
        low, high = np.nanquantile(self.numbers, [0.25, 0.75])
        return float(high - low)

    @property
    def ordered(self) -> bool:
        """Whether neighbouring cells are neighbouring values."""
        return self.kind != "category"

    @property
    def constant(self) -> bool:
        """Whether every row holds the same, missing or not."""
        return self.distinct == 0 or (self.distinct == 1 and not self.missing.any())

    def _ranked(self) -> Codes:
        """The rank of each row's number among the distinct ones."""
        order = np.argsort(np.argsort(np.asarray(self.levels, dtype=np.float64)))
        return order[np.maximum(self.codes, 0)].astype(np.int64)

    def _edges(self) -> Floats:
        """Edges between cells: quantiles, and both sides of each value that many rows hold."""
        values = self.numbers[~self.missing]
        step = max(1, len(values) // 20_000)
        quantiles = np.quantile(values[::step], np.arange(1, CELLS) / CELLS)
        counts = np.bincount(self.codes[~self.missing], minlength=self.distinct)
        spikes = np.asarray(self.levels, dtype=np.float64)[counts >= SPIKE * len(self.codes)]
        return np.unique(np.r_[quantiles, spikes, np.nextafter(spikes, np.inf)])


@dataclass(frozen=True)
class View:
    """All columns that hold anything, and the names of those that do not."""

    rows: int
    columns: tuple[Column, ...]
    empty: tuple[str, ...]

    @classmethod
    def of(cls, frame: pd.DataFrame) -> View:
        """Read a frame; values of any kind are taken, none is refused."""
        columns, empty = [], []
        for place, name in enumerate(frame.columns):
            column = read_column(str(name), frame.iloc[:, place])
            if column.distinct:
                columns.append(column)
            else:
                empty.append(str(name))
        return cls(len(frame), tuple(columns), tuple(empty))

    @cached_property
    def varying(self) -> tuple[Column, ...]:
        """Columns that are not the same in every row."""
        return tuple(column for column in self.columns if not column.constant)


def read_column(name: str, values: pd.Series[Any]) -> Column:
    """One column; infinite numbers count as missing."""
    if pd.api.types.is_datetime64_any_dtype(values.dtype):
        return _numeric(name, _days(values), "date")
    if pd.api.types.is_numeric_dtype(values.dtype) and not pd.api.types.is_bool_dtype(values.dtype):
        numbers = values.to_numpy(dtype=np.float64, na_value=np.nan)
        return _numeric(name, np.where(np.isfinite(numbers), numbers, np.nan), "number")
    codes, levels = _factorized(values)
    if _all_dates(levels):
        days = _days(pd.to_datetime(pd.Series(levels), errors="coerce", format="ISO8601", utc=True))
        return _numeric(name, np.where(codes < 0, np.nan, days[codes]), "date")
    if len(levels) and all(_is_number(level) for level in levels[:LOOKED_AT]):
        numbers = pd.to_numeric(pd.Series(levels, dtype=object), errors="coerce").to_numpy(np.float64)
        if np.isfinite(numbers).all():
            return _numeric(name, np.where(codes < 0, np.nan, numbers[codes]), "number")
    return Column(name, "category", codes, len(levels), np.empty(0), levels)


def _numeric(name: str, numbers: Floats, kind: Literal["number", "date"]) -> Column:
    codes, levels = pd.factorize(numbers)
    return Column(name, kind, codes.astype(np.int64), len(levels), numbers, list(levels))


def _factorized(values: pd.Series[Any]) -> tuple[Codes, list[Any]]:
    try:
        codes, levels = pd.factorize(values)
    except TypeError:
        codes, levels = pd.factorize(values.where(values.isna(), values.astype(str)))
    return np.asarray(codes, dtype=np.int64), list(levels)


def _days(values: pd.Series[Any]) -> Floats:
    stamps = pd.to_datetime(values, utc=True)
    since = stamps - pd.Timestamp("1970-01-01", tz="UTC")
    return np.asarray(since.dt.total_seconds(), dtype=np.float64) / 86_400


def _all_dates(levels: Sequence[Any]) -> bool:
    """Whether levels are dates, or texts such as 2026-01-31."""
    looked = list(levels[:LOOKED_AT])
    if not looked or not all(isinstance(level, str) and ISO_DATE.fullmatch(level) for level in looked):
        return bool(looked) and all(hasattr(level, "year") and hasattr(level, "month") for level in looked)
    return True


def _is_number(level: object) -> bool:
    return not isinstance(level, (str, bytes, bool, np.bool_)) and hasattr(level, "__float__")
