"""Amounts, weights and accounts, checked before anything is learned."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from salesml.errors import Fault
from salesml.model.faults import InputError, raise_all
from salesml.model.target import read_owner, read_weight

Floats = NDArray[np.float64]


def read_amount(
    amount: Any, rows: int, sample_weight: Any, groups: Any
) -> tuple[Floats, Floats, NDArray[np.intp]]:
    """Amounts, weights and the account of each row.

    Raises
    ------
    InputError
        ``wrong-length``, ``bad-amount``, ``all-zero``, ``too-few``, and what weights and accounts raise.
    """
    try:
        values = np.asarray(amount, dtype=np.float64)
    except (TypeError, ValueError):
        raise InputError(_fault("bad-amount", "The amounts hold other things than numbers")) from None
    if values.shape != (rows,):
        raise InputError(_fault("wrong-length", f"The amounts have shape {values.shape} for {rows} rows"))
    weight, owner = read_weight(sample_weight, rows), read_owner(groups, rows)
    counts = {
        "missing": int(np.isnan(values).sum()),
        "infinite": int(np.isinf(values).sum()),
        "below zero": int((np.isfinite(values) & (values < 0)).sum()),
    }
    raise_all(
        [
            _fault("bad-amount", f"{count:,} of {rows:,} amounts are {what}", count)
            for what, count in counts.items()
            if count
        ]
    )
    positive = (values > 0) & (weight > 0)
    if not positive.any():
        raise InputError(_fault("all-zero", f"The amount is zero in all {rows:,} rows", rows))
    accounts = len(np.unique(owner[weight > 0]))
    if accounts < 2:
        raise InputError(_fault("too-few", f"All {rows:,} rows belong to one account: an interval needs two"))
    return values, weight, owner


def _fault(code: str, found: str, count: int = 0) -> Fault:
    return Fault(
        code=code,
        found=found,
        allowed="One amount for each row: finite, not below zero, and above zero somewhere",
        do="Leave out the rows whose amount is not known, and count what is below zero as zero if that "
        "is meant",
        count=count,
    )
