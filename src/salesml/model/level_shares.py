"""How the levels of a category are spread over rows: kept with a model, compared when it is used."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from salesml.model.coding import Coding
from salesml.model.columns import as_levels

OTHER = ""
"""What stands for every value that is none of the levels, and for missing ones."""


def level_shares(column: pd.Series[Any], levels: Sequence[str]) -> dict[str, float]:
    """The share of rows with each level, the rest under :data:`OTHER`; they add up to 1.

    Parameters
    ----------
    column : Series of shape (rows,)
        At least one row.
    levels : sequence of str
    """
    found = pd.Series(as_levels(column)).value_counts()
    shares = {level: float(found.get(level, 0)) / len(column) for level in levels}
    shares[OTHER] = max(0.0, 1.0 - float(np.sum(list(shares.values()))))
    return shares


def all_shares(coding: Coding, frame: pd.DataFrame, names: Sequence[str]) -> dict[str, dict[str, float]]:
    """For some of the categories of a coding, how their levels are spread over rows.

    Shares are rounded to four digits: nothing that fewer than 20 accounts share is among the levels.
    """
    wanted = set(names)
    return {
        column.name: {
            level: round(share, 4) for level, share in level_shares(frame[column.name], column.levels).items()
        }
        for column in coding.columns
        if column.kind == "category" and column.name in wanted
    }
