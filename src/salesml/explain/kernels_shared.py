"""Compiled loops over what two rows share. Import this module only where it is used: it brings numba."""

from __future__ import annotations

from typing import Any

import numpy as np

from salesml.explain.kernels import Array, compiled

WITHHELD, NUMBER, SAME = 0, 1, 2
"""How a feature may be told: never; as a range of two numbers; only where both have the same value."""


@compiled
def add_parts(leaf: Array, other: Array, first: Array, parts: Array, together: Array, sums: Array) -> None:
    """Add up, by feature, the parts of the leaves that two rows share; ``together`` is room for them."""
    count = 0
    for tree in range(len(leaf)):
        together[count] = first[tree] + leaf[tree]
        count += leaf[tree] == other[tree]
    together[count : count + 3] = len(parts) - 1
    sums[:] = 0.0
    for at in range(0, count, 4):
        a, b = parts[together[at]], parts[together[at + 1]]
        c, d = parts[together[at + 2]], parts[together[at + 3]]
        for place in range(len(sums)):
            sums[place] += (a[place] + b[place]) + (c[place] + d[place])


@compiled
def totals(leaf: Array, first: Array, parts: Array, group: Array, found: Array) -> None:
    """What each group of features adds to each row, into ``found`` (rows, groups), which is zero before."""
    sums = np.zeros(len(group), np.float32)
    together = np.zeros(leaf.shape[1] + 4, np.int64)
    for row in range(len(leaf)):
        add_parts(leaf[row], leaf[row], first, parts, together, sums)
        for place in range(len(group)):
            found[row, group[place]] += sums[place]


@compiled
def may_be_told(how: int, one: float, other: float) -> Any:
    """Whether a sentence of a feature's values is true of both rows."""
    if how == WITHHELD:
        return False
    if np.isnan(one) or np.isnan(other):
        return np.isnan(one) and np.isnan(other)
    return how == NUMBER or one == other


@compiled
def leading(
    sums: Array, group: Array, common: Array, how: Array, one: Array, other: Array, found: Array
) -> None:
    """For each group the feature to tell: of those that may be told and lean its way, the strongest."""
    found[:] = -1
    for position in range(len(group)):
        here = group[position]
        along = sums[position] * common[here] > 0
        stronger = found[here] < 0 or abs(sums[position]) > abs(sums[found[here]])
        if along and stronger and may_be_told(how[position], one[position], other[position]):
            found[here] = position


@compiled
def shared(
    leaf: Array, index: Array, others: Array, first: Array, parts: Array,
    group: Array, how: Array, told: Array, told_others: Array, own: Array, own_others: Array,
    least: Array, decimals: float, found: Array,
) -> None:  # fmt: skip
    """For each row and account, the features to tell, strongest group first, into ``found``; -1 for none."""
    groups, top = own.shape[1], found.shape[2]
    sums, common = np.zeros(len(group), np.float32), np.zeros(groups)
    together = np.zeros(leaf.shape[1] + 4, np.int64)
    lead = np.zeros(groups, np.int64)
    for row in range(len(leaf)):
        for place in range(index.shape[1]):
            account = index[row, place]
            if account < 0:
                continue
            add_parts(leaf[row], others[account], first, parts, together, sums)
            common[:] = 0.0
            for position in range(len(group)):
                common[group[position]] += sums[position]
            leading(sums, group, common, how, told[row], told_others[account], lead)
            for here in range(groups):
                most = max(abs(own[row, here]), abs(own_others[account, here]))
                alike = lead[here] >= 0 and abs(common[here]) >= least[row, place] * most
                common[here] = np.rint(abs(common[here]) * decimals) if alike else 0.0
            for at in range(top):
                best = np.argmax(common)
                if common[best] <= 0:
                    break
                found[row, place, at] = lead[best]
                common[best] = 0.0
