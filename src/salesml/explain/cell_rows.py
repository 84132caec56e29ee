"""Rows explained from cell tables, block by block, in several threads."""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
from numpy.typing import NDArray

from salesml.explain.cell_model import CellModel
from salesml.explain.grouping import Groups
from salesml.explain.strongest import ROUNDING, Reasons

Floats = NDArray[np.float64]

BLOCKS = 8
"""Blocks that a thread takes at once."""


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
        self.model, self.features = model, features
        self.scale, self.base = scale, scale * model.base + shift

    def contributions(self, coded: Floats, threads: int = 0) -> Floats:
        """As :func:`salesml.explain.contributions`, shape (rows, features + 1)."""
        from salesml.explain.cell_kernels import write_out

        out = np.zeros((len(coded), self.features + 1))
        out[:, -1] = self.base
        self._run(coded, threads, lambda sums, rows: write_out(sums, self.model.used, self.scale, out[rows]))
        return out

    def reasons(self, coded: Floats, groups: Groups, top: int, threads: int = 0) -> Reasons:
        """As :func:`salesml.explain.strongest`, without the contributions of all features."""
        from salesml.explain.cell_kernels import choose

        used = {int(feature): slot for slot, feature in enumerate(self.model.used)}
        # What no split asks for adds nothing: its sums are those that stay 0.
        member = [used.get(feature, len(used) + 1) for group in groups.members for feature in group]
        member_first = np.cumsum([0, *map(len, groups.members)], dtype=np.int64)
        members = np.array(member, dtype=np.int64)
        found = _empty(groups, len(coded), max(0, min(top, len(groups.members))), self.base)

        def write(sums: Any, rows: slice) -> None:
            choose(
                sums, member_first, members, self.scale, 10.0**ROUNDING, self.base, found.index[rows],
                found.contribution[rows], found.share[rows], found.other[rows], found.raw[rows],
                found.members[rows],
            )  # fmt: skip

        self._run(coded, threads, write)
        return found

    def _run(self, coded: Floats, threads: int, write: Callable[[Any, slice], None]) -> None:
        from salesml.explain.cell_kernels import APART, ROWS, add_long, add_up, encode

        codes, tables, long = self.model.codes, self.model.tables, self.model.long
        encoding = (codes.feature, codes.kind, codes.first, codes.threshold, codes.word)
        adding, adding_long = tuple(vars(tables).values()), tuple(vars(long).values())

        def work(start: int) -> None:
            # One row of sums beyond the features takes what cells are filled up with, one stays 0.
            sums = np.zeros((len(self.model.used) + 2, ROWS + APART), dtype=np.float32)
            place = np.zeros((codes.rows, ROWS + APART), dtype=np.uint16)
            index = np.zeros(ROWS, dtype=np.uint16)
            for begin in range(start, min(start + BLOCKS * ROWS, len(coded)), ROWS):
                rows = slice(begin, min(begin + ROWS, len(coded)))
                size = rows.stop - begin
                sums[:] = 0.0
                encode(coded[rows], *encoding, place)
                add_up(place, *adding, index, sums, size)
                if len(long.value):
                    add_long(place, *adding_long, sums, size)
                write(sums, rows)

        _side_by_side(work, range(0, len(coded), BLOCKS * ROWS), threads)


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


def _side_by_side(work: Callable[[int], None], starts: range, threads: int) -> None:
    threads = min(threads or os.cpu_count() or 1, len(starts))
    if threads <= 1:
        for start in starts:
            work(start)
        return
    with ThreadPoolExecutor(threads) as pool:
        for _ in pool.map(work, starts):
            pass
