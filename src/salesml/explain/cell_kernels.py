"""Compiled loops over blocks of rows: codes, cells and what they add up to.

Import this module only where it is used: it brings numba.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from salesml.explain.codes import NAN_FIRST, NUMBER, SETS, ZERO_FIRST, ZERO_LAST
from salesml.explain.compiling import compiled
from salesml.explain.tile import LANES, add4, add8, mix8

Array = Any

ROWS = 4096
"""Rows of a block: each table is brought near the processor once for all of them."""

APART = 16
"""Numbers between the sums of one feature and the next, so that they do not compete for one place in the
first cache."""

TOGETHER = 256
"""Groups whose tables are added up in single precision before their sums go to the totals in double."""

NEAR_ZERO = 1e-35
"""LightGBM takes numbers up to it for 0."""


@compiled
def encode(
    X: Array, feature: Array, kind: Array, first: Array, threshold: Array, word: Array, codes: Array
) -> None:
    """The codes of a block of rows, shape (rows of codes, ROWS)."""
    rows = len(X)
    column = np.empty(rows)
    for row in range(len(feature)):
        for at in range(rows):
            value = X[at, feature[row]]
            column[at] = 0.0 if abs(value) <= NEAR_ZERO else value
        if kind[row] == SETS:
            words(column, word[first[row] : first[row + 1]], codes[row])
        else:
            number(column, kind[row], threshold[first[row] : first[row + 1]], codes[row])


@compiled
def words(column: Array, word: Array, codes: Array) -> None:
    """The bits of sets that each category is not in; all of them for one that no set names."""
    other = len(word) - 1
    for at in range(len(column)):
        value = column[at]
        known = value > -1.0 and value < other  # False for NaN
        codes[at] = word[int(value) if known else other]


@compiled
def number(column: Array, kind: int, threshold: Array, codes: Array) -> None:
    """1 + how many thresholds lie below each number; 0 or the last for what goes before or behind all."""
    size, rows = len(threshold), len(column)
    known = np.empty(rows)
    reach = np.zeros(rows, dtype=np.int64)
    for at in range(rows):
        known[at] = 0.0 if np.isnan(column[at]) else column[at]
    left = size
    while left > 0:
        half = (left + 1) // 2
        for at in range(rows):
            reach[at] += half if threshold[reach[at] + half - 1] < known[at] else 0
        left -= half
    first = kind in (NAN_FIRST, ZERO_FIRST)
    last, zero = not first and kind != NUMBER, kind in (ZERO_FIRST, ZERO_LAST)
    for at in range(rows):
        missing = np.isnan(column[at]) or (zero and column[at] == 0.0)
        codes[at] = (0 if first else size + 1) if missing and (first or last) else reach[at] + 1


@compiled
def number_cells(
    codes: Array, start: int, begin: int, end: int, ask_row: Array, ask_at: Array, ask_bit: Array,
    ask_step: Array, index: Array, rows: int,
) -> None:  # fmt: skip
    """The cell of each row: ``start`` and the steps of the questions it answers with yes."""
    for at in range(rows):
        index[at] = start
    for ask in range(begin, end):
        code, step, least = codes[ask_row[ask]], ask_step[ask], ask_at[ask]
        if ask_bit[ask]:
            for at in range(rows):
                index[at] += np.uint16(step if (code[at] & least) != 0 else np.uint16(0))
        else:
            for at in range(rows):
                index[at] += np.uint16(step if code[at] > least else np.uint16(0))


@compiled
def move(sums: Array, totals: Array, rows: int) -> None:
    """Add the sums to the totals, which are kept with more digits, and begin anew."""
    for slot in range(len(totals)):
        for at in range(rows):
            totals[slot, at] += sums[slot, at]
            sums[slot, at] = 0.0


@compiled
def add_up(
    codes: Array, start: Array, ask_first: Array, ask_row: Array, ask_at: Array, ask_bit: Array,
    ask_step: Array, chunk_first: Array, base: Array, width: Array, slots: Array, table: Array,
    index: Array, sums: Array, totals: Array, rows: int,
) -> None:  # fmt: skip
    """Add to the totals of a block, feature by feature, what each group's table says of each row's cell."""
    rows = (rows + LANES - 1) // LANES * LANES
    for group in range(len(start)):
        begin, end = ask_first[group], ask_first[group + 1]
        number_cells(codes, start[group], begin, end, ask_row, ask_at, ask_bit, ask_step, index, rows)
        for chunk in range(chunk_first[group], chunk_first[group + 1]):
            if width[chunk] == LANES:
                add8(table, base[chunk], index, rows, sums, slots, LANES * chunk)
            else:
                add4(table, base[chunk], index, rows, sums, slots, LANES * chunk)
        if group % TOGETHER == TOGETHER - 1:
            move(sums, totals, rows)
    move(sums, totals, rows)


@compiled
def add_halves(
    codes: Array, start: Array, ask_first: Array, ask_row: Array, ask_at: Array, ask_bit: Array,
    ask_step: Array, base: Array, by: Array, slots: Array, table: Array, factor: Array,
    index: Array, other: Array, sums: Array, totals: Array, rows: int,
) -> None:  # fmt: skip
    """Add what leaves say that are tabulated in two halves, each to be multiplied by the other's factors."""
    rows = (rows + LANES - 1) // LANES * LANES
    for one in range(0, len(start), 2):
        two = one + 1
        begin, middle, end = ask_first[one], ask_first[two], ask_first[two + 1]
        number_cells(codes, start[one], begin, middle, ask_row, ask_at, ask_bit, ask_step, index, rows)
        number_cells(codes, start[two], middle, end, ask_row, ask_at, ask_bit, ask_step, other, rows)
        mix8(table, base[one], index, factor, by[two], other, rows, sums, slots, LANES * one)
        mix8(table, base[two], other, factor, by[one], index, rows, sums, slots, LANES * two)
        if one // 2 % TOGETHER == TOGETHER - 1:
            move(sums, totals, rows)
    move(sums, totals, rows)


@compiled
def add_long(
    codes: Array, value: Array, part_first: Array, slot: Array, share: Array, ask_first: Array,
    ask_row: Array, ask_at: Array, ask_bit: Array, ask_right: Array, nodes: Array, weights: Array,
    totals: Array, rows: int,
) -> None:  # fmt: skip
    """Add what leaves say that have too many features on their way for a table.

    The Shapley weight of a product is an integral of a polynomial, which Gauss's quadrature gives exactly.
    """
    met = np.empty(256, dtype=np.bool_)
    total = np.empty(256)
    for leaf in range(len(value)):
        begin, end = part_first[leaf], part_first[leaf + 1]
        for row in range(rows):
            for part in range(begin, end):
                holds = True
                for ask in range(ask_first[part], ask_first[part + 1]):
                    code = codes[ask_row[ask], row]
                    right = (code & ask_at[ask]) != 0 if ask_bit[ask] else code > ask_at[ask]
                    holds = holds and right == ask_right[ask]
                met[part - begin] = holds
                total[part - begin] = 0.0
            for node in range(len(nodes)):
                whole = weights[node]
                for part in range(begin, end):
                    whole *= (1 - nodes[node]) * share[part] + (nodes[node] if met[part - begin] else 0.0)
                for part in range(begin, end):
                    own = (1 - nodes[node]) * share[part] + (nodes[node] if met[part - begin] else 0.0)
                    total[part - begin] += whole / own
            for part in range(begin, end):
                lift = (1.0 if met[part - begin] else 0.0) - share[part]
                totals[slot[part], row] += value[leaf] * lift * total[part - begin]


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
