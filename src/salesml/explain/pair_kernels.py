"""Compiled loops over blocks of rows for leaves that are tabulated in two halves.

A row adds the parts of a half's cell, each times a factor of the other half's. Of all combinations of two
cells a block has few, so that each is multiplied out once and then added as the cell of any other table is.

Import this module only where it is used: it brings numba.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from salesml.explain.code_kernels import number_cells
from salesml.explain.compiling import compiled
from salesml.explain.tile import LANES, add8, make8, mix8

Array = Any


class Room(NamedTuple):
    """What loops over a block write to on their way, of as many rows as the block but for ``place``.

    Parameters
    ----------
    index, other : ndarray of uint16
        The cell of each row, in a group or in both halves of a leaf.
    met : ndarray of uint16
        Which of the combinations of two cells that the block has each row has.
    place : ndarray of uint16
        For each combination one more than its number, 0 before any row has it.
    seen : ndarray of int32
        The combinations by their numbers.
    first, second : ndarray of float32, LANES for each row
        What each combination adds.
    """

    index: Array
    other: Array
    met: Array
    place: Array
    seen: Array
    first: Array
    second: Array


@compiled
def add_pair(
    codes: Array, halves: Any, numbers: Any, pair: int, room: Any, sums: Array, leaf: Array, rows: int
) -> None:
    """Add what a leaf says that is tabulated in two halves, each multiplied by the other's factors."""
    one, two = 2 * pair, 2 * pair + 1
    first, second, last = halves.cell_first[one], halves.cell_first[two], halves.cell_first[two + 1]
    for half, cells, count in ((one, room.index, second - first), (two, room.other, last - second)):
        begin, end = halves.ask_first[half], halves.ask_first[half + 1]
        number_cells(
            codes, halves.start[half], begin, end, halves.ask_row, halves.ask_at, halves.ask_bit,
            halves.ask_step, count, cells, rows,
        )  # fmt: skip
    inside, met = numbers.half[first:second], numbers.half[second:last]
    within = -1
    if (second - first) * (last - second) <= len(room.place):
        found = combine(halves, first, second, last, room, rows)
        within = numbers.half_within[pair]
        if within >= 0:
            tell(inside, met, last - second, room, room.second if within else room.first, found)
        add8(room.first, 0, room.met, rows, sums, halves.slots, LANES * one)
        add8(room.second, 0, room.met, rows, sums, halves.slots, LANES * two)
    else:
        mix(halves, one, two, first, second, room, sums, rows)
    if len(leaf) and within < 0:
        for at in range(rows):
            leaf[at] += inside[room.index[at]] & met[room.other[at]]


@compiled
def tell(inside: Array, met: Array, width: int, room: Any, made: Array, found: int) -> None:
    """Put the number of the leaf into the last place of each combination, which no feature has."""
    for number in range(found):
        one, two = divmod(room.seen[number], width)
        made[LANES * number + LANES - 1] = inside[one] & met[two]


@compiled
def combine(halves: Any, first: int, second: int, last: int, room: Any, rows: int) -> int:
    """What each combination of two cells adds that a row of the block has, made once; how many there are."""
    place, seen, table, factor, by = room.place, room.seen, halves.table, halves.factor, LANES
    found = 0
    for at in range(rows):
        one, two = np.int64(room.index[at]), np.int64(room.other[at])
        both = one * (last - second) + two
        if place[both] == 0:
            make8(table, by * by * first, one, factor, by * second, two, room.first, found)
            make8(table, by * by * second, two, factor, by * first, one, room.second, found)
            seen[found] = both
            found += 1
            place[both] = found
        room.met[at] = place[both] - np.uint16(1)
    for number in range(found):
        place[seen[number]] = 0
    return found


@compiled
def mix(halves: Any, one: int, two: int, first: int, second: int, room: Any, sums: Array, rows: int) -> None:
    """As ``combine`` and adding it, row by row, where the combinations are too many to be numbered."""
    slots, table, factor, by = halves.slots, halves.table, halves.factor, LANES
    index, other = room.index, room.other
    mix8(table, by * by * first, index, factor, by * second, other, rows, sums, slots, by * one)
    mix8(table, by * by * second, other, factor, by * first, index, rows, sums, slots, by * two)
