"""A flat table, one row per account with its outcome: read into rows and features."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from salesml.config.section import nearest
from salesml.errors import DataError, Fault, UsageError
from salesml.lifecycle.flat_checks import (
    refuse_nameless,
    refuse_nothing_left,
    refuse_reserved,
    refuse_two_parts,
    weights,
    without_missing,
)
from salesml.lifecycle.rows import Rows
from salesml.model.coding import Coding
from salesml.model.dates import holds_dates, instants, is_iso
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
    weight: str | None = None,
    as_of: dt.date | None = None,
) -> FlatTable:
    """Split a frame into account, outcome and features.

    Texts that are all numbers become numbers, and those that are all dates of the form 2026-01-31
    become dates; blanks and the texts of ``MISSING`` are missing. Ids stay as they stand.

    Parameters
    ----------
    positive : str, optional
        The target's value that counts as yes; needed unless the values say so themselves.
    without : tuple of str
        Columns that are never features.
    weight : str, optional
        The column of weights: how much each row counts.
    as_of : date, optional
        The day on which the table was taken, before which dates count.

    Raises
    ------
    UsageError
        ``missing-column``, ``two-parts``, ``reserved-column``, ``bad-target``.
    DataError
        ``no-outcome`` when rows have none, ``no-id`` when they have no id, ``no-columns``, ``bad-weight``.
    """
    check_columns(frame, id_column, target, *([weight] if weight else []))
    refuse_two_parts({"the id": (id_column,), "the target": (target,),
                       "the weight": (weight,) if weight else (), "left out": without})  # fmt: skip
    y = outcome(frame[target], positive)
    apart = [id_column, *([weight] if weight else []), *[name for name in without if name in frame]]
    columns = frame.drop(columns=apart)
    refuse_reserved(columns)
    X = tidy(columns.drop(columns=[target]))
    refuse_nothing_left(X)
    entity = ids(frame[id_column])
    refuse_nameless(entity, id_column)
    day = np.datetime64(as_of or "NaT", "D")
    rows = Rows(
        X=X, y=y, entity=entity, as_of=np.full(len(X), day), value=np.zeros(len(X)),
        weight=weights(frame[weight]) if weight else None,
    )  # fmt: skip
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


def ids(column: pd.Series[Any]) -> NDArray[np.object_]:
    """Ids as text as they stand, leading zeros too; whole numbers without a point, none as empty text."""
    values = column.astype(object).tolist()
    if all(value.__class__ is str for value in values):
        return np.array([value.strip() for value in values], dtype=object)
    texts = ["" if pd.isna(value) else _id(value) for value in values]
    return np.array(texts, dtype=object)


def _id(value: object) -> str:
    whole = isinstance(value, float) and value.is_integer()
    return str(int(value)) if whole else str(value).strip()  # type: ignore[call-overload]


def outcome(target: pd.Series[Any], positive: str | None) -> NDArray[np.int8]:
    """1 where the outcome came about."""
    target = without_missing(target)
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
    """Texts stripped, blanks missing, texts that are all numbers as numbers, and all ISO dates as dates."""
    return pd.DataFrame({str(name): _tidy(frame[name]) for name in frame}, index=frame.index)


def _tidy(column: pd.Series[Any]) -> pd.Series[Any]:
    if pd.api.types.is_bool_dtype(column) or pd.api.types.is_numeric_dtype(column) or holds_dates(column):
        return column
    text = without_missing(column)
    numbers = pd.to_numeric(text, errors="coerce")
    if text.notna().any() and bool((numbers.isna() == text.isna()).all()):
        return numbers.astype("float64")
    if is_iso(text):
        return pd.Series(instants(text), index=column.index, name=column.name)
    return text.astype(object).where(text.notna(), None)


def tidy_like(frame: pd.DataFrame, coding: Coding) -> pd.DataFrame:
    """The columns of a model and what scoring reads beside them, each of the kind that it has there.

    Going by the model, not by the rows, a text among numbers spoils its own row only, and a category
    of which only numbers come stays one. Columns that are missing are left to scoring to name.
    """
    kinds = {column.name: "date" if column.dated else column.kind for column in coding.columns}
    kinds |= {"value": "number", "rep_id": "category", "as_of": "category"}
    found = {name: _as_kind(frame[name], kind) for name, kind in kinds.items() if name in frame}
    return pd.DataFrame(found, index=frame.index)


def _as_kind(column: pd.Series[Any], kind: str) -> pd.Series[Any]:
    if not pd.api.types.is_string_dtype(column.dtype):
        return column
    text = without_missing(column)
    plain = text.astype(object).where(text.notna(), None)
    if kind in ("category", "date"):
        return plain
    numbers = pd.to_numeric(text, errors="coerce").astype("float64")
    wrong = numbers.isna() & text.notna()
    return numbers.astype(object).mask(wrong, plain) if wrong.any() else numbers


def flat_feature(column: pd.Series[Any]) -> Feature:
    """What is known of a column of a flat table: its kind and its name."""
    name = str(column.name)
    if holds_dates(column):
        return Feature(
            name=name, column=name, unit="days", form="days", words=f"days since {spoken(name)}", group=name,
            undated=True,
        )  # fmt: skip
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
