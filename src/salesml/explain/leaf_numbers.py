"""Leaves by number: two bytes for a cell in place of the eight of a leaf's value, of which a tree has few."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from salesml.explain.cell_model import CellModel

Ints = NDArray[np.int64]


class LeafNumbers(NamedTuple):
    """Which leaf of its tree each cell is in, and what that adds to the raw score.

    Parameters
    ----------
    first : ndarray of shape (trees + 1,), int64
        Where the values of each tree begin; the first of them is 0, for rows in none of its cells.
    value : ndarray of float64
    cell : ndarray of unsigned integers
        For each cell of the tables the number of its leaf among the values of the tree.
    half : ndarray of unsigned integers
        For each cell of the halves the same in a first half; in a second one all bits where what it asks is
        met and none elsewhere.
    """

    first: Ints
    value: NDArray[np.float64]
    cell: NDArray[Any]
    half: NDArray[Any]


def leaf_numbers(model: CellModel) -> LeafNumbers:
    """The numbers of all leaves; leaves of one tree that add the same share one."""
    tables, halves = model.tables, model.halves
    of_cells = _ends(tables.worth_first, tables.tree_first)
    of_halves = _ends(halves.cell_first, 2 * halves.tree_first)
    second = np.repeat(np.arange(len(halves.start)) % 2 == 1, np.diff(halves.cell_first))
    told = np.where(second, 0.0, halves.worth)
    cell, half = np.zeros(len(tables.worth), np.int64), np.zeros(len(told), np.int64)
    values = []
    for tree in range(len(tables.constant)):
        here, there = slice(*of_cells[tree : tree + 2]), slice(*of_halves[tree : tree + 2])
        found = np.unique(np.concatenate([tables.worth[here], told[there]]))
        found = found[found != 0]
        values.append(np.concatenate([[0.0], found]))
        cell[here], half[there] = _numbers(found, tables.worth[here]), _numbers(found, told[there])
    first = np.cumsum([0, *map(len, values)], dtype=np.int64)
    kind = np.uint16 if np.diff(first).max(initial=0) <= 1 << 16 else np.uint32
    met = np.where(second & (halves.worth != 0), np.iinfo(kind).max, half)
    return LeafNumbers(first, np.concatenate([np.zeros(0), *values]), cell.astype(kind), met.astype(kind))


def _ends(cells: Ints, parts: Ints) -> list[int]:
    """Where the cells of each tree begin, of parts that a tree has several of."""
    ends: list[int] = cells[parts].tolist()
    return ends


def _numbers(values: NDArray[np.float64], worth: NDArray[np.float64]) -> Ints:
    return np.where(worth == 0, 0, np.searchsorted(values, worth) + 1)
