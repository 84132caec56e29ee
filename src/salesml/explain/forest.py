"""The trees of a LightGBM text as arrays: what each split asks, and what each leaf says."""

from __future__ import annotations

import itertools
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Places = NDArray[np.intp]

CATEGORICAL, DEFAULT_LEFT = 1, 2
"""Bits of ``decision_type``; the two bits above them hold the type of missing values."""

MISSING_NONE, MISSING_ZERO, MISSING_NAN = 0, 1, 2


@dataclass(frozen=True)
class Tree:
    """One tree: its leaves, and its splits from the root down.

    Parameters
    ----------
    value, count : ndarray of shape (leaves,)
        What a leaf adds to the raw score, and how many training rows fell into it, at least 1.
    feature, left, right : ndarray of shape (leaves - 1,)
        The position of each split's feature, and its children: a split's number, or ``~leaf``.
    threshold : ndarray of shape (leaves - 1,)
        Numbers up to it go left; of a split by category, the number of its set.
    decision : ndarray of shape (leaves - 1,)
        Bits: by category, missing goes left, type of missing.
    share : ndarray of shape (leaves - 1, 2)
        The part of a split's training rows that went left, and right.
    sets : tuple of ndarray of uint32
        The categories that go left, as sets of bits.
    mean : float
        The mean of its leaves, weighted by training rows: what it adds to the base value.
    """

    value: Floats
    count: Floats
    feature: Places
    left: Places
    right: Places
    threshold: Floats
    decision: Places
    share: Floats
    sets: tuple[NDArray[np.uint32], ...]
    mean: float

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
    return [_tree(block) for block in blocks(text)]


def blocks(text: str) -> list[str]:
    """The text of each tree, its number first."""
    body = text.partition("\nTree=")[2].partition("\nend of trees")[0]
    return body.split("\nTree=") if body else []


def _tree(block: str) -> Tree:
    lines = dict(line.split("=", 1) for line in block.split("\n") if "=" in line)
    value = _numbers(lines, "leaf_value")
    splits = len(value) - 1
    # A tree of one leaf may be written without a count.
    rows = _numbers(lines, "leaf_count")
    rows = rows if len(rows) == len(value) else np.ones(len(value))
    feature, left, right, decision = (
        _numbers(lines, key)[:splits].astype(np.intp)
        for key in ("split_feature", "left_child", "right_child", "decision_type")
    )
    inner = _numbers(lines, "internal_count")[:splits]
    inner = inner if len(inner) == splits else np.ones(splits)
    # A leaf without rows would divide by zero in a mean.
    return Tree(
        value, np.maximum(rows, 1.0), feature, left, right,
        _numbers(lines, "threshold")[:splits], decision, _shares(left, right, inner, rows), _sets(lines),
        float(rows / inner[0] @ value) if splits else float(value[0]),
    )  # fmt: skip


def _shares(left: Places, right: Places, inner: Floats, rows: Floats) -> Floats:
    """LightGBM divides the rows it counted in a child by those it counted in the split."""
    children = np.stack([left, right], axis=1)
    # Splits first, then leaves from the last to the first: ``~leaf`` counts from the end.
    counts = np.concatenate([inner, rows[::-1]])
    return np.asarray(counts[children] / np.maximum(inner, 1.0)[:, None])


def _sets(lines: dict[str, str]) -> tuple[NDArray[np.uint32], ...]:
    words = np.array(lines.get("cat_threshold", "").split(), dtype=np.uint32)
    bounds = np.array(lines.get("cat_boundaries", "").split(), dtype=np.intp)
    return tuple(words[start:end] for start, end in itertools.pairwise(bounds))


def _numbers(lines: dict[str, str], key: str) -> Floats:
    return np.array(lines.get(key, "").split(), dtype=np.float64)
