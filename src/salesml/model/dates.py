"""Dates as ages: how many days before the as-of date each lies."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from salesml.errors import Fault
from salesml.model.faults import InputError

Instants = NDArray[np.datetime64]

UNIT = "datetime64[us]"
ISO = re.compile(
    r"\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}(?::\d{2}(?:[.,]\d{1,9})?)?\s?(?:Z|[+-]\d{2}(?::?\d{2})?)?)?"
)
"""A date, or a date with a time and perhaps a zone, in the form of ISO 8601."""

DATES = (dt.date, np.datetime64, pd.Period)


def holds_dates(column: pd.Series) -> bool:
    """Whether a column's values are dates; texts are not, whatever they say."""
    dtype = column.dtype
    if isinstance(dtype, pd.CategoricalDtype):
        return holds_dates(pd.Series(dtype.categories))
    if pd.api.types.is_datetime64_any_dtype(dtype) or isinstance(dtype, pd.PeriodDtype):
        return True
    if isinstance(dtype, pd.ArrowDtype):
        return dtype.kind == "M"
    if not pd.api.types.is_object_dtype(dtype):
        return False
    known = column.dropna()
    return len(known) > 0 and all(isinstance(value, DATES) for value in known)


def is_iso(texts: pd.Series) -> bool:
    """Whether every text that is not missing is a date in the form of ISO 8601."""
    known = texts.dropna()
    if not len(known) or not all(ISO.fullmatch(str(text)) for text in known.head(50)):
        return False
    return all(ISO.fullmatch(str(text)) for text in known) and not np.isnat(instants(known)).any()


def instants(column: pd.Series) -> Instants:
    """Moments in UTC; those without a time zone are taken as they stand, what is no date as missing."""
    if isinstance(column.dtype, pd.PeriodDtype):
        column = column.dt.to_timestamp()
    if isinstance(column.dtype, pd.CategoricalDtype | pd.ArrowDtype):
        column = column.astype(object)
    if not pd.api.types.is_datetime64_any_dtype(column.dtype):
        plain = [_plain(value) for value in column]
        column = pd.Series(pd.to_datetime(plain, utc=True, errors="coerce", format="ISO8601"))
    if getattr(column.dtype, "tz", None) is not None:
        column = column.dt.tz_convert("UTC").dt.tz_localize(None)
    return column.to_numpy().astype(UNIT)


def _plain(value: Any) -> Any:
    """A value that pandas reads beside others: periods by their first moment, what is no date as missing."""
    if isinstance(value, pd.Period):
        return value.start_time.isoformat()
    if isinstance(value, np.datetime64):
        return None if np.isnat(value) else str(value)
    if isinstance(value, dt.date) and value is not pd.NaT:
        return value.isoformat()
    return value if isinstance(value, str) else None


def read_as_of(as_of: Any, rows: int) -> Instants | None:
    """The as-of date of each row as a moment, missing where it is; one date may stand for all rows.

    Raises
    ------
    InputError
        ``wrong-length`` or ``bad-as-of``.
    """
    if as_of is None:
        return None
    if isinstance(as_of, str | dt.date | np.datetime64) or np.ndim(as_of) == 0:
        as_of = np.full(rows, as_of, dtype=object)
    column = pd.Series(as_of).reset_index(drop=True)
    if len(column) != rows:
        found = f"as_of has {len(column)} values for {rows} rows"
        raise InputError(Fault(code="wrong-length", found=found, allowed="One date for each row, or for all"))
    moments = instants(column)
    wrong = np.isnat(moments) & column.notna().to_numpy()
    if wrong.any():
        raise InputError(
            Fault(
                code="bad-as-of",
                found=f"as_of is not a date in {int(wrong.sum())} rows, such as {column[wrong].iloc[0]!r}",
                allowed="Columns of dates are read as days before it: dates, or texts such as 2026-01-31",
                do="Convert it, or leave out the columns of dates",
                count=int(wrong.sum()),
            )
        )
    return moments


def days_before(moments: Instants, as_of: Instants | None, reference: str) -> NDArray[np.float64]:
    """Days from each moment to its row's as-of date, or to the reference where it has none; below zero
    for what lies ahead, NaN for what is missing."""
    until = np.full(len(moments), np.datetime64(reference, "us"), dtype=UNIT)
    if as_of is not None:
        until = np.where(np.isnat(as_of), until, as_of)
    apart = until - moments
    days = apart / np.timedelta64(1, "D")
    return np.where(np.isnat(apart), np.nan, days).astype(np.float64)


def latest(moments: list[Instants]) -> str:
    """The last of all moments, to the day, as ISO text; empty when there is none."""
    known = [moment[~np.isnat(moment)] for moment in moments]
    last = [moment.max() for moment in known if len(moment)]
    return str(np.datetime64(max(last), "D")) if last else ""
