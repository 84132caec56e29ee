"""Attributes cut into levels that a person can read: categories, and numbers in a few round ranges."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from salesml.words import numbers

Mask = NDArray[np.bool_]

FEWEST = 20
"""Rows of a level, and rows outside it, without which it is not looked at."""
MOST = 50
"""Levels of one attribute that are looked at, the most frequent ones."""
FEW_VALUES = 5
"""A number of so many different values is not cut: each value is a level."""
RANGES = 4
SPIKE = 0.2
"""A single value with such a share of the rows is a level of its own."""
NEAR = 0.05
"""How far a round cut may be from the quartile it stands for, as a share of the rows."""


@dataclass(frozen=True)
class Level:
    """One level of an attribute and the rows that have it.

    Parameters
    ----------
    column : str
    words : str
        What a person reads, such as "number of employees 50 to 199".
    rows : ndarray of bool of shape (rows,)
    """

    column: str
    words: str
    rows: Mask


def levels_of(column: pd.Series[Any], words: str, form: str = "", unit: str = "") -> list[Level]:
    """The levels of one attribute that enough rows have, and enough rows have not.

    Parameters
    ----------
    column : Series of shape (rows,)
        Numbers or texts; missing values are a level, too.
    words : str
        What the attribute is called.
    form, unit : str
        How its numbers are written: ``money`` with a currency, ``share``, or as they are.
    """
    gaps = np.asarray(column.isna(), dtype=bool)
    number = pd.api.types.is_numeric_dtype(column) and not pd.api.types.is_bool_dtype(column)
    found = list(_ranges(column, form, unit) if number else _categories(column))
    found.append(("not known", gaps))
    enough = [(told, rows) for told, rows in found if FEWEST <= rows.sum() <= len(rows) - FEWEST]
    enough.sort(key=lambda each: -int(each[1].sum()))
    return [Level(str(column.name), f"{words} {told}", rows) for told, rows in enough[:MOST]]


def _categories(column: pd.Series[Any]) -> Iterator[tuple[str, Mask]]:
    texts = column.astype("object")
    for value, count in texts.value_counts().items():
        if count >= FEWEST:
            yield str(value), np.asarray(texts == value, dtype=bool)


def _ranges(column: pd.Series[Any], form: str, unit: str) -> Iterator[tuple[str, Mask]]:
    values = np.asarray(column.to_numpy(np.float64, na_value=np.nan))
    values = np.where(np.isinf(values), np.nan, values)
    known = values[~np.isnan(values)]
    distinct, counts = np.unique(known, return_counts=True)
    if not len(distinct):
        return
    alone = distinct if len(distinct) <= FEW_VALUES else distinct[counts >= SPIKE * len(known)]
    for value in alone:
        yield _written(value, form, unit), values == value
    rest = known[~np.isin(known, alone)]
    if len(rest) < 2 * FEWEST:
        return
    others = ~np.isin(values, alone) & ~np.isnan(values)
    cuts = _cuts(np.sort(rest))
    whole = bool(np.all(known == np.round(known)))
    edges = [-math.inf, *cuts, math.inf]
    for low, high in pairwise(edges):
        yield _range(low, high, whole, form, unit), others & (values >= low) & (values < high)


def _cuts(ordered: NDArray[np.float64]) -> list[float]:
    """Round numbers near the quartiles."""
    cuts: list[float] = []
    for part in range(1, RANGES):
        cut = _round(ordered, part / RANGES)
        if ordered[0] < cut <= ordered[-1] and cut not in cuts:
            cuts.append(cut)
    return sorted(cuts)


def _round(ordered: NDArray[np.float64], share: float) -> float:
    """The number with the fewest figures that cuts off nearly that share."""
    exact = float(np.quantile(ordered, share, method="nearest"))
    for figures in (1, 2, 3):
        cut = float(f"{exact:.{figures - 1}e}")
        if abs(np.searchsorted(ordered, cut) / len(ordered) - share) <= NEAR:
            return cut
    return exact


def _range(low: float, high: float, whole: bool, form: str, unit: str) -> str:
    if low == -math.inf:
        return f"below {_written(high, form, unit)}" if high < math.inf else "any"
    if high == math.inf:
        return f"{_written(low, form, unit)} or more"
    if whole:
        last = high - 1
        one = low == last
        return _written(low, form, unit) + ("" if one else f" to {_written(last, form, unit)}")
    return f"{_written(low, form, unit)} to below {_written(high, form, unit)}"


def _written(value: float, form: str, unit: str) -> str:
    if form == "money":
        return numbers.money(value, unit)
    return numbers.percent(value) if form == "share" else numbers.number(value)
