"""What one column holds: numbers, dates, or levels of a category as text."""

from __future__ import annotations

import decimal
import numbers
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from salesml.errors import Fault
from salesml.model.dates import DATES, holds_dates

Kind = Literal["number", "category", "empty"]
"""How the booster reads a column."""

TOO_LARGE = 1e150
"""Numbers this large are refused: their squares are no floats."""
ZERO = 1e-35
"""Numbers no farther from zero than this are zero, as LightGBM reads them when it scores."""


def kind_of(column: pd.Series) -> Kind | Literal["date"] | Fault:
    """Whether a column is a number, a date, a category, or holds nothing at all."""
    if column.isna().all():
        return "empty"
    if holds_dates(column):
        return "date"
    dtype = column.dtype
    if isinstance(dtype, pd.CategoricalDtype):
        kind = kind_of(pd.Series(dtype.categories, name=column.name))
        return kind if isinstance(kind, Fault) else "category"
    if pd.api.types.is_bool_dtype(dtype) or isinstance(dtype, pd.IntervalDtype):
        return "category"
    if pd.api.types.is_complex_dtype(dtype):
        return _refused(column, "complex numbers", "numbers")
    if pd.api.types.is_numeric_dtype(dtype) or _durations(column):
        return "number"
    return _kind_of_values(column)


def _kind_of_values(column: pd.Series) -> Kind | Fault:
    if pd.api.types.infer_dtype(column, skipna=True) == "string":
        return "category"
    kinds = {type(value) for value in column.dropna()}
    if all(issubclass(kind, bool | np.bool_) for kind in kinds):
        return "category"
    if all(issubclass(kind, numbers.Real | decimal.Decimal) for kind in kinds):
        return "number"
    if all(issubclass(kind, str | numbers.Real | decimal.Decimal | np.bool_) for kind in kinds):
        return "category"
    odd = sorted(
        kind.__name__ for kind in kinds if not issubclass(kind, str | numbers.Real | decimal.Decimal)
    )
    return _refused(column, f"values of type {', '.join(odd)}", "numbers, dates, text, true or false")


def _refused(column: pd.Series, what: str, allowed: str) -> Fault:
    return Fault(
        code="wrong-type",
        found=f"Column {column.name} holds {what}",
        allowed=f"Allowed are {allowed}",
        do="Convert the column or leave it out",
        column=str(column.name),
        examples=_examples(column),
    )


def as_numbers(column: pd.Series) -> NDArray[np.float64] | Fault:
    """The column as floats, missing as NaN, durations in days; what is no finite number is refused."""
    if isinstance(column.dtype, pd.CategoricalDtype):
        column = column.astype("object")
    if column.dtype == np.float64:
        return _finite(column, column.to_numpy())
    if isinstance(kind := kind_of(column), Fault):
        return kind
    if kind == "empty":
        return np.full(len(column), np.nan)
    if kind == "date":
        return _other(column, "a number", "dates")
    if _durations(column):
        return np.asarray(column.dt.total_seconds() / 86_400, dtype=np.float64)
    text = column[[isinstance(value, str) for value in column]] if kind == "category" else column.head(0)
    if len(text):
        return _other(text, "a number", "text")
    if column.dtype == object:
        column = column.where(column.notna(), None)
    try:
        values = column.astype("float64").to_numpy(dtype=np.float64, na_value=np.nan)
    except OverflowError:
        return _infinite(column, 0)
    return _finite(column, np.asarray(values, dtype=np.float64))


def _finite(column: pd.Series, values: NDArray[np.float64]) -> NDArray[np.float64] | Fault:
    size = np.abs(values)
    large = int((size >= TOO_LARGE).sum())
    return _infinite(column, large) if large else np.where(size <= ZERO, 0.0, values)


def _durations(column: pd.Series) -> bool:
    """Whether the column holds spans of time, of pandas or of Arrow."""
    return bool(pd.api.types.is_timedelta64_dtype(column.dtype)) or (
        isinstance(column.dtype, pd.ArrowDtype) and column.dtype.kind == "m"
    )


def _other(column: pd.Series, was: str, now: str) -> Fault:
    """A column that held something else in training."""
    examples = _examples(column)
    return Fault(
        code="text-in-number" if now == "text" and was == "a number" else "other-kind",
        found=f"Column {column.name} was {was} in training and now holds {now}, such as {examples[0]!r}",
        allowed="What it held in training, or nothing where the value is missing",
        do="Pass the column as it was in training",
        column=str(column.name),
        count=int(column.notna().sum()),
        examples=examples,
    )


def _infinite(column: pd.Series, count: int) -> Fault:
    return Fault(
        code="infinite-value",
        found=f"Column {column.name} contains infinity or a number too large",
        allowed="Finite numbers below 1e150, or nothing where the value is missing",
        do="Find where it was divided by zero, or a mark for missing stands; leave the value out there",
        column=str(column.name),
        count=count,
    )


def as_levels(column: pd.Series) -> NDArray[np.object_]:
    """The column as text, missing as None: true and false in lower case, 3.0 as 3."""
    if column.dtype == object and pd.api.types.infer_dtype(column, skipna=True).startswith("mixed"):
        return _mixed_levels(column)
    codes, values = pd.factorize(column)
    texts = np.array([*(_text(value) for value in values), None], dtype=object)
    return np.asarray(texts[codes])


def _mixed_levels(column: pd.Series) -> NDArray[np.object_]:
    """True and 1 count as the same value to Python, but are not the same level."""
    missing = column.isna().to_numpy()
    levels = [None if gone else _text(value) for value, gone in zip(column, missing, strict=True)]
    return np.array(levels, dtype=object)


def misread_levels(column: pd.Series, levels: tuple[str, ...]) -> Fault | None:
    """What is wrong with numbers or dates in a category whose levels in training were other texts."""
    wrong = misread(column, levels)
    if not wrong.any():
        return None
    dates = holds_dates(column[wrong])
    return _other(column[wrong], f"a category, such as {levels[0]!r},", "dates" if dates else "numbers")


def misread(column: pd.Series, levels: tuple[str, ...]) -> NDArray[np.bool_]:
    """Where a category holds a number or a date, and none of its levels in training looked like one."""
    nothing = np.zeros(len(column), dtype=bool)
    if not levels or any(map(_is_number, levels)):
        return nothing
    if pd.api.types.infer_dtype(column, skipna=True) in ("string", "boolean", "categorical", "empty"):
        return nothing
    known = column.notna().to_numpy()
    if pd.api.types.is_numeric_dtype(column.dtype) or pd.api.types.is_datetime64_any_dtype(column.dtype):
        return np.asarray(known)
    odd = (numbers.Real, decimal.Decimal, *DATES)
    wrong = [isinstance(value, odd) and not isinstance(value, bool | np.bool_) for value in column]
    return np.asarray(known & np.array(wrong, dtype=bool))


def _is_number(level: str) -> bool:
    try:
        float(level)
    except ValueError:
        return False
    return True


def _text(value: object) -> str:
    if isinstance(value, bool | np.bool_):
        return "true" if value else "false"
    if isinstance(value, numbers.Integral):
        return str(int(value))
    if isinstance(value, numbers.Real | decimal.Decimal) and float(value).is_integer():
        return str(int(float(value)))
    return str(value)


def _examples(column: pd.Series) -> tuple[str, ...]:
    return tuple(str(value) for value in column.dropna().head(5))
