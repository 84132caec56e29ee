"""Compiled loops over leaves. Import this module only where it is used: it brings numba.

They release Python's lock, so that a thread pool can run them side by side. Nothing compiled is kept on
disk: numba's cache is made of pickles.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import numba
import numpy as np

Array = Any
F = TypeVar("F", bound=Callable[..., Any])
compiled: Callable[[F], F] = numba.njit(nogil=True)

TILE = 2048
"""Accounts whose codes lie together."""
TOGETHER = 8
"""Rows that are compared with a tile while it is in the processor's cache."""
STEP = 8
"""Trees that are compared in one pass over a tile."""
MOST_UNITS = 65_535
"""What the sums of units can hold."""
SEARCH = 31
"""Halvings of the range of weights."""


@compiled
def add_up(codes: Array, place: Array, code: Array, units: Array, steps: int, sums: Array) -> None:
    """Add to the sums of a tile's accounts the units of the trees whose leaf they share."""
    nothing = np.uint16(0)
    for at in range(0, steps * STEP, STEP):
        a, b, c, d = codes[place[at]], codes[place[at + 1]], codes[place[at + 2]], codes[place[at + 3]]
        e, f, g, h = codes[place[at + 4]], codes[place[at + 5]], codes[place[at + 6]], codes[place[at + 7]]
        p, q, r, s = code[at], code[at + 1], code[at + 2], code[at + 3]
        t, u, v, w = code[at + 4], code[at + 5], code[at + 6], code[at + 7]
        i, j, k, m = units[at], units[at + 1], units[at + 2], units[at + 3]
        n, o, x, y = units[at + 4], units[at + 5], units[at + 6], units[at + 7]
        for lane in range(len(sums)):
            sums[lane] += np.uint16(
                (i if a[lane] == p else nothing)
                + (j if b[lane] == q else nothing)
                + (k if c[lane] == r else nothing)
                + (m if d[lane] == s else nothing)
                + (n if e[lane] == t else nothing)
                + (o if f[lane] == u else nothing)
                + (x if g[lane] == v else nothing)
                + (y if h[lane] == w else nothing)
            )


@compiled
def light_below(weight: Array, share: float, total: int) -> int:
    """The weight such that all trees that weigh less weigh no more than a share of the total together."""
    low, high = 0, weight.max() + 1
    for _ in range(SEARCH):
        middle = (low + high) // 2
        light = 0
        for tree in range(len(weight)):
            light += weight[tree] if weight[tree] < middle else 0
        if light <= share * total:
            low = middle
        else:
            high = middle
    return low


@compiled
def plan(weight: Array, leaf: Array, share: float, place: Array, code: Array, units: Array) -> Any:
    """Which trees are compared for all accounts, and in what units: steps, unit, weight of the rest.

    Units are rounded up: sums of them times the unit, plus the rest, are never below the weight in common.
    """
    total = weight.sum()
    cut = max(1, light_below(weight, share, total))
    used, heavy = 0, 0
    for tree in range(len(weight)):
        if weight[tree] >= cut and used < MOST_UNITS // 2:
            place[used] = tree
            used += 1
            heavy += weight[tree]
    unit = heavy // (MOST_UNITS - used) + 1
    for at in range(used):
        code[at] = leaf[place[at]] & 255
        units[at] = (weight[place[at]] + unit - 1) // unit
    steps = (used + STEP - 1) // STEP
    for at in range(used, steps * STEP):
        place[at], code[at], units[at] = 0, 0, 0
    return steps, unit, total - heavy


@compiled
def in_common(one: Array, other: Array, weight: Array) -> Any:
    """The weight of the trees in which two rows share a leaf."""
    found = np.int64(0)
    for tree in range(len(weight)):
        found += weight[tree] if one[tree] == other[tree] else 0
    return found


@compiled
def insert(index: Array, common: Array, size: int, account: Any, weight: Any) -> int:
    """Put an account at its place: the greatest weight first, of equals the first account."""
    most = len(index)
    if size == most:
        last = most - 1
        if weight < common[last] or (weight == common[last] and account > index[last]):
            return size
        size -= 1
    at = size
    while at > 0 and (common[at - 1] < weight or (common[at - 1] == weight and index[at - 1] > account)):
        common[at], index[at] = common[at - 1], index[at - 1]
        at -= 1
    common[at], index[at] = weight, account
    return size + 1


@compiled
def choose(
    bounds: Array,
    unit: int,
    rest: int,
    leaf: Array,
    others: Array,
    weight: Array,
    index: Array,
    common: Array,
) -> None:
    """The accounts with the most in common, out of those whose bound lets them be."""
    accounts, most = len(others), len(index)
    likely, height = np.full(most, -1, np.int64), np.zeros(most, np.int64)
    size = 0
    for account in range(accounts):
        if size < most or bounds[account] > height[most - 1]:
            size = insert(likely, height, size, account, np.int64(bounds[account]))
    found = 0
    for at in range(size):
        weight_in_common = in_common(leaf, others[likely[at]], weight)
        if weight_in_common > 0:
            found = insert(index, common, found, likely[at], weight_in_common)
    known = np.sort(likely[:size])
    at = 0
    least = (max(common[most - 1] if found == most else 1, 1) - rest + unit - 1) // unit
    for account in range(accounts):
        if at < size and known[at] == account:
            at += 1
        elif bounds[account] >= least:
            weight_in_common = in_common(leaf, others[account], weight)
            if weight_in_common > 0:
                found = insert(index, common, found, account, weight_in_common)
                if found == most:
                    least = (common[most - 1] - rest + unit - 1) // unit


@compiled
def nearest(
    leaf: Array, first: Array, leaf_weight: Array, tiles: Array, others: Array, share: float,
    index: Array, common: Array, total: Array,
) -> None:  # fmt: skip
    """For each row the accounts with the most weight in common.

    ``index`` (rows, most) is filled with -1 and ``common`` with 0 by the caller. No account is missed: a
    bound on what it can have in common says which are looked at in full.
    """
    rows, trees = leaf.shape
    accounts = len(others)
    weight = np.zeros((TOGETHER, trees), np.int64)
    place = np.zeros((TOGETHER, trees + STEP), np.int64)
    code = np.zeros((TOGETHER, trees + STEP), np.uint8)
    units = np.zeros((TOGETHER, trees + STEP), np.uint16)
    planned = np.zeros((TOGETHER, 3), np.int64)
    bounds = np.zeros((TOGETHER, accounts), np.uint16)
    for begin in range(0, rows, TOGETHER):
        here = min(TOGETHER, rows - begin)
        bounds[:] = 0
        for q in range(here):
            for tree in range(trees):
                weight[q, tree] = leaf_weight[first[tree] + leaf[begin + q, tree]]
            total[begin + q] = weight[q].sum()
            steps, unit, rest = plan(weight[q], leaf[begin + q], share, place[q], code[q], units[q])
            planned[q, 0], planned[q, 1], planned[q, 2] = steps, unit, rest
        for tile in range(len(tiles)):
            for q in range(here):
                sums = bounds[q, tile * TILE : min(accounts, (tile + 1) * TILE)]
                add_up(tiles[tile], place[q], code[q], units[q], planned[q, 0], sums)
        for q in range(here):
            row = begin + q
            if total[row] > 0:
                choose(
                    bounds[q], planned[q, 1], planned[q, 2], leaf[row], others, weight[q],
                    index[row], common[row],
                )  # fmt: skip
