"""Testing a flat table on its last rows, by a column that says in which order they came about."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from salesml.errors import DataError, Fault, UsageError
from salesml.lifecycle.flat import tidy
from salesml.lifecycle.rows import Rows
from salesml.model.dates import holds_dates, instants

SHARE = 0.3
"""Of the rows, the last in order: what is tested on unless somebody says more."""


@dataclass(frozen=True)
class Order:
    """How a flat table is parted: by which column, and from which value on its rows are tested.

    Without ``start`` the last ``share`` of the rows are tested.
    """

    column: str
    share: float = SHARE
    start: str | None = None

    def check(self) -> None:
        """Refuse a share that leaves nothing on one side.

        Raises
        ------
        UsageError
            ``bad-value``.
        """
        if not 0 < self.share < 1:
            raise UsageError(
                Fault(code="bad-value", found=f"--test-last is {self.share:g}", allowed="Between 0 and 1")
            )


@dataclass(frozen=True)
class Parts:
    """Rows to learn from and later ones to test on; ``summary`` says where one ends and how many fell out.

    ``train`` and ``test`` are masks over the rows of the table.
    """

    train: NDArray[np.bool_]
    test: NDArray[np.bool_]
    summary: str


def part(frame: pd.DataFrame, rows: Rows, order: Order) -> Parts:
    """Part rows by an order; equal values, and rows of one account, never stand on both sides.

    Accounts that have rows among the last are left out of those to learn from.

    Raises
    ------
    DataError
        ``bad-order`` when the column has gaps or cannot be put in order, ``too-few`` when a part lacks
        one of the outcomes.
    """
    values, shown = _values(frame[order.column], order)
    start = _start(values, order)
    test = values >= start
    train = ~test & ~np.isin(rows.entity, np.unique(rows.entity[test]))
    _refuse_one_sided(rows, {"to learn from": train, "to test on": test})
    out = int((~test & ~train).sum())
    told = shown(start)
    summary = (
        f"learned from {int(train.sum()):,} rows with {order.column} before {told}, "
        f"tested on {int(test.sum()):,} from {told} on"
    )
    if out:
        summary += f"; {out:,} earlier rows of accounts that are tested are left out"
    return Parts(train, test, summary)


def _values(column: pd.Series[Any], order: Order) -> tuple[NDArray[np.float64], Any]:
    """Numbers in the column's order, and how one of them is shown."""
    tidied = tidy(column.to_frame())[str(column.name)]
    if holds_dates(tidied):
        moments = instants(tidied)
        values = np.where(np.isnat(moments), np.nan, moments.astype("datetime64[us]").astype(np.float64))
        return _whole(values, order), lambda value: str(np.datetime64(int(value), "us"))[:10]
    if pd.api.types.is_numeric_dtype(tidied) and not pd.api.types.is_bool_dtype(tidied):
        return _whole(tidied.to_numpy(dtype=np.float64, na_value=np.nan), order), "{:g}".format
    raise DataError(
        Fault(
            code="bad-order",
            found=f"{order.column} holds texts, which do not say what came first",
            allowed="Numbers, or dates such as 2026-01-31",
            do="Take another column for --order-by",
            column=order.column,
        )
    )


def _whole(values: NDArray[np.float64], order: Order) -> NDArray[np.float64]:
    gaps = int((~np.isfinite(values)).sum())
    if gaps:
        raise DataError(
            Fault(
                code="bad-order",
                found=f"{gaps:,} rows have no {order.column}",
                allowed="Every row needs its place in the order",
                do="Fill it in, leave those rows out, or take another column for --order-by",
                column=order.column,
                count=gaps,
            )
        )
    return values


def _start(values: NDArray[np.float64], order: Order) -> float:
    if order.start is None:
        return float(np.sort(values)[-max(1, round(order.share * len(values)))])
    text = pd.DataFrame({"start": [order.start]})
    start, _ = _values(text["start"], order)
    return float(start[0])


def _refuse_one_sided(rows: Rows, parts: dict[str, NDArray[np.bool_]]) -> None:
    faults = []
    for name, mask in parts.items():
        with_it = int(rows.y[mask].sum())
        without = int(mask.sum()) - with_it
        if not with_it or not without:
            faults.append(
                Fault(
                    code="too-few",
                    found=f"Of the rows {name} {with_it:,} have the outcome and {without:,} have not",
                    allowed="Both outcomes must occur on both sides",
                    do="Part the rows elsewhere: --test-last or --test-from",
                )
            )
    if faults:
        raise DataError(faults)
