"""A snapshot's rows in the form that an estimator takes."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from salesml.model.survival.times import Times
from salesml.snapshots import Snapshot
from salesml.snapshots.cohort import LEFT_DAY


@dataclass(frozen=True)
class Rows:
    """Rows of one part of the split.

    Parameters
    ----------
    X : DataFrame of shape (rows, features)
    y : ndarray of shape (rows,)
        1 where the outcome came about.
    entity : ndarray of shape (rows,)
        The account of each row: folds and bootstrap go by it.
    as_of : ndarray of shape (rows,)
        Not a time where the rows have no date.
    value : ndarray of shape (rows,)
        Money expected over the horizon.
    weight : ndarray of shape (rows,) or None
        How much each row counts; all alike when None.
    times : Times or None
        When each row left, where it was asked for.
    """

    X: pd.DataFrame
    y: NDArray[np.int8]
    entity: NDArray[np.object_]
    as_of: NDArray[np.datetime64]
    value: NDArray[np.float64]
    weight: NDArray[np.float64] | None = None
    times: Times | None = None

    def __len__(self) -> int:
        return len(self.y)

    def where(self, mask: NDArray[np.bool_]) -> Rows:
        """The rows where a mask is true."""
        weight = None if self.weight is None else self.weight[mask]
        times = None if self.times is None else self.times.where(mask)
        X = self.X[mask].reset_index(drop=True)
        return Rows(X, self.y[mask], self.entity[mask], self.as_of[mask], self.value[mask], weight, times)

    @property
    def weights(self) -> NDArray[np.float64]:
        """How much each row counts."""
        return np.ones(len(self)) if self.weight is None else self.weight

    @property
    def dates(self) -> NDArray[np.datetime64] | None:
        """The as-of dates, None where the rows have none."""
        return None if np.isnat(self.as_of).all() else self.as_of

    def uninformative(self) -> tuple[str, ...]:
        """Features with one value, or none, in all rows: nothing can be learned from them."""
        return tuple(str(name) for name in self.X if self.X[name].nunique(dropna=False) <= 1)

    @property
    def positives(self) -> int:
        return int(self.y.sum())


def rows_of(snapshot: Snapshot, dates: Sequence[dt.date], gap_days: int = 0) -> Rows:
    """The rows of some as-of dates of a labelled snapshot."""
    table: pa.Table = snapshot.table
    chosen = table.filter(pc.is_in(table["as_of"], value_set=pa.array(list(dates), pa.date32())))
    names = [feature.name for feature in snapshot.features]
    return Rows(
        X=chosen.select(names).to_pandas(),
        y=chosen["label"].to_numpy().astype(np.int8),
        entity=chosen["entity_id"].to_numpy(zero_copy_only=False),
        as_of=chosen["as_of"].to_numpy().astype("datetime64[D]"),
        value=chosen["value"].to_numpy().astype(np.float64),
        times=_times(chosen, snapshot.observed_until, gap_days),
    )


def _times(chosen: pa.Table, until: dt.date | None, gap_days: int) -> Times | None:
    """When rows left, counted from the start of their horizons; None where nobody asked."""
    if LEFT_DAY not in chosen.column_names or until is None:
        return None
    left = chosen[LEFT_DAY].to_numpy(zero_copy_only=False).astype(np.float64)
    as_of = chosen["as_of"].to_numpy().astype("datetime64[D]")
    return Times(left, (np.datetime64(until) - as_of).astype(np.float64) - gap_days)
