"""Similarity and what is shared, written out from LightGBM's own dump of a model."""

from __future__ import annotations

from typing import Any

import lightgbm as lgb
import numpy as np


def leaves(node: dict[str, Any]) -> list[dict[str, Any]]:
    if "leaf_value" in node:
        return [node]
    return leaves(node["left_child"]) + leaves(node["right_child"])


def mean(node: dict[str, Any]) -> float:
    below = leaves(node)
    values, counts = ([leaf.get(key, 1) for leaf in below] for key in ("leaf_value", "leaf_count"))
    return float(np.average(values, weights=np.maximum(counts, 1)))


def parts(node: dict[str, Any], features: int) -> dict[int, np.ndarray]:
    """For each leaf below a node, what each feature adds on the way from there."""
    if "leaf_value" in node:
        return {node.get("leaf_index", 0): np.zeros(features)}
    found = {}
    for child in (node["left_child"], node["right_child"]):
        for leaf, part in parts(child, features).items():
            found[leaf] = part.copy()
            found[leaf][node["split_feature"]] += mean(child) - mean(node)
    return found


class Brute:
    """Every pair of rows compared tree by tree."""

    def __init__(self, text: str, features: int) -> None:
        self.booster = lgb.Booster(model_str=text)
        self.trees = [tree["tree_structure"] for tree in self.booster.dump_model()["tree_info"]]
        self.parts = [parts(tree, features) for tree in self.trees]
        self.weight = [
            {leaf.get("leaf_index", 0): abs(leaf["leaf_value"] - mean(tree)) for leaf in leaves(tree)}
            for tree in self.trees
        ]

    def leaf(self, coded: np.ndarray) -> np.ndarray:
        if not len(coded):
            return np.zeros((0, len(self.trees)), dtype=int)
        found = np.asarray(self.booster.predict(coded, pred_leaf=True))
        return found.reshape(len(coded), len(self.trees)).astype(int)

    def similarity(self, rows: np.ndarray, accounts: np.ndarray) -> np.ndarray:
        """Shape (rows, accounts)."""
        one, other = self.leaf(rows), self.leaf(accounts)
        found = np.zeros((len(rows), len(accounts)))
        for row in range(len(rows)):
            weights = np.array([self.weight[tree][leaf] for tree, leaf in enumerate(one[row])])
            if weights.sum() > 0:
                found[row] = ((other == one[row]) * weights).sum(axis=1) / weights.sum()
        return found

    def common(self, row: np.ndarray, account: np.ndarray) -> np.ndarray:
        """By feature, what the leaves that two rows share add to both."""
        one, other = self.leaf(row[None])[0], self.leaf(account[None])[0]
        shared = [tree for tree in range(len(self.trees)) if one[tree] == other[tree]]
        return np.sum([self.parts[tree][one[tree]] for tree in shared] or [np.zeros(len(row))], axis=0)
