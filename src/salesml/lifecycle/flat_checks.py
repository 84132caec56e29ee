"""What a flat table must be before it is read: columns that are one thing each, ids, weights."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from salesml.errors import DataError, Fault, UsageError
from salesml.scoring.frame import KEYS

MISSING = ("", "NA", "N/A", "n/a", "#N/A", "<NA>", "NaN", "nan", "NULL", "null", "None")
"""Texts that mean "missing" in every column but the id: somebody may be called NA."""


def refuse_two_parts(parts: Mapping[str, Collection[str]]) -> None:
    """That the target is nothing else besides, and the id no weight; either of these may be left out of
    the features by name as well."""
    named: dict[str, list[str]] = {}
    for part, names in parts.items():
        for name in dict.fromkeys(names):
            named.setdefault(name, []).append(part)
    faults = [
        Fault(
            code="two-parts",
            found=f"{name!r} is to be {' and '.join(found)}",
            allowed="Id, target and weight are three columns, and the target cannot be left out",
            do="Name another column, or take this one from exclude and protected",
            column=name,
        )
        for name, found in named.items()
        if len(found) > 1 and ("the target" in found or "the weight" in found[1:])
    ]
    if faults:
        raise UsageError(faults)


def refuse_nothing_left(X: pd.DataFrame) -> None:
    if X.shape[1] == 0:
        raise DataError(
            Fault(
                code="no-columns",
                found="The table has no column to learn from",
                allowed="At least one beside the id, the target, the weight and what is left out",
                do="Bring columns that were known before the outcome, or leave fewer out",
            )
        )


def weights(column: pd.Series[Any]) -> NDArray[np.float64]:
    """How much each row counts: a number of 0 or more, above it somewhere."""
    values = pd.to_numeric(without_missing(column), errors="coerce").astype("float64").to_numpy(np.float64)
    wrong = ~np.isfinite(values) | (values < 0)
    if wrong.any():
        rows = "1 row has" if wrong.sum() == 1 else f"{int(wrong.sum()):,} rows have"
        raise DataError(
            Fault(
                code="bad-weight",
                found=f"{rows} no number of 0 or more in {column.name}, the column of weights",
                allowed="Every row has a weight of 0 or more; 0 leaves it out",
                do="Fill it in",
                column=str(column.name),
                count=int(wrong.sum()),
                examples=tuple(str(value) for value in column[wrong].head(5)),
            )
        )
    if len(values) and not values.any():
        raise DataError(
            Fault(
                code="bad-weight",
                found=f"{column.name}, the column of weights, is 0 in every row",
                allowed="A row of weight 0 is not there: some must be above 0",
                do="Check how it was made, or train without --weight",
                column=str(column.name),
                count=len(values),
            )
        )
    return np.asarray(values)


def refuse_nameless(entity: NDArray[np.object_], id_column: str) -> None:
    nameless = int((entity == "").sum())
    if nameless:
        raise DataError(
            Fault(
                code="no-id",
                found=f"{nameless:,} rows have no {id_column}",
                allowed="Every row belongs to somebody: rows of one account are tested together",
                do="Leave those rows out, or name another column",
                column=id_column,
                count=nameless,
            )
        )


def refuse_reserved(columns: pd.DataFrame) -> None:
    """Columns called like those that scoring reads beside the features."""
    faults = [
        Fault(
            code="reserved-column",
            found=f"The table has a column {name!r}",
            allowed=f"{', '.join(KEYS)} mean something else in scoring: whom, when, whose, and money",
            do="Rename it, or list it under protected in the spec, which keeps it out of the model",
            column=name,
        )
        for name in KEYS
        if name in columns
    ]
    if faults:
        raise UsageError(faults)


def without_missing(column: pd.Series[Any]) -> pd.Series[Any]:
    """Texts stripped, and missing where they say so; other columns as they are."""
    if pd.api.types.is_bool_dtype(column) or pd.api.types.is_numeric_dtype(column):
        return column
    text = column.astype("string").str.strip()
    return text.mask(text.isin(MISSING))
