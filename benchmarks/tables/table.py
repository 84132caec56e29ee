"""One table of the benchmark: features, outcome, and how it is split."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.model_selection import StratifiedKFold, train_test_split

Split = Literal["five-fold", "70/30", "time"]
Indices = NDArray[np.intp]

FOLDS = 5
TEST_SHARE = 0.3


@dataclass(frozen=True)
class Table:
    """A table with a binary outcome.

    Parameters
    ----------
    name : str
    X : DataFrame of shape (rows, features)
        Numbers and text, missing where unknown; no dates.
    y : ndarray of shape (rows,)
        1 where the outcome came about.
    source, licence : str
    dev : bool
        Whether defaults may be chosen by it. The others are looked at for the final figures only.
    split : {"five-fold", "70/30", "time"}
        ``time``: learned from all but the latest ``as_of``, tested on that one.
    groups, as_of : ndarray of shape (rows,), optional
        The account and the date of each row.
    repeats : int
        How often five folds are dealt.
    """

    name: str
    X: pd.DataFrame
    y: NDArray[np.int8]
    source: str
    licence: str
    dev: bool
    split: Split
    groups: NDArray[np.object_] | None = None
    as_of: NDArray[np.datetime64] | None = None
    repeats: int = 1

    def splits(self) -> Iterator[tuple[Indices, Indices]]:
        """Rows to learn from and rows to test on; the same on every call. AutoGluon sees the first."""
        if self.split == "time":
            yield self._by_time()
        elif self.split == "70/30":
            train, test = train_test_split(
                np.arange(len(self.y)), test_size=TEST_SHARE, stratify=self.y, random_state=0
            )
            yield np.sort(train), np.sort(test)
        else:
            for repeat in range(self.repeats):
                yield from StratifiedKFold(FOLDS, shuffle=True, random_state=repeat).split(self.X, self.y)

    def _by_time(self) -> tuple[Indices, Indices]:
        if self.as_of is None:
            raise ValueError(f"{self.name} is split by time and has no dates")
        last = self.as_of == self.as_of.max()
        return np.flatnonzero(~last), np.flatnonzero(last)
