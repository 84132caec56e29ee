"""The trees of a LightGBM text as arrays, and what each leaf says."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Tree:
    """One tree: its leaves, and its splits from the root down.

    Parameters
    ----------
    value, count : ndarray of shape (leaves,)
        What a leaf adds to the raw score, and how many training rows fell into it.
    feature, left, right : ndarray of shape (leaves - 1,)
        The position of each split's feature, and its children: a split's number, or ``~leaf``.
    """

    value: Floats
    count: Floats
    feature: NDArray[np.intp]
    left: NDArray[np.intp]
    right: NDArray[np.intp]

    @property
    def parts(self) -> list[dict[int, float]]:
        """For each leaf, what each feature on the way to it adds to the tree's mean.

        A split adds to its feature the mean of the branch taken less its own mean, both weighted by
        training rows, so the parts of a leaf add up to its value less the mean of the tree.

        References
        ----------
        Palczewska et al., "Interpreting random forest classification models using a feature
        contribution method", Integration of Reusable Systems (2014).
        """
        found: list[dict[int, float]] = [{} for _ in self.value]
        if not len(self.feature):
            return found
        means = self._means()
        waiting: list[tuple[int, dict[int, float]]] = [(0, {})]
        while waiting:
            node, before = waiting.pop()
            for child in (int(self.left[node]), int(self.right[node])):
                mean = means[child] if child >= 0 else float(self.value[~child])
                feature = int(self.feature[node])
                so_far = {**before, feature: before.get(feature, 0.0) + mean - means[node]}
                if child >= 0:
                    waiting.append((child, so_far))
                else:
                    found[~child] = so_far
        return found

    def _means(self) -> list[float]:
        """The mean of the leaves under each split; children always stand behind their parent."""
        sums, counts = [0.0] * len(self.feature), [0.0] * len(self.feature)
        for node in reversed(range(len(self.feature))):
            for child in (int(self.left[node]), int(self.right[node])):
                leaf = child < 0
                counts[node] += float(self.count[~child]) if leaf else counts[child]
                sums[node] += float(self.count[~child] * self.value[~child]) if leaf else sums[child]
        return [total / count for total, count in zip(sums, counts, strict=True)]


def read_trees(text: str) -> list[Tree]:
    """The trees of a model text, in their order.

    Parameters
    ----------
    text : str
        As LightGBM writes it; a bundle has checked its text before.
    """
    body = text.partition("\nTree=")[2].partition("\nend of trees")[0]
    return [_tree(block) for block in body.split("\nTree=")] if body else []


def _tree(block: str) -> Tree:
    lines = dict(line.split("=", 1) for line in block.split("\n") if "=" in line)
    value = _numbers(lines, "leaf_value")
    # A tree of one leaf may be written without a count; a leaf without rows would divide by zero.
    count = _numbers(lines, "leaf_count")
    count = np.maximum(count, 1.0) if len(count) == len(value) else np.ones(len(value))
    splits = [_numbers(lines, key).astype(np.intp) for key in ("split_feature", "left_child", "right_child")]
    feature, left, right = (part if len(value) > 1 else part[:0] for part in splits)
    return Tree(value, count, feature, left, right)


def _numbers(lines: dict[str, str], key: str) -> Floats:
    return np.array(lines.get(key, "").split(), dtype=np.float64)
