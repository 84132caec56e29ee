"""Compiled loops that fill tables with exact SHAP values. Import only where it is used: it brings numba.

Of a leaf with value v, on whose way feature j keeps the share z_j of rows when it is not known and 1 or 0 of
them (o_j) when it is, the path-dependent SHAP value is

    v (o_j - z_j) * integral over t from 0 to 1 of the product over i != j of (1 - t) z_i + t o_i

by the multilinear extension of the game (Owen, "Multilinear extensions of games", Management Science 18,
1972). The integrand is a polynomial in t, which Gauss-Legendre quadrature integrates exactly.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from salesml.explain.compiling import compiled
from salesml.explain.quadrature import NODES, WEIGHTS

Array = Any


@compiled
def patterns(value: float, share: Array, nodes: Array, weights: Array, out: Array, product: Array) -> None:
    """What a leaf adds to each feature on its way, for each pattern of conditions met.

    ``out`` has shape (features, 2 ** features).
    """
    features = len(share)
    size = 1 << features
    out[:features, :size] = 0.0
    for node in range(len(nodes)):
        t = nodes[node]
        product[0] = weights[node] * value
        for feature in range(features):
            not_met, met = (1 - t) * share[feature], (1 - t) * share[feature] + t
            half = 1 << feature
            for at in range(half):
                product[half + at] = product[at] * met
                product[at] *= not_met
        for feature in range(features):
            not_met, met = (1 - t) * share[feature], (1 - t) * share[feature] + t
            without, along = -share[feature] / not_met, (1 - share[feature]) / met
            half = 1 << feature
            for begin in range(0, size, 2 * half):
                for at in range(begin, begin + half):
                    out[feature, at] += product[at] * without
                for at in range(begin + half, begin + 2 * half):
                    out[feature, at] += product[at] * along


@compiled
def cell_patterns(sizes: Array, allowed: Array, features: int, found: Array) -> None:
    """The pattern of conditions that each cell meets, for one leaf."""
    found[0] = np.uint32((1 << features) - 1)
    cells, first = 1, 0
    for axis in range(len(sizes)):
        for number in range(sizes[axis] - 1, -1, -1):
            mask = allowed[first + number]
            for at in range(cells):
                found[number * cells + at] = found[at] & mask
        cells *= sizes[axis]
        first += sizes[axis]


@compiled
def fill(
    value: Array, end: Array, place: Array, share: Array, sizes: Array, allowed: Array, features: int,
    table: Array, base: Array, width: Array, worth: Array,
) -> None:  # fmt: skip
    """Fill the table of one group of leaves; ``worth`` takes the value of the leaf that a cell is in."""
    cells, most = 1, 0
    for axis in range(len(sizes)):
        cells *= sizes[axis]
    for leaf in range(len(value)):
        most = max(most, end[leaf + 1] - end[leaf])
    total = np.zeros((features, cells))
    found = np.empty(cells, dtype=np.uint32)
    out = np.empty((most, 1 << most))
    product = np.empty(1 << most)
    for leaf in range(len(value)):
        begin, stop = end[leaf], end[leaf + 1]
        exact = (stop - begin + 1) // 2
        patterns(value[leaf], share[begin:stop], NODES[exact][:exact], WEIGHTS[exact][:exact], out, product)
        cell_patterns(sizes, allowed[leaf], stop - begin, found)
        whole = np.uint32((1 << (stop - begin)) - 1)
        for cell in range(cells):
            if found[cell] == whole:
                worth[cell] = value[leaf]
        for part in range(stop - begin):
            for cell in range(cells):
                total[place[begin + part], cell] += out[part, found[cell]]
    for feature in range(features):
        chunk, lane = feature // 8, feature % 8
        for cell in range(cells):
            table[base[chunk] + cell * width[chunk] + lane] = total[feature, cell]


@compiled
def fill_half(
    value: float, told: float, share: Array, sizes: Array, allowed: Array, nodes: Array, weights: Array,
    table: Array, factor: Array, worth: Array,
) -> None:  # fmt: skip
    """Fill one half of a leaf's way: at each node the product over the half, and without each feature.

    ``table`` has shape (cells, nodes, features), ``factor`` shape (cells, nodes);
    ``worth`` takes what is ``told`` where all is met.
    """
    features = len(share)
    found = np.empty(len(factor), dtype=np.uint32)
    cell_patterns(sizes, allowed, features, found)
    for cell in range(len(factor)):
        worth[cell] = told if found[cell] == np.uint32((1 << features) - 1) else 0.0
        for node in range(len(nodes)):
            t = nodes[node]
            product = 1.0
            for feature in range(features):
                met = (found[cell] >> np.uint32(feature)) & np.uint32(1)
                product *= (1 - t) * share[feature] + (t if met else 0.0)
            factor[cell, node] = product
            for feature in range(features):
                met = (found[cell] >> np.uint32(feature)) & np.uint32(1)
                own = (1 - t) * share[feature] + (t if met else 0.0)
                lift = (1.0 if met else 0.0) - share[feature]
                table[cell, node, feature] = value * weights[node] * lift * product / own
