"""The folds that trials are compared on: in time order wherever the rows have one, purged."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from salesml.errors import DataError, Fault
from salesml.lifecycle.ordered import Order, part
from salesml.lifecycle.rows import Rows
from salesml.model.folds import deal
from salesml.windows import Split

Mask = NDArray[np.bool_]
Way = Literal["dates", "order", "accounts"]

MOST = 3
"""Folds of dates or of an order: the newest, since they are most like what comes."""
BY_ACCOUNT = 5
FEWEST = 2
"""Accounts of either outcome on either side of a fold, without which it tells nothing."""


@dataclass(frozen=True)
class Fold:
    """Rows to learn from and rows to compare on, as masks over the rows of :class:`Folds`."""

    train: Mask
    valid: Mask
    words: str


@dataclass(frozen=True)
class Folds:
    """Folds, oldest first.

    Parameters
    ----------
    way : {"dates", "order", "accounts"}
        ``dates``: each fold compares on one as-of date and learns from dates whose outcomes were known
        by then. ``order``: on rows that came later. ``accounts``: on other accounts, which cannot show
        what changes over time.
    """

    way: Way
    folds: tuple[Fold, ...]

    @property
    def weights(self) -> tuple[float, ...]:
        """What each fold counts: the rows compared on."""
        return tuple(float(fold.valid.sum()) for fold in self.folds)

    @property
    def last(self) -> Fold:
        return self.folds[-1]

    def summary(self) -> str:
        """One line per fold."""
        heads = {
            "dates": "Trials are compared on later dates than they learn from:",
            "order": "Trials are compared on later rows than they learn from:",
            "accounts": "Trials are compared on other accounts than they learn from; what changes over time "
            "is not seen:",
        }
        return "\n".join([heads[self.way], *[f"  {fold.words}" for fold in self.folds]])


def date_folds(rows: Rows, horizon_days: int, gap_days: int, most: int = MOST) -> tuple[Fold, ...]:
    """A fold for each of the newest dates, as far as an earlier date's outcomes were known on it.

    A date is learned from where its as-of date, gap and horizon lie before the date compared on; dates
    between fall out of that fold. The second guard of :class:`Split` looks at each.
    """
    if rows.dates is None:
        return ()
    days = sorted(set(rows.as_of.astype(object)))
    reach = dt.timedelta(days=horizon_days + gap_days)
    found: list[Fold] = []
    for day in reversed(days):
        learned = [each for each in days if each + reach <= day]
        if len(found) == most or not learned:
            break
        Split(tuple(learned), (), (day,), horizon_days, gap_days).check()
        train, valid = np.isin(rows.as_of, np.array(learned, "M8[D]")), rows.as_of == np.datetime64(day)
        many = f"{len(learned)} date{'s' * (len(learned) > 1)}"
        words = (
            f"{day}: {int(valid.sum()):,} rows, learned from {many} up to {learned[-1]}, "
            f"{int(train.sum()):,} rows"
        )
        if _tells(rows, train) and _tells(rows, valid):
            found.append(Fold(train, valid, words))
    return tuple(reversed(found))


def order_folds(frame: pd.DataFrame, rows: Rows, order: Order, most: int = MOST) -> tuple[Fold, ...]:
    """Folds of equal length at the end of the rows, each compared on after all that came before it.

    Parameters
    ----------
    frame : DataFrame of shape (rows, columns)
        Holds the column of the order.
    """
    left = np.ones(len(rows), dtype=bool)
    found: list[Fold] = []
    for number in range(most):
        share = 1 / (most + 1 - number)
        try:
            parts = part(frame[left], rows.where(left), Order(order.column, share))
        except DataError:
            break
        train, valid = np.zeros(len(rows), dtype=bool), np.zeros(len(rows), dtype=bool)
        at = np.flatnonzero(left)
        train[at[parts.train]], valid[at[parts.test]] = True, True
        if _tells(rows, train) and _tells(rows, valid):
            found.append(Fold(train, valid, parts.summary))
        left &= ~valid
    return tuple(reversed(found))


def account_folds(rows: Rows, number: int = BY_ACCOUNT, seed: int = 0) -> tuple[Fold, ...]:
    """Folds by account, the outcome spread evenly.

    Raises
    ------
    DataError
        ``too-few`` when there are not accounts enough of either outcome for two folds.
    """
    dealt = min(number, _rarer(rows) // FEWEST)
    if dealt < 2:
        raise DataError(
            Fault(
                code="too-few",
                found=f"{_rarer(rows):,} accounts have the rarer outcome",
                allowed=f"At least {2 * FEWEST}, half of them to compare trials on",
                do="Take more as-of dates, a longer horizon or more accounts; until then keep the defaults",
            )
        )
    owner = np.unique(rows.entity, return_inverse=True)[1]
    fold = deal(rows.y, owner, dealt, np.random.default_rng(seed))
    return tuple(
        Fold(fold != place, fold == place, f"fold {place + 1}: {int((fold == place).sum()):,} rows")
        for place in range(dealt)
    )


def make_folds(rows: Rows, candidates: Sequence[tuple[Way, tuple[Fold, ...]]]) -> Folds:
    """The first kind that gives any folds, or else folds by account."""
    for way, folds in candidates:
        if folds:
            return Folds(way, folds)
    return Folds("accounts", account_folds(rows))


def _tells(rows: Rows, mask: Mask) -> bool:
    return _rarer(rows, mask) >= FEWEST


def _rarer(rows: Rows, mask: Mask | None = None) -> int:
    """Accounts that have the outcome, or that have not, whichever are fewer."""
    counted = rows.weights > 0 if mask is None else mask & (rows.weights > 0)
    return min(len(set(rows.entity[counted & (rows.y == outcome)])) for outcome in (0, 1))
