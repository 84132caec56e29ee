"""Rows to be scored, brought into the one form that every way of scoring shares.

Whatever the caller's types are, integers or floats, categories, Arrow strings or Python objects,
the model sees float64 and text. A row that cannot be scored keeps its place and gets a problem in
words; the other rows are not touched by it.
"""

from __future__ import annotations

import datetime as dt
import decimal
import difflib
import math
import numbers
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray

from salesml.errors import DataError, Fault, UsageError
from salesml.model.coding import Coding
from salesml.model.column import Column
from salesml.model.columns import TOO_LARGE, as_levels
from salesml.model.dates import days_before, instants

KEYS = ("entity_id", "as_of", "rep_id", "value")

REPEATED = "the same entity_id and as_of stand in a row before"
"""Columns beside the features; each may be left out."""

_MANY = (list, dict, tuple, set, np.ndarray)


@dataclass(frozen=True)
class Rows:
    """Rows in the form that scoring needs.

    ``features`` has exactly the model's columns; ``problem`` is empty for a row that can be scored.
    """

    features: pd.DataFrame
    entity_id: list[str | None]
    as_of: list[dt.date | None]
    rep_id: list[str | None]
    value: NDArray[np.float64]
    problem: NDArray[np.object_]

    def __len__(self) -> int:
        return len(self.entity_id)


def check_columns(found: Sequence[Any], wanted: Sequence[str]) -> None:
    """That every wanted column is there, once.

    Raises
    ------
    DataError
        ``missing-column`` and ``duplicate-columns``, one fault for each column, with the nearest
        name among those that are not used.
    """
    spare = [str(name) for name in found if name not in set(wanted)]
    faults = [_missing(name, spare) for name in wanted if name not in set(found)]
    faults += [
        Fault(
            code="duplicate-columns",
            found=f"The column {name} stands {list(found).count(name)} times in the table",
            allowed="The model reads it once",
            do="Leave one of them",
            column=name,
        )
        for name in [*wanted, *KEYS]
        if list(found).count(name) > 1
    ]
    if faults:
        raise DataError(faults)


def names_of(table: Any) -> list[Any]:
    """The names of the columns of a pandas or Arrow table.

    Raises
    ------
    UsageError
        ``array-for-frame`` for anything without named columns.
    """
    if isinstance(table, pd.DataFrame):
        return list(table.columns)
    if isinstance(table, pa.Table | pa.RecordBatch):
        return list(table.schema.names)
    raise UsageError(
        Fault(
            code="array-for-frame",
            found=f"Rows to score came as {type(table).__name__}",
            allowed="They must be a pandas DataFrame or an Arrow table, whose columns have names",
            do="Name the columns; their order does not matter",
        )
    )


def as_frame(table: pd.DataFrame | pa.Table) -> pd.DataFrame:
    """A block of a pandas or Arrow table as a frame with rows numbered from 0."""
    frame: pd.DataFrame = table if isinstance(table, pd.DataFrame) else table.to_pandas()
    return frame.reset_index(drop=True)


def prepare(frame: pd.DataFrame, coding: Coding, first_row: int = 0) -> Rows:
    """One block of rows in the form that scoring needs.

    Parameters
    ----------
    frame : DataFrame
        With all columns of the coding, in any order, and any others, which are ignored. Dates become
        days before the row's ``as_of``, or before the coding's reference where that is missing.
    first_row : int
        Number of its first row in the whole table: the id of rows that have none.
    """
    size = len(frame)
    problem = np.full(size, "", dtype=object)
    nothing: list[Any] = [None] * size
    as_of: list[dt.date | None] = _dates(frame["as_of"], problem) if "as_of" in frame else nothing

    def read(column: Column) -> NDArray[Any]:
        if column.dated:
            return _ages(frame[column.name], as_of, coding.reference, problem)
        return (_levels if column.kind == "category" else _numbers)(frame[column.name], problem)

    features = pd.DataFrame(
        {column.name: read(column) for column in coding.columns}, index=pd.RangeIndex(size)
    )
    entity = _entities(frame, problem, first_row)
    return Rows(
        features=features,
        entity_id=[*entity],
        as_of=[*as_of],
        rep_id=[*(_keys(frame["rep_id"]) if "rep_id" in frame else nothing)],
        value=_numbers(frame["value"], problem) if "value" in frame else np.full(size, np.nan),
        problem=problem,
    )


def note_repeated(rows: Rows, seen: set[tuple[str | None, dt.date | None]], *, last: bool = False) -> None:
    """Mark the rows whose entity and date stood in the table before; ``seen`` carries them on.

    After the ``last`` block it need not.
    """
    if not seen and len(set(rows.entity_id)) == len(rows):
        if not last:
            seen.update(zip(rows.entity_id, rows.as_of, strict=True))
        return
    for row, key in enumerate(zip(rows.entity_id, rows.as_of, strict=True)):
        if key in seen and not rows.problem[row]:
            rows.problem[row] = REPEATED
        seen.add(key)


def _entities(frame: pd.DataFrame, problem: NDArray[np.object_], first_row: int) -> list[str | None]:
    if "entity_id" not in frame:
        return [str(first_row + row) for row in range(len(frame))]
    keys = _keys(frame["entity_id"])
    _note(problem, np.array([key is None for key in keys], dtype=bool), "it has no entity_id")
    return keys


def _missing(name: str, spare: Sequence[str]) -> Fault:
    close = difflib.get_close_matches(name, spare, n=1)
    return Fault(
        code="missing-column",
        found=f"The table lacks the column {name}",
        do=f"Did you mean {close[0]!r}?" if close else "Take the table from the same source as in training",
        column=name,
    )


def _numbers(column: pd.Series[Any], problem: NDArray[np.object_]) -> NDArray[np.float64]:
    """The column as floats, NaN where it is missing or not a number."""
    if isinstance(column.dtype, pd.CategoricalDtype):
        column = column.astype(object)
    if pd.api.types.is_numeric_dtype(column.dtype) and not pd.api.types.is_complex_dtype(column.dtype):
        values = column.to_numpy(dtype=np.float64, na_value=np.nan)
    else:
        parsed = [_number(value) for value in column.astype(object)]
        wrong = np.array([value is None for value in parsed], dtype=bool)
        _note(problem, wrong, f"{column.name} is not a number")
        values = np.array([math.nan if value is None else value for value in parsed], dtype=np.float64)
    infinite = np.isinf(values)
    _note(problem, infinite, f"{column.name} is infinite")
    large = np.abs(values) >= TOO_LARGE
    _note(problem, large & ~infinite, f"{column.name} is too large")
    return np.where(large, np.nan, values)


def _ages(
    column: pd.Series[Any], as_of: list[dt.date | None], reference: str, problem: NDArray[np.object_]
) -> NDArray[np.float64]:
    """Days before the as-of date, NaN where the column is missing or no date."""
    moments = instants(column)
    wrong = np.isnat(moments) & column.notna().to_numpy()
    _note(problem, wrong, f"{column.name} is not a date such as 2026-01-31")
    return days_before(moments, np.array(as_of, dtype=moments.dtype), reference)


def _number(value: object) -> float | None:
    """A float, NaN for what is missing, None for what is not a number."""
    if value is None or value is pd.NA or value is pd.NaT:
        return math.nan
    if isinstance(value, numbers.Real | decimal.Decimal | np.bool_):
        try:
            return float(value)
        except OverflowError:
            return math.inf
    return None


def _levels(column: pd.Series[Any], problem: NDArray[np.object_]) -> NDArray[np.object_]:
    """The column as text with None for missing."""
    if column.dtype != object:
        return as_levels(column)
    odd = np.array([isinstance(value, _MANY) for value in column], dtype=bool)
    _note(problem, odd, f"{column.name} is a list, not one value")
    levels = np.full(len(column), None, dtype=object)
    # By type, since in a mixed column True and 1 count as the same value.
    kinds = np.array([value.__class__.__name__ for value in column], dtype=object)
    for kind in set(kinds[~odd]):
        here = ~odd & (kinds == kind)
        part = column[here]
        levels[here] = as_levels(part.map(_encodable) if kind == "str" else part)
    return levels


def _keys(column: pd.Series[Any]) -> list[str | None]:
    """Ids as text, None where there is none; in one go where all are text."""
    if isinstance(column.dtype, pd.StringDtype):  # holds no half characters
        return [text or None for text in column.astype(object).where(column.notna(), None)]
    if all(value.__class__ is str for value in column.array):
        texts = column.array.tolist()
        if "".join(texts).isascii():
            return [text or None for text in texts]
    return [_key(value) or None for value in column]


def _key(value: object) -> str:
    """An id as text: ``17.0`` is ``17``, missing is empty."""
    if value is None or value is pd.NA or value is pd.NaT:
        return ""
    if isinstance(value, float | np.floating):
        if not math.isfinite(value):
            return ""
        return str(int(value)) if float(value).is_integer() else str(value)
    if isinstance(value, bytes):
        return value.decode(errors="backslashreplace")
    return _encodable(str(value))


def _encodable(text: str) -> str:
    """The text, with half characters, which no file can hold, spelled out."""
    return text.encode(errors="backslashreplace").decode()


def _dates(column: pd.Series[Any], problem: NDArray[np.object_]) -> list[dt.date | None]:
    values = column.astype(object).tolist()
    if len(set(map(id, values))) == 1:  # the usual case: one date for all
        values = values[:1]
    days = [_date(value) for value in values]
    wrong = np.array([day is None and not pd.isna(value) for day, value in zip(days, values, strict=True)])
    _note(problem, np.broadcast_to(wrong.astype(bool), len(column)), "as_of is not a date such as 2026-01-31")
    return days * (len(column) // max(1, len(days)))


def _date(value: Any) -> dt.date | None:
    if value is None or value is pd.NaT:
        return None
    if isinstance(value, dt.datetime):
        return value.date()
    if isinstance(value, dt.date):
        return value
    try:
        return dt.datetime.fromisoformat(value).date() if isinstance(value, str) else None
    except ValueError:
        return None


def _note(problem: NDArray[np.object_], where: NDArray[np.bool_], words: str) -> None:
    """Add what is wrong to the rows concerned."""
    for row in np.flatnonzero(where):
        problem[row] = f"{problem[row]}; {words}" if problem[row] else words
