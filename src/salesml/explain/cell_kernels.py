"""Compiled loops over blocks of rows: what the cells of rows add up to, and the strongest of it.

Import this module only where it is used: it brings numba.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from salesml.explain.code_kernels import number_cells
from salesml.explain.compiling import compiled
from salesml.explain.pair_kernels import add_pair
from salesml.explain.tile import LANES, add4, add8

Array = Any

ROWS = 32_768
"""Rows of a block: each table is brought near the processor once for all of them. Fewer than two bytes count,
in which combinations of cells are numbered."""

LEAST = 4096
"""Rows of a block where there are threads that would otherwise have none."""

APART = 16
"""Numbers between the sums of one feature and the next, so that they do not compete for one place in the
first cache."""

BESIDE = 2
"""Rows of sums beyond those of features: the first takes what fills cells up, which is 0 or a leaf's number,
the other stays 0."""

TOGETHER = 256
"""Groups whose tables are added up in single precision before their sums go to the totals in double."""


@compiled
def move(sums: Array, totals: Array, rows: int) -> None:
    """Add the sums of features to the totals, which are kept with more digits, and begin anew."""
    for slot in range(len(totals) - BESIDE):
        for at in range(rows):
            totals[slot, at] += sums[slot, at]
            sums[slot, at] = 0.0


@compiled
def add_all(
    codes: Array, tables: Any, halves: Any, long: Any, numbers: Any, room: Any, leaf: Array,
    sums: Array, totals: Array, raw: Array, rows: int,
) -> None:  # fmt: skip
    """Add to the totals of a block, feature by feature, what all trees say of each row.

    ``raw`` takes the raw scores, or nothing where it and ``leaf`` are empty: leaf values one tree after the
    other, as LightGBM adds them, so that they are the same to the last bit. ``leaf`` holds zeros, and is for
    the number of each row's leaf, so far as that is not added to the sums of no feature.
    """
    rows = (rows + LANES - 1) // LANES * LANES
    met, total = np.empty(256, dtype=np.bool_), np.empty(256)
    added = 0
    for tree in range(len(tables.constant)):
        for group in range(tables.tree_first[tree], tables.tree_first[tree + 1]):
            add_group(codes, tables, numbers, group, room.index, sums, leaf, rows)
            added += 1
            if added % TOGETHER == 0:
                move(sums, totals, rows)
        for pair in range(halves.tree_first[tree], halves.tree_first[tree + 1]):
            add_pair(codes, halves, numbers, pair, room, sums, leaf, rows)
            added += 1
            if added % TOGETHER == 0:
                move(sums, totals, rows)
        if len(raw):
            value = numbers.value[numbers.first[tree] : numbers.first[tree + 1]]
            add_values(value, leaf, sums[len(sums) - BESIDE], raw, rows)
        for each in range(long.tree_first[tree], long.tree_first[tree + 1]):
            add_long(codes, long, each, met, total, totals, raw, rows)
        if tables.constant[tree] != 0.0:
            for at in range(len(raw)):
                raw[at] += tables.constant[tree]
    move(sums, totals, rows)


@compiled
def add_values(value: Array, leaf: Array, within: Array, raw: Array, rows: int) -> None:
    """Add the value of the leaf that each row is in, none beyond the last, and begin anew."""
    last = len(value) - 1
    for at in range(rows):
        told = within[at]
        raw[at] += value[min(leaf[at] + (np.int64(told) if 0 <= told <= last else 0), last)]
        leaf[at], within[at] = 0, 0.0


@compiled
def add_group(
    codes: Array, tables: Any, numbers: Any, group: int, index: Array, sums: Array, leaf: Array, rows: int
) -> None:
    """Add what a group's table says of each row's cell."""
    begin, end = tables.ask_first[group], tables.ask_first[group + 1]
    inside = numbers.cell[tables.worth_first[group] : tables.worth_first[group + 1]]
    number_cells(
        codes, tables.start[group], begin, end, tables.ask_row, tables.ask_at, tables.ask_bit,
        tables.ask_step, len(inside), index, rows,
    )  # fmt: skip
    for chunk in range(tables.chunk_first[group], tables.chunk_first[group + 1]):
        if tables.width[chunk] == LANES:
            add8(tables.table, tables.base[chunk], index, rows, sums, tables.slots, LANES * chunk)
        else:
            add4(tables.table, tables.base[chunk], index, rows, sums, tables.slots, LANES * chunk)
    if len(leaf) and not numbers.within[group]:
        for at in range(rows):
            leaf[at] += inside[index[at]]


@compiled
def add_long(
    codes: Array, long: Any, leaf: int, met: Array, total: Array, totals: Array, raw: Array, rows: int
) -> None:
    """Add what a leaf says that has too many features on its way for a table.

    The Shapley weight of a product is an integral of a polynomial, which Gauss's quadrature gives exactly.
    """
    begin, end = long.part_first[leaf], long.part_first[leaf + 1]
    for row in range(rows):
        reached = True
        for part in range(begin, end):
            holds = True
            for ask in range(long.ask_first[part], long.ask_first[part + 1]):
                code = codes[long.ask_row[ask], row]
                right = (code & long.ask_at[ask]) != 0 if long.ask_bit[ask] else code > long.ask_at[ask]
                holds = holds and right == long.ask_right[ask]
            met[part - begin] = holds
            total[part - begin] = 0.0
            reached = reached and holds
        for node in range(len(long.nodes)):
            t, whole = long.nodes[node], long.weights[node]
            for part in range(begin, end):
                whole *= (1 - t) * long.share[part] + (t if met[part - begin] else 0.0)
            for part in range(begin, end):
                own = (1 - t) * long.share[part] + (t if met[part - begin] else 0.0)
                total[part - begin] += whole / own
        for part in range(begin, end):
            lift = (1.0 if met[part - begin] else 0.0) - long.share[part]
            totals[long.slot[part], row] += long.value[leaf] * lift * total[part - begin]
        if len(raw) and reached:
            raw[row] += long.value[leaf]


@compiled
def write_out(totals: Array, used: Array, scale: float, out: Array) -> None:
    """Write the sums of a block to its rows, shape (rows, features)."""
    for row in range(len(out)):
        for slot in range(len(used)):
            out[row, used[slot]] = scale * totals[slot, row]


@compiled
def choose(
    totals: Array, member_first: Array, member: Array, scale: float, rounding: float, base: float,
    index: Array, contribution: Array, share: Array, other: Array, raw: Array, members: Array,
) -> None:  # fmt: skip
    """The strongest groups of each row of a block; see ``strongest``."""
    groups, top = len(member_first) - 1, index.shape[1]
    total = np.empty(groups)
    best = np.empty(top)
    for row in range(len(index)):
        whole = 0.0
        size = 0.0
        kept = 0
        for group in range(groups):
            amount = 0.0
            for at in range(member_first[group], member_first[group + 1]):
                amount += scale * totals[member[at], row]
            total[group] = amount
            whole += amount
            size += abs(amount)
            key = np.rint(abs(amount) * rounding)
            if kept < top or (top > 0 and key > best[top - 1]):
                place = kept if kept < top else top - 1
                kept = min(kept + 1, top)
                while place > 0 and key > best[place - 1]:
                    best[place] = best[place - 1]
                    index[row, place] = index[row, place - 1]
                    place -= 1
                best[place] = key
                index[row, place] = group
        listed = 0.0
        for place in range(kept):
            group = index[row, place]
            listed += total[group]
            contribution[row, place] = total[group]
            share[row, place] = abs(total[group]) / size if size > 0 else 0.0
            begin = member_first[group]
            for at in range(begin, member_first[group + 1]):
                members[row, place, at - begin] = scale * totals[member[at], row]
        other[row] = whole - listed
        raw[row] = base + whole
