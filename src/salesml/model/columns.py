"""What one column holds: numbers, or levels of a category as text."""

from __future__ import annotations

import datetime as dt
import decimal
import numbers
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from salesml.errors import Fault

Kind = Literal["number", "category", "empty"]


def kind_of(column: pd.Series) -> Kind | Fault:
    """Whether a column is a number, a category, or holds nothing at all; dates are refused."""
    if column.isna().all():
        return "empty"
    dtype = column.dtype
    if isinstance(dtype, pd.CategoricalDtype):
        kind = kind_of(pd.Series(dtype.categories, name=column.name))
        return kind if isinstance(kind, Fault) else "category"
    if pd.api.types.is_bool_dtype(dtype) or isinstance(dtype, pd.IntervalDtype):
        return "category"
    if pd.api.types.is_complex_dtype(dtype):
        return _refused(column, "complex numbers", "numbers")
    if pd.api.types.is_numeric_dtype(dtype):
        return "number"
    if pd.api.types.is_datetime64_any_dtype(dtype) or pd.api.types.is_timedelta64_dtype(dtype):
        return _dates(column)
    return _kind_of_values(column)


def _kind_of_values(column: pd.Series) -> Kind | Fault:
    kinds = {type(value) for value in column.dropna()}
    if any(issubclass(kind, dt.date | dt.timedelta | np.datetime64 | pd.Period) for kind in kinds):
        return _dates(column)
    if all(issubclass(kind, bool | np.bool_) for kind in kinds):
        return "category"
    if all(issubclass(kind, numbers.Real | decimal.Decimal) for kind in kinds):
        return "number"
    if all(issubclass(kind, str | numbers.Real | np.bool_) for kind in kinds):
        return "category"
    odd = sorted(kind.__name__ for kind in kinds if not issubclass(kind, str | numbers.Real))
    return _refused(column, f"values of type {', '.join(odd)}", "numbers, text, true or false")


def _dates(column: pd.Series) -> Fault:
    return Fault(
        code="date-column",
        found=f"Column {column.name} holds dates",
        allowed="A feature is a number or a category",
        do="Turn it into days before the as-of date, or leave it out",
        column=str(column.name),
        examples=_examples(column),
    )


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
    """The column as floats, missing as NaN; text and infinite values are refused."""
    if isinstance(column.dtype, pd.CategoricalDtype):
        column = column.astype("object")
    if isinstance(kind := kind_of(column), Fault):
        return kind
    if kind == "empty":
        return np.full(len(column), np.nan)
    text = column[[isinstance(value, str) for value in column]] if kind == "category" else column.head(0)
    if len(text):
        return Fault(
            code="text-in-number",
            found=f"Column {column.name} was a number in training and now holds text, "
            f"such as {text.iloc[0]!r}",
            allowed="Numbers, or nothing where the value is missing",
            do="Pass the column as it was in training",
            column=str(column.name),
            count=len(text),
            examples=_examples(text),
        )
    values = column.astype("float64").to_numpy(dtype=np.float64, na_value=np.nan)
    if np.isinf(values).any():
        return Fault(
            code="infinite-value",
            found=f"Column {column.name} contains infinity or a number too large",
            allowed="Finite numbers, or nothing where the value is missing",
            do="Find where it was divided by zero, and leave the value out there",
            column=str(column.name),
            count=int(np.isinf(values).sum()),
        )
    return np.asarray(values, dtype=np.float64)


def as_levels(column: pd.Series) -> NDArray[np.object_]:
    """The column as text, missing as None: true and false in lower case, 3.0 as 3."""
    codes, values = pd.factorize(column)
    texts = np.array([*(_text(value) for value in values), None], dtype=object)
    return np.asarray(texts[codes])


def _text(value: object) -> str:
    if isinstance(value, bool | np.bool_):
        return "true" if value else "false"
    if isinstance(value, numbers.Real) and float(value).is_integer():
        return str(int(float(value)))
    return str(value)


def _examples(column: pd.Series) -> tuple[str, ...]:
    return tuple(str(value) for value in column.dropna().head(5))
