"""What is looked at: the rows of one as-of date as the model saw them, and what the columns are."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from salesml.model.bundle import Bundle
from salesml.snapshots.feature import Feature

Floats = NDArray[np.float64]

CALENDAR = "calendar"
"""Features of this source say which date it is: they differ between dates by their nature."""


@dataclass(frozen=True, kw_only=True)
class Column:
    """One column of the coded rows.

    Parameters
    ----------
    feature : Feature
    levels : tuple of str
        Of a category, in the order of its codes.
    since : date, optional
        The first date on which all days that it looks at lie in the tables: what moves before is the
        beginning of the tables.
    """

    feature: Feature
    levels: tuple[str, ...] = ()
    since: dt.date | None = None

    @property
    def name(self) -> str:
        return self.feature.name

    @property
    def watched(self) -> bool:
        """Whether it can drift: the calendar cannot."""
        return self.feature.source != CALENDAR


def columns_of(bundle: Bundle, since: Sequence[dt.date | None] = ()) -> tuple[Column, ...]:
    """The columns of a bundle's rows, and since when each is whole, where that is known."""
    days = since or [None] * len(bundle.features)
    return tuple(
        Column(feature=feature, levels=tuple(column.levels) if column.kind == "category" else (), since=day)
        for feature, column, day in zip(bundle.features, bundle.coding.columns, days, strict=True)
    )


@dataclass(frozen=True, kw_only=True)
class Dated:
    """The rows of one as-of date.

    Parameters
    ----------
    as_of : datetime.date
    coded : ndarray of shape (rows, columns)
        As the booster reads them; NaN where a value is missing or a level unknown.
    p : ndarray of shape (rows,)
        Probabilities, calibrated.
    band : ndarray of shape (rows,)
        The band of each row, A to D.
    entity : ndarray of shape (rows,)
    y : ndarray of shape (rows,) or None
        1 where the outcome came about; None where it is not known yet.
    size : ndarray of shape (groups,)
        Mean absolute contribution of each group of features.
    learned : bool
        Whether the model learned from these very rows: nothing is measured on them.
    """

    as_of: dt.date
    coded: Floats = field(repr=False)
    p: Floats = field(repr=False)
    band: NDArray[np.str_] = field(repr=False)
    entity: NDArray[np.object_] = field(repr=False)
    y: NDArray[np.int8] | None = field(default=None, repr=False)
    size: Floats = field(default_factory=lambda: np.empty(0), repr=False)
    learned: bool = False

    def __len__(self) -> int:
        return len(self.p)


def first_since(grid: Sequence[Dated], since: dt.date | None) -> int:
    """The place of the first of some dates from a day on; of the newest where all lie before."""
    if since is None:
        return 0
    return next((place for place, each in enumerate(grid) if each.as_of >= since), len(grid) - 1)


def in_order(dates: Sequence[Dated]) -> list[Dated]:
    """Those with rows, the oldest first."""
    return sorted((each for each in dates if len(each)), key=lambda each: each.as_of)
