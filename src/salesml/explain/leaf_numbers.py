"""Leaves by number: a small one for a cell in place of a leaf's value, of which a tree has few.

Most cells have fewer numbers than a vector. What fills them up is added to sums that nobody reads: there the
number of the leaf costs nothing.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from salesml.explain.cell_model import CellModel
from salesml.explain.cells import WIDTH
from salesml.explain.tables import Tables

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
    within : ndarray of bool
        For each group of the tables whether its cells hold the number themselves; see :func:`told_within`.
    half_within : ndarray of int64
        For each leaf in halves the half whose cells have room for the number: 0 or 1, or -1 for neither.
    """

    first: Ints
    value: NDArray[np.float64]
    cell: NDArray[Any]
    half: NDArray[Any]
    within: NDArray[np.bool_]
    half_within: Ints


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
    unused = len(model.used)
    return LeafNumbers(
        first, np.concatenate([np.zeros(0), *values]), cell.astype(kind), met.astype(kind),
        _room(tables, unused) >= 0, _half_room(halves.slots, unused),
    )  # fmt: skip


def told_within(model: CellModel, numbers: LeafNumbers) -> Tables:
    """The tables with the number of its leaf in each cell that has room for it.

    It stands where a cell is filled up, and so is added to the sums that no feature has, in single precision,
    which is exact for as many leaves as a tree may have. Halves hold none: it is put into their combinations
    when these are made.
    """
    tables = model.tables
    table, room = tables.table.copy(), _room(tables, len(model.used))
    for group in np.flatnonzero(room >= 0).tolist():
        chunk, lane = divmod(int(room[group]), WIDTH)
        cells = numbers.cell[tables.worth_first[group] : tables.worth_first[group + 1]]
        begin, width = int(tables.base[chunk]), int(tables.width[chunk])
        table[begin + lane : begin + width * len(cells) : width] = cells
    return tables._replace(table=table)


def _room(tables: Tables, unused: int) -> Ints:
    """Of each group the first place among ``slots`` that fills up a cell, -1 where there is none."""
    lane = np.arange(len(tables.slots)) % WIDTH
    free = (tables.slots == unused) & (lane < np.repeat(tables.width, WIDTH))
    places = np.append(np.flatnonzero(free), len(free))
    chunks = WIDTH * tables.chunk_first
    found = places[np.searchsorted(places, chunks[:-1])]
    return np.where(found < chunks[1:], found, -1)


def _half_room(slots: NDArray[np.int32], unused: int) -> Ints:
    """For each leaf in halves which of them is filled up, at its end; -1 where both are full."""
    free = slots.reshape(-1, 2, WIDTH)[:, :, -1] == unused
    return np.where(free[:, 1], 1, np.where(free[:, 0], 0, -1))


def _ends(cells: Ints, parts: Ints) -> list[int]:
    """Where the cells of each tree begin, of parts that a tree has several of."""
    ends: list[int] = cells[parts].tolist()
    return ends


def _numbers(values: NDArray[np.float64], worth: NDArray[np.float64]) -> Ints:
    return np.where(worth == 0, 0, np.searchsorted(values, worth) + 1)
