"""A flat table, one row per account with its outcome: read into rows and features."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from salesml.config.section import nearest
from salesml.errors import DataError, Fault, UsageError
from salesml.lifecycle.rows import Rows
from salesml.snapshots import Feature

YES = ("1", "1.0", "true", "yes", "y")
NO = ("0", "0.0", "false", "no", "n")


@dataclass(frozen=True)
class FlatTable:
    """Rows with outcomes, and what the columns are."""

    rows: Rows
    features: tuple[Feature, ...]


def read_flat(
    frame: pd.DataFrame,
    *,
    id_column: str,
    target: str,
    positive: str | None = None,
    without: tuple[str, ...] = (),
) -> FlatTable:
    """Split a frame into account, outcome and features.

    Texts that are all numbers become numbers; blanks are missing.

    Parameters
    ----------
    positive : str, optional
        The target's value that counts as yes; needed unless the values say so themselves.
    without : tuple of str
        Columns that are never features.

    Raises
    ------
    UsageError
        ``missing-column``, ``bad-target``.
    DataError
        ``no-outcome`` when rows have none.
    """
    check_columns(frame, id_column, target)
    y = outcome(frame[target], positive)
    X = tidy(frame.drop(columns=[id_column, target, *[name for name in without if name in frame]]))
    entity: NDArray[np.object_] = frame[id_column].astype(str).to_numpy(dtype=object)
    rows = Rows(
        X=X, y=y, entity=entity, as_of=np.full(len(X), np.datetime64("NaT", "D")), value=np.zeros(len(X))
    )
    return FlatTable(rows, tuple(flat_feature(X[name]) for name in X))


def check_columns(frame: pd.DataFrame, *wanted: str) -> None:
    """That columns are there, with the nearest name for one that is not."""
    names = [str(name) for name in frame.columns]
    faults = [
        Fault(
            code="missing-column",
            found=f"The table has no column {name!r}",
            do=nearest(name, names),
            column=name,
        )
        for name in wanted
        if name not in names
    ]
    if faults:
        raise UsageError(faults)


def outcome(target: pd.Series[Any], positive: str | None) -> NDArray[np.int8]:
    """1 where the outcome came about."""
    if target.isna().any():
        raise DataError(
            Fault(
                code="no-outcome",
                found=f"{int(target.isna().sum()):,} rows have no {target.name}",
                allowed="Every row to learn from has an outcome",
                do="Leave those rows out",
            )
        )
    values = target.astype(str).str.strip()
    found = sorted(values.unique())
    if positive is None:
        yes = [value for value in found if value.lower() in YES]
        plain = len(found) <= 2 and all(value.lower() in YES + NO for value in found)
        if not plain or len(yes) > 1:
            raise UsageError(_bad_target(str(target.name), found, "Say which one counts: --positive VALUE"))
        positive = yes[0] if yes else "1"
    elif positive not in found:
        raise UsageError(_bad_target(str(target.name), found, f"--positive {positive} is not among them"))
    return (values == positive).to_numpy().astype(np.int8)


def _bad_target(name: str, found: list[str], do: str) -> Fault:
    shown = ", ".join(found[:5]) + (f" and {len(found) - 5:,} more" if len(found) > 5 else "")
    return Fault(
        code="bad-target",
        found=f"The target {name} has the values {shown}",
        allowed="Without --positive it must be 0 and 1, true and false, or yes and no",
        do=do,
        column=name,
    )


def tidy(frame: pd.DataFrame) -> pd.DataFrame:
    """Texts stripped, blanks missing, and texts that are all numbers as numbers."""
    return pd.DataFrame({str(name): _tidy(frame[name]) for name in frame}, index=frame.index)


def _tidy(column: pd.Series[Any]) -> pd.Series[Any]:
    if pd.api.types.is_bool_dtype(column) or pd.api.types.is_numeric_dtype(column):
        return column
    text = column.astype("string").str.strip()
    text = text.mask(text == "")
    numbers = pd.to_numeric(text, errors="coerce")
    if text.notna().any() and bool((numbers.isna() == text.isna()).all()):
        return numbers.astype("float64")
    return text.astype(object).where(text.notna(), None)


def flat_feature(column: pd.Series[Any]) -> Feature:
    """What is known of a column of a flat table: its kind and its name."""
    name = str(column.name)
    number = pd.api.types.is_numeric_dtype(column) and not pd.api.types.is_bool_dtype(column)
    return Feature(
        name=name,
        kind="number" if number else "category",
        column=name,
        form="number" if number else "category",
        words=spoken(name),
        group=name,
        undated=True,
    )


def spoken(name: str) -> str:
    """A column's name as words: ``MonthlyCharges`` → ``monthly charges``."""
    apart = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", name)
    return re.sub(r"[_\s]+", " ", apart).strip().lower() or name
