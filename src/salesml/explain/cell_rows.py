"""Rows explained from cell tables, block by block, in several threads."""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from salesml.explain.cell_model import CellModel
from salesml.explain.grouping import Groups
from salesml.explain.leaf_numbers import LeafNumbers, leaf_numbers, told_within
from salesml.explain.strongest import ROUNDING, Reasons

Floats = NDArray[np.float64]


NOTHING = np.zeros(0)

COMBINATIONS = 1 << 20
"""Of the cells of two halves, so many are numbered at most: two MB for each thread."""


class CellRows:
    """Explains rows.

    Parameters
    ----------
    model : CellModel
    features : int
        Of the ensemble.
    scale, shift : float
        Calibrated log-odds are ``scale * raw + shift``.
    """

    def __init__(self, model: CellModel, features: int, *, scale: float = 1.0, shift: float = 0.0) -> None:
        self._numbers = leaf_numbers(model)
        self.model = replace(model, tables=told_within(model, self._numbers))
        self.features = features
        self.scale, self.base = scale, scale * model.base + shift

    def contributions(self, coded: Floats, threads: int = 0) -> Floats:
        """As :func:`salesml.explain.contributions`, shape (rows, features + 1)."""
        from salesml.explain.cell_kernels import write_out

        out = np.zeros((len(coded), self.features + 1))
        out[:, -1] = self.base
        self._run(
            coded, threads, lambda totals, rows: write_out(totals, self.model.used, self.scale, out[rows])
        )
        return out

    def reasons(
        self, coded: Floats, groups: Groups, top: int, threads: int = 0, *, raw: Floats = NOTHING
    ) -> Reasons:
        """As :func:`salesml.explain.strongest`, without the contributions of all features.

        ``raw``, of shape (rows,), takes the raw scores as LightGBM's ``predict`` gives them, to the last bit.
        """
        from salesml.explain.cell_kernels import choose

        used = {int(feature): slot for slot, feature in enumerate(self.model.used)}
        # What no split asks for adds nothing: its sums are those that stay 0.
        member = [used.get(feature, len(used) + 1) for group in groups.members for feature in group]
        member_first = np.cumsum([0, *map(len, groups.members)], dtype=np.int64)
        members = np.array(member, dtype=np.int64)
        found = _empty(groups, len(coded), max(0, min(top, len(groups.members))), self.base)

        def write(totals: Any, rows: slice) -> None:
            choose(
                totals, member_first, members, self.scale, 10.0**ROUNDING, self.base, found.index[rows],
                found.contribution[rows], found.share[rows], found.other[rows], found.raw[rows],
                found.members[rows],
            )  # fmt: skip

        self._run(coded, threads, write, raw)
        return found

    def _run(
        self, coded: Floats, threads: int, write: Callable[[Any, slice], None], raw: Floats = NOTHING
    ) -> None:
        threads = threads or os.cpu_count() or 1
        size = _block_size(len(coded), threads)
        starts = range(0, len(coded), size)
        threads = min(threads, len(starts))

        def work(first: int) -> None:
            block = _Block(self.model, self._numbers, size)
            for begin in starts[first::threads]:
                rows = slice(begin, min(begin + size, len(coded)))
                write(block.totals_of(coded, rows, raw[rows]), rows)

        if threads == 1:
            work(0)
            return
        with ThreadPoolExecutor(max(threads, 1)) as pool:
            for _ in pool.map(work, range(threads)):
                pass


def _block_size(rows: int, threads: int) -> int:
    """Rows of a block: as many as pay, but no fewer blocks than threads unless they would be small."""
    from salesml.explain.cell_kernels import LEAST, ROWS

    return min(ROWS, max(LEAST, -(-rows // threads)))


class _Block:
    """What a thread needs for one block of rows after the other, each of ``size`` at most."""

    def __init__(self, model: CellModel, numbers: LeafNumbers, size: int) -> None:
        from salesml.explain.cell_kernels import APART, BESIDE
        from salesml.explain.pair_kernels import Room
        from salesml.explain.tile import LANES

        self.model, self.numbers = model, numbers
        size = -(-size // LANES) * LANES
        shape = (len(model.used) + BESIDE, size + APART)
        self.sums, self.totals = np.zeros(shape, dtype=np.float32), np.zeros(shape)
        self.codes = np.zeros((model.codes.rows, size + APART), dtype=np.uint16)
        self.raw, self.leaf = np.zeros(size), np.zeros(size, dtype=numbers.cell.dtype)
        combinations = np.zeros(_most_combinations(model), dtype=np.uint16)
        index, other, met = np.zeros((3, size), dtype=np.uint16)
        first, second = np.zeros((2, size * LANES), dtype=np.float32)
        self.room = Room(index, other, met, combinations, np.zeros(size, dtype=np.int32), first, second)

    def totals_of(self, coded: Floats, rows: slice, raw: Floats) -> Floats:
        """What each used feature adds to each row's raw score, shape (used + 2, more than rows).

        ``raw`` takes the raw scores, unless it is empty.
        """
        from salesml.explain.cell_kernels import add_all
        from salesml.explain.code_kernels import encode

        model = self.model
        self.totals[:] = 0.0
        count = rows.stop - rows.start
        told = slice(self.raw.size if len(raw) else 0)
        scores, leaf = self.raw[told], self.leaf[told]
        scores[:], leaf[:] = 0.0, 0
        if coded.flags.f_contiguous:
            encode(coded.T, rows.start, count, model.codes, self.codes)
        else:
            encode(np.ascontiguousarray(coded[rows].T), 0, count, model.codes, self.codes)
        add_all(
            self.codes, model.tables, model.halves, model.long, self.numbers, self.room, leaf, self.sums,
            self.totals, scores, count,
        )  # fmt: skip
        raw[:] = scores[: len(raw)]
        return self.totals


def _most_combinations(model: CellModel) -> int:
    """The most combinations of cells that a leaf in two halves has, as far as they are numbered."""
    cells = np.diff(model.halves.cell_first)
    return int((cells[::2] * cells[1::2]).clip(max=COMBINATIONS).max(initial=0))


def _empty(groups: Groups, rows: int, top: int, base: float) -> Reasons:
    widest = max(map(len, groups.members), default=0)
    return Reasons(
        groups,
        np.zeros((rows, top), dtype=np.intp),
        np.zeros((rows, top)),
        np.zeros((rows, top)),
        np.zeros(rows),
        np.full(rows, base),
        np.zeros((rows, top, widest)),
        np.full(rows, base),
    )
