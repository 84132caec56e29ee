"""Tables of whatever kind, as frames, and their shapes."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from salesml.errors import Fault
from salesml.model.faults import raise_all
from salesml.model.names import duplicates


def check_shape(X: pd.DataFrame, y: Any) -> None:
    """Refuse a table that is empty, names a column twice, or is of another length than its target."""
    targets = np.shape(y)[0] if np.ndim(y) else 1
    twice = duplicates([str(name) for name in X.columns])
    faults = [_lengths(X.shape[0], targets)] if X.shape[0] != targets else []
    faults += [twice] if twice else []
    raise_all([*faults, *([_empty(X.shape)] if 0 in X.shape else [])])


def as_table(X: Any) -> Any:
    """A frame where the input is one, of whatever kind; anything else unchanged."""
    if hasattr(X, "to_pandas") and not isinstance(X, pd.DataFrame):
        return X.to_pandas()
    return X


def as_array(values: Any) -> Any:
    """A list as an array in which a missing value stays missing: NumPy turns it into a text beside texts,
    and numbers too. Anything else unchanged."""
    if isinstance(values, list | tuple) and not any(isinstance(value, list | tuple) for value in values[:1]):
        return pd.Series(values).to_numpy()
    return values


def take(X: Any, rows: NDArray[np.intp]) -> Any:
    """Some rows of a frame or an array."""
    return X.iloc[rows] if isinstance(X, pd.DataFrame) else X[rows]


def _lengths(rows: int, targets: int) -> Fault:
    return Fault(
        code="wrong-length",
        found=f"X has {rows} rows and y has {targets}",
        allowed="One outcome for each row",
        do="Check how they were made",
    )


def _empty(shape: tuple[int, int]) -> Fault:
    return Fault(
        code="empty-table",
        found=f"X has {shape[0]} rows and {shape[1]} columns",
        allowed="At least one of each",
        do="Check how it was made",
    )
