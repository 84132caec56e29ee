"""How many rows equal a given one by chance, from what pairs of columns tell of each other."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from salesml.model.screening.coarse import coarse, dependence
from salesml.model.screening.view import Codes, Column, Floats

SAMPLED = 2_000
COLUMNS = 40
"""Columns whose values are counted at most, the most varied first: others would only make equal rows
less likely."""
FOLLOWS = 0.9
"""Share of pairs of rows that agree in one column and then in another, from which the other follows
from it: the whole of its spread is told."""
ENOUGH = 20
"""Pairs of rows that agree in a column without which it tells nothing of others."""
PRIOR = 0.5
"""Rows of what is usual that are added to what is found beside another column's value."""
FEW = 20
"""Values that no more rows hold than this tell what is usual beside a rare value: where a total follows
from a price, it does so for prices that nobody else pays."""


class Chance:
    """The chance of rows under a tree of columns, each beside the one that tells most of it.

    Parameters
    ----------
    codes : sequence of ndarray of shape (rows,)
        The values that are compared; -1 for missing.
    columns : sequence of Column
        The same columns.

    References
    ----------
    Chow and Liu, "Approximating discrete probability distributions with dependence trees", IEEE
    Transactions on Information Theory 14 (1968).
    """

    def __init__(self, codes: Sequence[Codes], columns: Sequence[Column]) -> None:
        self._codes = [np.asarray(code + 1, dtype=np.int64) for code in codes]
        self._rows = len(self._codes[0])
        self._sizes = [int(code.max()) + 1 for code in self._codes]
        self._counts = [np.bincount(code)[code] for code in self._codes]
        self.entropy = np.array([-np.log(count / self._rows).mean() for count in self._counts])
        self._kept = np.sort(np.argsort(-self.entropy, kind="stable")[:COLUMNS])
        rows = np.random.default_rng(0).permutation(self._rows)[:SAMPLED]
        tells = dependence([coarse(columns[place])[rows] for place in self._kept])
        follows = agreement([self._codes[place][rows] for place in self._kept]) >= FOLLOWS
        self._tells = np.where(follows, self.entropy[self._kept][:, None], tells)
        self._beside: dict[tuple[int, int], Codes] = {}

    def expected(self, subset: Codes, own: Codes, rows: Codes | None = None) -> Floats:
        """How many other rows are to be expected that equal each row in some columns.

        Parameters
        ----------
        subset : ndarray of int
            The columns compared.
        own : ndarray of shape (rows,)
            How many rows do equal it, itself among them: they are left out of all counts.
        rows : ndarray of int, optional
            The rows asked for; all of them without it.
        """
        inside = sorted(set(self._kept.tolist()) & set(subset.tolist()), key=lambda c: -self.entropy[c])
        asked = slice(None) if rows is None else rows
        logs = np.zeros(len(own))
        for child, parent in self._tree(inside):
            logs += np.log(self._chance(child, parent, own, asked))
        return np.asarray((self._rows - 1) * np.exp(logs))

    def _tree(self, inside: list[int]) -> list[tuple[int, int | None]]:
        """Columns with the one before them that tells most of each (Prim)."""
        place = {int(column): number for number, column in enumerate(self._kept)}
        left = [int(column) for column in inside]
        if not left:
            return []
        tree: list[tuple[int, int | None]] = [(left.pop(0), None)]
        best = {column: (self._tells[place[column], place[tree[0][0]]], tree[0][0]) for column in left}
        while best:
            column = max(best, key=lambda name: best[name][0])
            tree.append((column, best.pop(column)[1]))
            for other in best:
                told = self._tells[place[other], place[column]]
                best[other] = max(best[other], (told, column))
        return tree

    def _chance(self, child: int, parent: int | None, own: Codes, asked: Codes | slice) -> Floats:
        """The chance of the row's value in one column beside its value in another."""
        rest = self._rows - own + PRIOR
        alone = np.maximum(self._counts[child][asked] - own, 0) + PRIOR
        alone = alone / (rest + PRIOR)
        if parent is None:
            return np.asarray(alone)
        both = np.maximum(self._together(child, parent)[asked] - own, 0)
        beside = np.maximum(self._counts[parent][asked] - own, 0)
        few = (beside > 0) & (beside <= FEW)
        usual = both[few].sum() / beside[few].sum() if few.any() else 0.0
        return np.asarray((both + PRIOR * np.maximum(alone, usual)) / (beside + PRIOR))

    def _together(self, a: int, b: int) -> Codes:
        """How many rows share both values of each row."""
        key = (min(a, b), max(a, b))
        if key not in self._beside:
            code = self._codes[key[0]] * self._sizes[key[1]] + self._codes[key[1]]
            if self._sizes[a] * self._sizes[b] > 4 * self._rows:
                code = np.asarray(pd.factorize(code)[0], dtype=np.int64)
            self._beside[key] = np.bincount(code)[code]
        return self._beside[key]


def agreement(codes: Sequence[Codes]) -> Floats:
    """How often pairs of rows that agree in one column agree in another, shape (another, one)."""
    sizes = [int(code.max()) + 1 for code in codes]
    alone = np.array([_pairs(code) for code in codes])
    found = np.zeros((len(codes), len(codes)))
    for a in range(len(codes)):
        for b in range(a):
            both = _pairs(codes[a] * sizes[b] + codes[b])
            found[a, b] = both / alone[b] if alone[b] >= ENOUGH else 0.0
            found[b, a] = both / alone[a] if alone[a] >= ENOUGH else 0.0
    return found


def _pairs(code: Codes) -> float:
    """Pairs of rows with the same code."""
    ordered = np.sort(code)
    edges = np.flatnonzero(np.r_[True, ordered[1:] != ordered[:-1], True])
    size = np.diff(edges).astype(np.float64)
    return float((size * (size - 1)).sum() / 2)
