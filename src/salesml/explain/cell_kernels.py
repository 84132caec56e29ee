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

ROWS = 16_384
"""Rows of a block: each table is brought near the processor once for all of them."""

LEAST = 4096
"""Rows of a block where there are threads that would otherwise have none."""

APART = 16
"""Numbers between the sums of one feature and the next, so that they do not compete for one place in the
first cache."""

TOGETHER = 256
"""Groups whose tables are added up in single precision before their sums go to the totals in double."""

NEAR_ZERO = 1e-35
"""LightGBM takes numbers up to it for 0."""


@compiled
def encode(columns: Array, begin: int, rows: int, rule: Any, codes: Array) -> None:
    """The codes of a block of rows, shape (rows of codes, at least rows), by the rule of the model.

    The block stands in ``columns``, shape (features, all rows), from the row ``begin`` on.
    """
    column = np.empty(rows)
    for row in range(len(rule.feature)):
        first, end = rule.first[row], rule.first[row + 1]
        for at in range(rows):
            value = columns[rule.feature[row], begin + at]
            column[at] = 0.0 if abs(value) <= NEAR_ZERO else value
        if rule.kind[row] == SETS:
            words(column, rule.word[first:end], codes[row])
        else:
            number(column, rule.kind[row], rule.threshold[first:end], codes[row])


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
    ask_step: Array, cells: int, index: Array, rows: int,
) -> None:  # fmt: skip
    """The cell of each row: ``start`` and the steps of the questions it answers with yes.

    None is beyond the last one, whatever a file of tables says.
    """
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
    last = np.uint16(cells - 1)
    for at in range(rows):
        index[at] = min(index[at], last)


@compiled
def move(sums: Array, totals: Array, rows: int) -> None:
    """Add the sums to the totals, which are kept with more digits, and begin anew."""
    for slot in range(len(totals)):
        for at in range(rows):
            totals[slot, at] += sums[slot, at]
            sums[slot, at] = 0.0


@compiled
def add_all(
    codes: Array, tables: Any, halves: Any, long: Any, numbers: Any, index: Array, other: Array, leaf: Array,
    sums: Array, totals: Array, raw: Array, rows: int,
) -> None:  # fmt: skip
    """Add to the totals of a block, feature by feature, what all trees say of each row.

    ``raw`` takes the raw scores, or nothing where it and ``leaf`` are empty: leaf values one tree after the
    other, as LightGBM adds them, so that they are the same to the last bit. ``leaf`` holds zeros, and is for
    the number of each row's leaf.
    """
    rows = (rows + LANES - 1) // LANES * LANES
    met, total = np.empty(256, dtype=np.bool_), np.empty(256)
    added = 0
    for tree in range(len(tables.constant)):
        for group in range(tables.tree_first[tree], tables.tree_first[tree + 1]):
            add_group(codes, tables, numbers.cell, group, index, sums, leaf, rows)
            added += 1
            if added % TOGETHER == 0:
                move(sums, totals, rows)
        for pair in range(halves.tree_first[tree], halves.tree_first[tree + 1]):
            add_pair(codes, halves, numbers.half, pair, index, other, sums, leaf, rows)
            added += 1
            if added % TOGETHER == 0:
                move(sums, totals, rows)
        if len(raw):
            add_values(numbers.value[numbers.first[tree] : numbers.first[tree + 1]], leaf, raw, rows)
        for each in range(long.tree_first[tree], long.tree_first[tree + 1]):
            add_long(codes, long, each, met, total, totals, raw, rows)
        if tables.constant[tree] != 0.0:
            for at in range(len(raw)):
                raw[at] += tables.constant[tree]
    move(sums, totals, rows)


@compiled
def add_values(value: Array, leaf: Array, raw: Array, rows: int) -> None:
    """Add the value of the leaf that each row is in, none beyond the last, and begin anew."""
    last = len(value) - 1
    for at in range(rows):
        raw[at] += value[min(leaf[at], last)]
        leaf[at] = 0


@compiled
def add_group(
    codes: Array, tables: Any, number: Array, group: int, index: Array, sums: Array, leaf: Array, rows: int
) -> None:
    """Add what a group's table says of each row's cell."""
    begin, end = tables.ask_first[group], tables.ask_first[group + 1]
    inside = number[tables.worth_first[group] : tables.worth_first[group + 1]]
    number_cells(
        codes, tables.start[group], begin, end, tables.ask_row, tables.ask_at, tables.ask_bit,
        tables.ask_step, len(inside), index, rows,
    )  # fmt: skip
    for chunk in range(tables.chunk_first[group], tables.chunk_first[group + 1]):
        if tables.width[chunk] == LANES:
            add8(tables.table, tables.base[chunk], index, rows, sums, tables.slots, LANES * chunk)
        else:
            add4(tables.table, tables.base[chunk], index, rows, sums, tables.slots, LANES * chunk)
    if len(leaf):
        for at in range(rows):
            leaf[at] += inside[index[at]]


@compiled
def add_pair(
    codes: Array, halves: Any, number: Array, pair: int, index: Array, other: Array, sums: Array, leaf: Array,
    rows: int,
) -> None:  # fmt: skip
    """Add what a leaf says that is tabulated in two halves, each multiplied by the other's factors."""
    one, two = 2 * pair, 2 * pair + 1
    first, second, last = halves.cell_first[one], halves.cell_first[two], halves.cell_first[two + 1]
    for half, cells, count in ((one, index, second - first), (two, other, last - second)):
        begin, end = halves.ask_first[half], halves.ask_first[half + 1]
        number_cells(
            codes, halves.start[half], begin, end, halves.ask_row, halves.ask_at, halves.ask_bit,
            halves.ask_step, count, cells, rows,
        )  # fmt: skip
    slots, table, factor, by = halves.slots, halves.table, halves.factor, LANES
    mix8(table, by * by * first, index, factor, by * second, other, rows, sums, slots, by * one)
    mix8(table, by * by * second, other, factor, by * first, index, rows, sums, slots, by * two)
    if len(leaf):
        inside, met = number[first:second], number[second:last]
        for at in range(rows):
            leaf[at] += inside[index[at]] & met[other[at]]


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
