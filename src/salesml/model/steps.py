"""A score that is a sum over columns, as LightGBM trees: one tree per column, a leaf for each bin.

A column's part of such a score is a step function of that column alone, so a tree that asks for nothing
else says exactly the same, and its SHAP values are exact as those of any tree.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from salesml.model.tree_text import CATEGORICAL, MISSING_APART, bits, in_text

Floats = NDArray[np.float64]

GREATEST = float(np.finfo(np.float64).max)
"""Every known number goes left of it."""


@dataclass(frozen=True)
class Steps:
    """The bins of one column; the last bin is that of missing values.

    Parameters
    ----------
    place : int
        The column's position.
    edges : ndarray of shape (bins - 2,) or None
        A number at most the first edge falls into bin 0, and so on; None for a category, whose bins are
        its codes.
    counts : ndarray of shape (bins,)
        Training rows in each bin.
    """

    place: int
    edges: Floats | None
    counts: NDArray[np.intp]

    def bins(self, column: Floats) -> NDArray[np.intp]:
        """The bin of each value."""
        last = len(self.counts) - 1
        known = np.where(np.isnan(column), 0.0, column)
        found = known.astype(np.intp) if self.edges is None else np.searchsorted(self.edges, known)
        return np.where(np.isnan(column), last, found)

    def tree(self, values: Floats) -> str:
        """The tree, in LightGBM's text, whose leaf for each bin holds its value.

        Parameters
        ----------
        values : ndarray of shape (bins,)
        """
        return _Writer(self, values).text()


def constant(value: float) -> str:
    """A tree of one leaf."""
    return _text({"num_leaves": [1], "num_cat": [0], "leaf_value": [value]})


class _Writer:
    """Balanced splits over the bins in order; missing always goes right, so its bin is the last.

    Levels of a category that are worth the same share a leaf, however many they are.
    """

    def __init__(self, steps: Steps, values: Floats) -> None:
        self.steps = steps
        self.category = steps.edges is None
        self.groups = _alike(values) if self.category else [np.array([place]) for place in range(len(values))]
        self.values = values[[group[0] for group in self.groups]]
        self.edges = [] if steps.edges is None else steps.edges.tolist()
        self.missing = self.category or steps.counts[-1] > 0
        # A leaf without rows would divide by zero in SHAP.
        self.counts = np.array([max(int(steps.counts[group].sum()), 1) for group in self.groups])
        self.nodes: dict[str, list[float]] = {
            key: []
            for key in (
                "threshold",
                "decision_type",
                "left_child",
                "right_child",
                "internal_value",
                "internal_count",
            )
        }
        self.sets: list[int] = []
        self.bounds = [0]

    def text(self) -> str:
        number = len(self.values) - (0 if self.missing else 1)
        if number == 1:
            return constant(float(self.values[0]))
        self._node(0, number)
        leaves = [float(value) for value in self.values[:number]]
        counts = [int(count) for count in self.counts[:number]]
        columns: dict[str, Sequence[float]] = {
            "num_leaves": [number],
            "num_cat": [len(self.bounds) - 1],
            "split_feature": [self.steps.place] * (number - 1),
            "split_gain": [0] * (number - 1),
            **self.nodes,
            "internal_weight": self.nodes["internal_count"],
            "leaf_value": leaves,
            "leaf_weight": counts,
            "leaf_count": counts,
        }
        if self.category:
            columns |= {"cat_boundaries": self.bounds, "cat_threshold": self.sets}
        return _text(columns)

    def _node(self, first: int, end: int) -> int:
        """Write the splits over the bins [first, end) and return the node, or the leaf as LightGBM counts."""
        if end - first == 1:
            return ~first
        apart = not self.category and self.missing and end == len(self.values)
        middle = end - 1 if apart else (first + end) // 2
        place = len(self.nodes["threshold"])
        count = int(self.counts[first:end].sum())
        mean = float(np.average(self.values[first:end], weights=self.counts[first:end]))
        self.nodes["internal_count"].append(count)
        self.nodes["internal_value"].append(mean)
        if self.category:
            self.nodes["decision_type"].append(CATEGORICAL | MISSING_APART)
            self.nodes["threshold"].append(self._set(first, middle))
        else:
            self.nodes["decision_type"].append(MISSING_APART if self.missing else 0)
            self.nodes["threshold"].append(GREATEST if apart else self.edges[middle - 1])
        for side in ("left_child", "right_child"):
            self.nodes[side].append(0)
        self.nodes["left_child"][place] = self._node(first, middle)
        self.nodes["right_child"][place] = self._node(middle, end)
        return place

    def _set(self, first: int, end: int) -> int:
        """Write the set of the codes of the groups [first, end) and return its number."""
        self.sets += bits(np.concatenate(self.groups[first:end]))
        self.bounds.append(len(self.sets))
        return len(self.bounds) - 2


def _alike(values: Floats) -> list[NDArray[np.intp]]:
    """The codes of each value, in the order of their first; that of missing stays alone, and last."""
    last = len(values) - 1
    _, first, group = np.unique(values[:last], return_index=True, return_inverse=True)
    codes = np.split(np.argsort(group, kind="stable"), np.cumsum(np.bincount(group))[:-1])
    return [*(codes[place] for place in np.argsort(first)), np.array([last])]


def _text(columns: dict[str, Sequence[float]]) -> str:
    fields = {key: " ".join(map(repr, values)) for key, values in columns.items()}
    return in_text({**fields, "is_linear": "0", "shrinkage": "1"})
