"""Compiled loops over blocks of rows: their codes, and the cells that they are in.

Import this module only where it is used: it brings numba.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from salesml.explain.codes import NAN_FIRST, NUMBER, SETS, ZERO_FIRST, ZERO_LAST
from salesml.explain.compiling import compiled

Array = Any

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
    ask = begin
    while ask < end:
        code, step, least = codes[ask_row[ask]], ask_step[ask], ask_at[ask]
        if ask_bit[ask]:
            for at in range(rows):
                index[at] += np.uint16(step if (code[at] & least) != 0 else np.uint16(0))
        elif ask + 1 < end and not ask_bit[ask + 1]:
            ask += 1  # two at once, so that the cells are read and written half as often
            other, far, more = codes[ask_row[ask]], ask_step[ask], ask_at[ask]
            for at in range(rows):
                near = np.uint16(step if code[at] > least else np.uint16(0))
                index[at] += near + np.uint16(far if other[at] > more else np.uint16(0))
        else:
            for at in range(rows):
                index[at] += np.uint16(step if code[at] > least else np.uint16(0))
        ask += 1
    last = np.uint16(cells - 1)
    for at in range(rows):
        index[at] = min(index[at], last)
