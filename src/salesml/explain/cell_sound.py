"""Whether the arrays of a file fit each other: compiled loops look at nothing twice.

A bundle may come from elsewhere, and with it its cache. Whatever numbers stand in there, no place is read or
written that does not belong to the tables.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from salesml.explain.cell_model import CellModel
from salesml.explain.cells import WIDTH
from salesml.explain.codes import SETS
from salesml.explain.quadrature import MOST

Array = NDArray[Any]


def sound(model: CellModel, features: int) -> bool:
    """Whether every place that an array names is there, for a model of so many features."""
    return _alike(model) and all(_checks(model, features))


def _alike(model: CellModel) -> bool:
    """Whether all arrays are of the types that tables are made of."""
    empty = CellModel.build([])
    pairs = [(model.used, empty.used)]
    for name in ("codes", "tables", "halves", "long"):
        pairs += zip(getattr(model, name), getattr(empty, name), strict=True)
    return all(one.dtype == other.dtype and one.ndim == other.ndim == 1 for one, other in pairs)


def _checks(model: CellModel, features: int) -> Iterator[bool]:
    codes, tables, halves, long = model.codes, model.tables, model.halves, model.long
    rows, used, trees = len(codes.feature), len(model.used), len(tables.constant)
    yield _inside(model.used, features) and bool(np.all(np.diff(model.used) > 0))
    yield _inside(codes.feature, features) and len(codes.kind) == rows and _inside(codes.kind, SETS + 1)
    yield _rises(codes.first, rows, codes.threshold) and len(codes.word) == len(codes.threshold)
    yield bool(np.all(np.diff(codes.first)[codes.kind == SETS] > 0))
    yield from _questions(tables, len(tables.start), rows)
    yield from _questions(halves, len(halves.start), rows)
    yield _rises(tables.tree_first, trees, tables.start) and _rises(
        halves.tree_first, trees, halves.start[::2]
    )
    yield _rises(long.tree_first, trees, long.value) and len(halves.start) % 2 == 0
    yield _rises(tables.chunk_first, len(tables.start), tables.base)
    yield _rises(tables.worth_first, len(tables.start), tables.worth)
    yield len(tables.width) == len(tables.base) and bool(np.isin(tables.width, (WIDTH // 2, WIDTH)).all())
    yield len(tables.slots) == WIDTH * len(tables.base) and _inside(tables.slots, used + 1)
    cells = np.diff(tables.worth_first)
    ends = tables.base + tables.width * np.repeat(cells, np.diff(tables.chunk_first))
    yield bool(np.all(cells > 0)) and bool(np.all((tables.base >= 0) & (ends <= len(tables.table))))
    yield _rises(halves.cell_first, len(halves.start), halves.worth) and bool(
        np.all(np.diff(halves.cell_first) > 0)
    )
    yield len(halves.factor) == WIDTH * len(halves.worth) and len(halves.table) == WIDTH * len(halves.factor)
    yield len(halves.slots) == WIDTH * len(halves.start) and _inside(halves.slots, used + 1)
    yield _rises(long.part_first, len(long.value), long.slot) and _inside(long.slot, used)
    yield bool(np.all(np.diff(long.part_first) <= 2 * MOST)) and len(long.share) == len(long.slot)
    yield _rises(long.ask_first, len(long.slot), long.ask_row) and _inside(long.ask_row, rows)
    yield len(long.ask_at) == len(long.ask_bit) == len(long.ask_right) == len(long.ask_row)
    yield len(long.nodes) == len(long.weights)


def _questions(parts: Any, size: int, rows: int) -> Iterator[bool]:
    yield _rises(parts.ask_first, size, parts.ask_row) and _inside(parts.ask_row, rows)
    yield len(parts.ask_at) == len(parts.ask_bit) == len(parts.ask_step) == len(parts.ask_row)


def _rises(first: Array, size: int, into: Array) -> bool:
    """Whether ``size`` parts follow each other through all of an array."""
    fits = len(first) == size + 1 and first[0] == 0 and first[-1] == len(into)
    return bool(fits and np.all(np.diff(first) >= 0))


def _inside(places: Array, end: int) -> bool:
    return bool(np.all((places >= 0) & (places < end)))
